use crate::harness::TestApi;
use crm_accounts::Role;
use serde_json::{Value, json};

const SENDING: &str = "/api/v1/sending";
const STOP: &str = "/api/v1/sending/stop";
const RESUME: &str = "/api/v1/sending/resume";

#[actix_web::test]
async fn everybody_sees_who_stopped_everything_and_why() {
    let (api, admin) = TestApi::with_admin().await;
    let desk = api.sign_in_as(Role::CustomerService).await;
    let calm = api.get(SENDING, &desk).await.data();
    assert_eq!(calm["stopped"], false);
    assert_eq!(calm["since"], Value::Null);
    let reason = json!({"reason": " 價格寫錯了 "});
    let stopped = api.post(STOP, &admin, reason).await.data();
    assert_eq!(stopped["stopped"], true);
    let seen = api.get(SENDING, &desk).await.data();
    assert_eq!(seen["reason"], "價格寫錯了");
    assert_eq!(seen["by"]["username"], "admin");
    assert!(seen["since"].is_string());
    let rates = json!({
        "multicast": {"per_second": 150, "max_per_second": 150},
        "push": {"per_second": 1500, "max_per_second": 1500},
    });
    assert_eq!(seen["rates"], rates);
    let resumed = api.post(RESUME, &admin, json!({})).await.data();
    assert_eq!(
        (&resumed["stopped"], &resumed["by"]),
        (&json!(false), &Value::Null)
    );
}

#[actix_web::test]
async fn stopping_twice_changes_nothing_and_is_written_down_once() {
    let (api, admin) = TestApi::with_admin().await;
    let first = api
        .post(STOP, &admin, json!({"reason": "first"}))
        .await
        .data();
    let second = api.post(STOP, &admin, json!({"reason": "second"})).await;
    assert_eq!((second.status, second.data()), (200, first));
    for _ in 0..2 {
        assert_eq!(api.post(RESUME, &admin, json!({})).await.status, 200);
    }
    let log = api
        .get("/api/v1/audit-logs?subject=sending", &admin)
        .await
        .data();
    assert_eq!(log["total"], 2);
    assert_eq!(log["items"][0]["action"], "sending.resumed");
    assert_eq!(log["items"][1]["action"], "sending.stopped");
    assert_eq!(log["items"][1]["after"], json!({"reason": "first"}));
}

#[actix_web::test]
async fn only_an_admin_stops_and_resumes() {
    let api = TestApi::start().await;
    for role in [Role::Marketing, Role::CustomerService] {
        let token = api.sign_in_as(role).await;
        for path in [STOP, RESUME] {
            assert_eq!(api.post(path, &token, json!({})).await.status, 403);
        }
    }
}

#[actix_web::test]
async fn a_reason_has_at_most_200_characters() {
    let (api, admin) = TestApi::with_admin().await;
    let long = api.post(STOP, &admin, json!({"reason": "長".repeat(201)}));
    let refused = (400, "sending_invalid".to_owned(), vec!["reason".to_owned()]);
    assert_eq!(long.await.refusal(), refused);
    assert_eq!(api.get(SENDING, &admin).await.data()["stopped"], false);
    let fits = api.post(STOP, &admin, json!({"reason": "長".repeat(200)}));
    assert_eq!(fits.await.status, 200);
}

#[actix_web::test]
async fn neither_a_campaign_nor_a_message_starts_while_everything_is_stopped() {
    let (api, admin) = TestApi::with_admin().await;
    let text = json!({"type": "text", "name": "hello", "content": "歡迎"});
    let template = api.create("/api/v1/templates", &admin, text).await;
    let all = json!({
        "title": "中秋", "template_id": template, "target_audience": {"type": "all"}
    });
    let campaign = api.create("/api/v1/campaigns", &admin, all).await;
    api.post(STOP, &admin, json!({})).await;
    let send = format!("/api/v1/campaigns/{campaign}/send");
    let message = json!({"member_id": 1, "content": "您好"});
    for (path, body) in [(send.as_str(), json!({})), ("/api/v1/messages", message)] {
        let refused = api.post(path, &admin, body).await.refusal();
        assert_eq!((refused.0, refused.1.as_str()), (409, "sending_stopped"));
    }
    api.post(RESUME, &admin, json!({})).await;
    let refused = api.post(&send, &admin, json!({})).await.refusal();
    assert_ne!(refused.1, "sending_stopped");
}
