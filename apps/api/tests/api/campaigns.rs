use crate::harness::TestApi;
use serde_json::{Value, json};

const CAMPAIGNS: &str = "/api/v1/campaigns";

async fn with_template() -> (TestApi, String, i64) {
    let (api, token) = TestApi::with_admin().await;
    let text = json!({"type": "text", "name": "hello", "content": "歡迎"});
    let template = api.create("/api/v1/templates", &token, text).await;
    (api, token, template)
}

fn to_all(template: i64) -> Value {
    json!({"title": "中秋", "template_id": template, "target_audience": {"type": "all"}})
}

#[actix_web::test]
async fn a_campaign_is_written_scheduled_withdrawn_and_deleted() {
    let (api, token, template) = with_template().await;
    let id = api.create(CAMPAIGNS, &token, to_all(template)).await;
    let campaign = format!("{CAMPAIGNS}/{id}");
    let draft = api.get(&campaign, &token).await.data();
    assert_eq!(draft["status"], "draft");
    assert_eq!(draft["created_by"]["username"], "admin");
    assert_eq!(draft["target_audience"], json!({"type": "all"}));
    assert_eq!(draft["template"]["type"], "text");
    assert_eq!(draft["open_rate"], json!(0.0));

    // The hotel's own time: eight hours ahead of UTC.
    let year = chrono::Datelike::year(&api.crm.clock.now()) + 1;
    let time = json!({"scheduled_at": format!("{year}-10-10T10:00:00")});
    let scheduled = api.put(&campaign, &token, time).await.data();
    assert_eq!(scheduled["status"], "scheduled");
    assert_eq!(scheduled["scheduled_at"], format!("{year}-10-10T02:00:00Z"));
    assert_eq!(
        api.delete(&campaign, &token).await.refusal().1,
        "campaign_wrong_state"
    );

    let list = api
        .get(&format!("{CAMPAIGNS}?status=scheduled"), &token)
        .await
        .data();
    assert_eq!(list["total"], 1);
    assert_eq!(list["summary"]["scheduled"], 1);
    assert_eq!(list["summary"]["draft"], 0);

    let back = api
        .put(&campaign, &token, json!({"scheduled_at": null}))
        .await;
    assert_eq!(back.data()["status"], "draft");
    assert_eq!(api.delete(&campaign, &token).await.status, 200);
}

#[actix_web::test]
async fn what_would_be_sent_can_be_seen_and_an_empty_audience_is_not_sent() {
    let (api, token, template) = with_template().await;
    let id = api.create(CAMPAIGNS, &token, to_all(template)).await;
    let campaign = format!("{CAMPAIGNS}/{id}");
    let preview = api.get(&format!("{campaign}/preview"), &token).await.data();
    assert_eq!(preview["estimated_recipients"], 0, "{preview}");
    assert_eq!(
        preview["quota"],
        json!({"type": "limited", "limit": 1000, "used": 10, "remaining": 990})
    );
    let sent = api
        .post(&format!("{campaign}/send"), &token, json!({}))
        .await;
    assert_eq!(sent.refusal(), (409, "audience_empty".into(), vec![]));
    let paused = api
        .post(&format!("{campaign}/pause"), &token, json!({}))
        .await;
    assert_eq!(paused.json()["details"]["status"], "draft");
    let nobody = api
        .get(&format!("{campaign}/recipients?status=opened"), &token)
        .await;
    assert_eq!(nobody.data()["items"], json!([]));
}

#[actix_web::test]
async fn a_send_answers_as_soon_as_its_plan_is_frozen() {
    let (api, token, template) = with_template().await;
    let body =
        json!({"events": [{"webhookEventId": "e1", "user": "U4af4980629d2f4f4a6b5e8d1c3a79b20"}]});
    api.follow(&body).await;
    let id = api.create(CAMPAIGNS, &token, to_all(template)).await;
    let sent = api
        .post(&format!("{CAMPAIGNS}/{id}/send"), &token, json!({}))
        .await;
    assert_eq!(sent.status, 202, "{}", sent.text);
    assert_eq!(sent.data()["recipient_count"], 1);
    assert_eq!(sent.data()["status"], "sending");
    let again = api
        .post(&format!("{CAMPAIGNS}/{id}/send"), &token, json!({}))
        .await;
    assert_eq!(again.refusal().1, "campaign_wrong_state");
    let rows = api
        .get(&format!("{CAMPAIGNS}/{id}/recipients"), &token)
        .await;
    assert_eq!(rows.data()["items"][0]["status"], "pending");
    let paused = api
        .post(&format!("{CAMPAIGNS}/{id}/pause"), &token, json!({}))
        .await;
    assert_eq!(paused.data()["status_reason"], "by_user");
    let resumed = api
        .post(&format!("{CAMPAIGNS}/{id}/resume"), &token, json!({}))
        .await;
    assert_eq!(resumed.data()["status"], "sending");
    let cancelled = api
        .post(&format!("{CAMPAIGNS}/{id}/cancel"), &token, json!({}))
        .await;
    assert_eq!(cancelled.data()["skipped_count"], 1);
}

