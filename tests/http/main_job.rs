use crate::front::{Front, fields};
use serde_json::json;

crate::on_both!(
    a_tagged_segment_gets_its_campaign_and_nobody_else,
    a_scheduled_campaign_goes_out_at_its_time_and_can_be_called_back,
    too_small_a_quota_is_a_409_with_both_numbers,
    a_signed_follow_becomes_a_member_and_a_wrong_signature_nothing,
);

async fn a_tagged_segment_gets_its_campaign_and_nobody_else(front: &Front) {
    let api = &front.marketing;
    let friends = front.hotel.friends(6).await;
    let vip = api
        .create("/tags", json!({"name": "VIP", "type": "member"}))
        .await["id"]
        .clone();
    let left = api
        .create("/tags", json!({"name": "已退訂", "type": "member"}))
        .await["id"]
        .clone();
    for (i, (member, _)) in friends.iter().enumerate().take(4) {
        let tags = if i == 3 {
            json!([vip, left])
        } else {
            json!([vip])
        };
        let (status, _) = api
            .post(&format!("/members/{member}/tags"), json!({"tag_ids": tags}))
            .await;
        assert_eq!(status, 200);
    }
    let template = api
        .create(
            "/templates",
            json!({
                "type": "image_card", "name": "中秋模板", "notification_text": "中秋特別優惠來了！",
                "preview_text": "點擊查看詳情",
                "carousel_items": [{
                    "image_url": "https://cdn.hotel.com/001.jpg", "title": "商務優惠方案",
                    "description": "週一至週四 8 折", "price": 3200.5,
                    "action_url": "https://hotel.com/offers/business", "sort_order": 1,
                }],
            }),
        )
        .await;
    assert_eq!(template["carousel_items"][0]["price"], 3200.5);
    let audience = json!({"type": "tags", "include_tags": [vip], "exclude_tags": [left]});
    let body = json!({"title": "中秋送禮 KOL", "template_id": template["id"], "target_audience": audience});
    let (status, estimate) = api
        .post(
            "/campaigns/audience-estimate",
            json!({"target_audience": audience}),
        )
        .await;
    assert_eq!(
        (status, &estimate["data"]["estimated_recipients"]),
        (200, &json!(3))
    );
    let campaign = api.create("/campaigns", body).await;
    assert_eq!(campaign["status"], "draft");
    assert_eq!(campaign["created_by"]["username"], "mei");
    let path = format!("/campaigns/{}", campaign["id"]);
    let preview = api
        .data(&format!("{path}/preview?member_id={}", friends[0].0))
        .await;
    assert_eq!(preview["estimated_recipients"], 3);

    assert_eq!(
        front
            .service
            .post(&format!("{path}/send"), json!({}))
            .await
            .0,
        403
    );
    let (status, sent) = api.post(&format!("{path}/send"), json!({})).await;
    assert_eq!(status, 202);
    assert_eq!(sent["data"]["recipient_count"], 3);
    front.hotel.run_jobs().await;

    let detail = api.data(&path).await;
    assert_eq!(
        (&detail["status"], &detail["sent_count"]),
        (&json!("sent"), &json!(3))
    );
    assert_eq!(detail["open_rate"], 0.0);
    for (i, (_, uid)) in friends.iter().enumerate() {
        assert_eq!(front.hotel.line.deliveries_of(uid), u32::from(i < 3));
    }
    // The preview was the very message.
    let message = &front.hotel.line.messages_of(&friends[0].1)[0].message;
    assert_eq!(&preview["messages"][0], message);
    let rows = api.data(&format!("{path}/recipients?status=sent")).await;
    assert_eq!(rows["total"], 3);
    assert!(rows["items"][0]["member"]["name"].is_string());
    let (status, body) = api.put(&path, json!({"title": "別的"})).await;
    assert_eq!(
        (status, &body["error_code"]),
        (409, &json!("campaign_wrong_state"))
    );
    assert_eq!(api.delete(&path).await.0, 409);
    let list = api.data("/campaigns?status=sent").await;
    assert_eq!(
        (&list["total"], &list["summary"]["sent"]),
        (&json!(1), &json!(1))
    );
}

async fn a_scheduled_campaign_goes_out_at_its_time_and_can_be_called_back(front: &Front) {
    let api = &front.marketing;
    front.hotel.friends(2).await;
    let text = json!({"type": "text", "name": "問候", "content": "中秋快樂"});
    let template = api.create("/templates", text).await["id"].clone();
    let body = |at: &str| json!({"title": "中秋", "template_id": template, "target_audience": {"type": "all"}, "scheduled_at": at});
    let soon = front.hotel.now() + chrono::TimeDelta::minutes(30);
    let soon = soon.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let first = api.create("/campaigns", body(&soon)).await;
    assert_eq!(
        (&first["status"], &first["scheduled_at"]),
        (&json!("scheduled"), &json!(soon))
    );
    let path = format!("/campaigns/{}", first["id"]);
    let (status, back) = api.put(&path, json!({"scheduled_at": null})).await;
    assert_eq!((status, &back["data"]["status"]), (200, &json!("draft")));
    let second = api.create("/campaigns", body(&soon)).await;
    front.hotel.clock.advance(chrono::TimeDelta::minutes(31));
    front.hotel.run_jobs().await;
    assert_eq!(api.data(&path).await["status"], "draft");
    let second = api.data(&format!("/campaigns/{}", second["id"])).await;
    assert_eq!(
        (&second["status"], &second["sent_count"]),
        (&json!("sent"), &json!(2))
    );
}

async fn too_small_a_quota_is_a_409_with_both_numbers(front: &Front) {
    let api = &front.marketing;
    front.hotel.friends(3).await;
    let text = json!({"type": "text", "name": "問候", "content": "中秋快樂"});
    let template = api.create("/templates", text).await["id"].clone();
    let body =
        json!({"title": "中秋", "template_id": template, "target_audience": {"type": "all"}});
    let path = format!(
        "/campaigns/{}/send",
        api.create("/campaigns", body).await["id"]
    );
    front.hotel.line.set_quota(Some(2));
    let (status, answer) = api.post(&path, json!({})).await;
    assert_eq!(
        (status, &answer["error_code"]),
        (409, &json!("quota_insufficient"))
    );
    assert_eq!(answer["details"], json!({"needed": 3, "remaining": 2}));
    assert!(fields(&answer).is_empty());
}

async fn a_signed_follow_becomes_a_member_and_a_wrong_signature_nothing(front: &Front) {
    let line = &front.hotel.line;
    line.set_webhook_url(&format!("{}/api/v1/line/webhook", front.base));
    let uid = line.add_friend("小明的日常");
    line.flush().await;
    front.hotel.run_jobs().await;
    let list = front.service.data("/members?source=line").await;
    assert_eq!(list["total"], 1);
    assert_eq!(list["items"][0]["line_uid"], uid.as_str());
    assert_eq!(list["items"][0]["line_display_name"], "小明的日常");
    let forged = json!({"events": [{"type": "follow", "timestamp": 1,
        "source": {"type": "user", "userId": "Ueeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"}}]});
    let (status, body) = front.stranger.post("/line/webhook", forged).await;
    assert_eq!(
        (status, &body["error_code"]),
        (401, &json!("bad_signature"))
    );
    front.hotel.run_jobs().await;
    assert_eq!(front.service.data("/members").await["total"], 1);
}