#[actix_web::test]
async fn an_audience_that_makes_no_sense_is_told_by_its_field() {
    let (api, token, template) = with_template().await;
    let estimate = "/api/v1/campaigns/audience-estimate";
    for (audience, field) in [
        (json!({"type": "tags"}), "target_audience.include_tags"),
        (
            json!({"type": "tags", "include_tags": [404]}),
            "target_audience.include_tags[0]",
        ),
        (
            json!({"type": "tags", "include_tags": ["x"]}),
            "target_audience.include_tags[0]",
        ),
        (json!({"type": "vip"}), "target_audience.type"),
        (json!({"type": "all", "tags": []}), "target_audience.tags"),
        (json!({}), "target_audience.type"),
        (json!(null), "target_audience"),
    ] {
        let body = json!({"target_audience": audience});
        let counted = api.post(estimate, &token, body.clone()).await;
        assert_eq!(
            (counted.status, counted.refusal().2),
            (400, vec![field.to_owned()]),
            "{body}"
        );
        let mut whole = to_all(template);
        whole["target_audience"] = audience;
        let written = api.post(CAMPAIGNS, &token, whole).await;
        assert_eq!(
            (written.status, written.refusal().2),
            (400, vec![field.to_owned()]),
            "{body}"
        );
    }
    for at in ["", "2020-01-01T00:00:00Z", "soon"] {
        let mut body = to_all(template);
        body["scheduled_at"] = json!(at);
        let reply = api.post(CAMPAIGNS, &token, body).await;
        assert_eq!(
            (reply.status, reply.refusal().2),
            (400, vec!["scheduled_at".to_owned()]),
            "{at}"
        );
    }
}

#[actix_web::test]
async fn a_campaign_is_tested_retried_and_activated_only_where_that_makes_sense() {
    let (api, token, template) = with_template().await;
    let body =
        json!({"events": [{"webhookEventId": "e1", "user": "U4af4980629d2f4f4a6b5e8d1c3a79b20"}]});
    api.follow(&body).await;
    let members = api.get("/api/v1/members", &token).await.data();
    let member = members["items"][0]["id"].clone();
    let id = api.create(CAMPAIGNS, &token, to_all(template)).await;
    let campaign = format!("{CAMPAIGNS}/{id}");
    for (members, field) in [
        (json!([]), "member_ids"),
        (json!(vec![1; 21]), "member_ids"),
        (json!([member, 999_999]), "member_ids[1]"),
        (json!(["x"]), "member_ids[0]"),
    ] {
        let body = json!({"member_ids": members});
        let tested = api
            .post(&format!("{campaign}/test-send"), &token, body)
            .await;
        let refusal = (tested.status, tested.refusal().2);
        assert_eq!(refusal, (400, vec![field.to_owned()]), "{}", tested.text);
    }
    let body = json!({"member_ids": [member, member]});
    let tested = api
        .post(&format!("{campaign}/test-send"), &token, body)
        .await;
    assert_eq!(tested.data()[0]["status"], "failed", "this LINE is quiet");
    assert_eq!(tested.data()[1], json!(null), "each once");
    let shown = api.get(&campaign, &token).await.data();
    assert_eq!(
        (&shown["recipient_count"], &shown["status"]),
        (&json!(0), &json!("draft"))
    );

    let active = api
        .post(&format!("{campaign}/activate"), &token, json!({}))
        .await;
    assert_eq!(active.refusal().1, "trigger_missing");
    let retried = api
        .post(&format!("{campaign}/retry-failed"), &token, json!({}))
        .await;
    assert_eq!(retried.refusal().1, "campaign_wrong_state");
    let odd = format!("{campaign}/retry-failed?include_unknown=perhaps");
    let odd = api.post(&odd, &token, json!({})).await;
    assert_eq!(
        (odd.status, odd.refusal().2),
        (400, vec!["include_unknown".to_owned()])
    );

    let trigger = json!({"type": "friend_days", "days_range": [0, 7]});
    let put = json!({"trigger_condition": trigger});
    assert_eq!(api.put(&campaign, &token, put).await.status, 200);
    let active = api
        .post(&format!("{campaign}/activate"), &token, json!({}))
        .await;
    assert_eq!(
        (&active.data()["status"], &active.data()["recurring"]),
        (&json!("active"), &json!(true))
    );
    let sent = api
        .post(&format!("{campaign}/send"), &token, json!({}))
        .await;
    assert_eq!(sent.refusal().1, "campaign_wrong_state");
    for (step, status) in [
        ("pause", "paused"),
        ("resume", "active"),
        ("cancel", "cancelled"),
    ] {
        let reply = api
            .post(&format!("{campaign}/{step}"), &token, json!({}))
            .await;
        assert_eq!(reply.data()["status"], status);
    }
}

#[actix_web::test]
async fn a_rule_that_makes_no_sense_is_told_by_its_path() {
    let (api, token, template) = with_template().await;
    let known = json!({"known": "email"});
    let deep = (0..8).fold(known.clone(), |inner, _| json!({"not": inner}));
    for (rule, path) in [
        (json!({"all": []}), ".all"),
        (json!({}), ""),
        (json!({"known": "email", "source": ["line"]}), ""),
        (json!({"any": [known, {"vip": true}]}), ".any[1].vip"),
        (
            json!({"all": [known, {"stays": {"count": {"from": "two"}}}]}),
            ".all[1].stays.count.from",
        ),
        (
            json!({"all": [known, {"stays": {"count": {"from": 3, "to": 2}}}]}),
            ".all[1].stays.count",
        ),
        (
            json!({"stays": {"amount": {"from": 0.001}}}),
            ".stays.amount.from",
        ),
        (json!({"stays": {"times": 2}}), ".stays.times"),
        (json!({"gender": ["robot"]}), ".gender[0]"),
        (deep, ".not.not.not.not.not.not.not.not"),
        (
            json!({"not": {"tags": {"none_of": [404]}}}),
            ".not.tags.none_of[0]",
        ),
        (
            json!({"campaign": {"any_of": [404], "did": "got"}}),
            ".campaign.any_of[0]",
        ),
        (json!({"campaign": {"any_of": [1]}}), ".campaign.did"),
    ] {
        let field = vec![format!("target_audience.rule{path}")];
        let audience = json!({"type": "rules", "rule": rule});
        let body = json!({"target_audience": audience});
        let estimate = format!("{CAMPAIGNS}/audience-estimate");
        let counted = api.post(&estimate, &token, body.clone()).await;
        let told = (counted.status, counted.refusal().2);
        assert_eq!(told, (400, field.clone()), "{body}");
        let mut whole = to_all(template);
        whole["target_audience"] = audience;
        let written = api.post(CAMPAIGNS, &token, whole).await;
        assert_eq!(
            (written.status, written.refusal().2),
            (400, field),
            "{body}"
        );
    }
}

#[actix_web::test]
async fn a_campaign_by_rules_is_counted_and_kept_as_it_was_written() {
    let (api, token, template) = with_template().await;
    let earlier = api.create(CAMPAIGNS, &token, to_all(template)).await;
    let audience = json!({"type": "rules", "rule": {"all": [
        {"not": {"stays": {"amount": {"from": 20000.5}, "within_days": 365}}},
        {"any": [{"source": ["line"]}, {"age": {"from": 18, "to": 30}}]},
        {"not": {"campaign": {"any_of": [earlier], "did": "got"}}}
    ]}});
    let follow =
        json!({"events": [{"webhookEventId": "e1", "user": "U4af4980629d2f4f4a6b5e8d1c3a79b20"}]});
    api.follow(&follow).await;
    let body = json!({"target_audience": audience, "trigger_condition":
        {"type": "friend_days", "days_range": [0, 36500]}});
    let estimate = format!("{CAMPAIGNS}/audience-estimate");
    let counted = api.post(&estimate, &token, body).await.data();
    assert_eq!(counted["estimated_recipients"], 1, "{counted}");

    let mut whole = to_all(template);
    whole["target_audience"] = audience.clone();
    let id = api.create(CAMPAIGNS, &token, whole).await;
    let campaign = format!("{CAMPAIGNS}/{id}");
    let kept = api.get(&campaign, &token).await.data();
    assert_eq!(kept["target_audience"], audience);

    // The campaign that it asks about goes away: everybody did not get what never was.
    let gone = api.delete(&format!("{CAMPAIGNS}/{earlier}"), &token).await;
    assert_eq!(gone.status, 200);
    let sent = api
        .post(&format!("{campaign}/send"), &token, json!({}))
        .await;
    assert_eq!(sent.json()["details"]["campaign_ids"], json!([earlier]));
    assert_eq!(sent.refusal().1, "audience_campaign_missing");
}
