//! Requests that are sent again, and requests that are too many.

use crate::front::{Front, fields};
use chrono::TimeDelta;
use crm_simulator_line::{Fault, FaultEndpoint, FaultKind};
use reqwest::Client;
use serde_json::{Value, json};

crate::on_both!(
    a_post_with_the_same_key_is_done_once_and_answered_alike,
    a_refusal_is_repeated_too,
    the_same_key_for_another_request_is_a_conflict,
    a_key_is_one_users_own_and_lasts_a_day,
    what_was_not_done_may_be_tried_again,
    of_twelve_at_once_one_is_done,
    a_message_that_may_have_been_delivered_is_not_sent_again,
    what_failed_before_anything_was_stored_may_be_tried_again,
);

/// A guest may have got the message although LINE did not say so.
async fn a_message_that_may_have_been_delivered_is_not_sent_again(front: &Front) {
    let token = front.service.token();
    let (member, uid) = front.hotel.friends(1).await.remove(0);
    let message = json!({"member_id": member, "content": "您好"});
    let fault = Fault::always(FaultEndpoint::Push, FaultKind::ServerErrorAfterAccept);
    front.hotel.line.inject_fault(fault);
    let first = post(front, token, "/messages", "k", message.clone()).await;
    assert_eq!(first.status, 503, "{}", first.body);
    assert_eq!(first.body["error_code"], "line_unavailable");
    front.hotel.line.clear_faults();
    let again = post(front, token, "/messages", "k", message).await;
    assert_eq!((again.status, again.replayed), (503, true));
    assert_eq!(again.body, first.body);
    assert_eq!(front.hotel.line.deliveries_of(&uid), 1);
    assert_eq!(front.service.data("/messages").await["total"], 1);
}

async fn what_failed_before_anything_was_stored_may_be_tried_again(front: &Front) {
    let token = front.marketing.token();
    front.hotel.friends(1).await;
    let template = json!({"type": "text", "name": "問候", "content": "中秋快樂"});
    let (_, template) = front.marketing.post("/templates", template).await;
    let campaign = json!({"title": "中秋", "template_id": template["data"]["id"],
        "target_audience": {"type": "all"}});
    let (status, campaign) = front.marketing.post("/campaigns", campaign).await;
    assert_eq!(status, 201, "{campaign}");
    let path = format!("/campaigns/{}/send", campaign["data"]["id"]);
    // Before anything is planned LINE is asked for the quota.
    let fault = Fault::always(FaultEndpoint::Any, FaultKind::ServerError);
    front.hotel.line.inject_fault(fault);
    let first = post(front, token, &path, "k", json!({})).await;
    assert_eq!(
        (first.status, first.replayed),
        (503, false),
        "{}",
        first.body
    );
    front.hotel.line.clear_faults();
    let again = post(front, token, &path, "k", json!({})).await;
    assert_eq!(
        (again.status, again.replayed),
        (202, false),
        "{}",
        again.body
    );
    let third = post(front, token, &path, "k", json!({})).await;
    assert_eq!((third.status, third.replayed), (202, true));
}

struct Answer {
    status: u16,
    location: Option<String>,
    replayed: bool,
    body: Value,
}

async fn post(front: &Front, token: &str, path: &str, key: &str, body: Value) -> Answer {
    let client = Client::builder().build().unwrap();
    let response = client
        .post(format!("{}/api/v1{path}", front.base))
        .bearer_auth(token)
        .header("idempotency-key", key)
        .json(&body)
        .send()
        .await
        .unwrap();
    let header = |name: &str| {
        let value = response.headers().get(name)?;
        Some(value.to_str().unwrap().to_owned())
    };
    Answer {
        status: response.status().as_u16(),
        location: header("location"),
        replayed: header("idempotency-replayed").as_deref() == Some("true"),
        body: response.json().await.unwrap(),
    }
}

fn guest() -> Value {
    json!({"first_name": "小華", "last_name": "李", "id_number": "B987654321"})
}

async fn a_post_with_the_same_key_is_done_once_and_answered_alike(front: &Front) {
    let token = front.admin.token();
    let first = post(front, token, "/members", "k-1", guest()).await;
    assert_eq!(
        (first.status, first.replayed),
        (201, false),
        "{}",
        first.body
    );
    let again = post(front, token, "/members", "k-1", guest()).await;
    assert_eq!((again.status, again.replayed), (201, true));
    assert_eq!(again.body, first.body);
    assert_eq!(again.location, first.location);
    assert_eq!(again.body["data"]["id_number"], "B987654321");
    assert_eq!(front.admin.data("/members").await["total"], 1);
}

async fn a_refusal_is_repeated_too(front: &Front) {
    let token = front.admin.token();
    let bad = json!({"first_name": "小華", "email": "nobody"});
    let first = post(front, token, "/members", "k-1", bad.clone()).await;
    assert_eq!((first.status, first.replayed), (400, false));
    assert_eq!(fields(&first.body), ["email"]);
    let again = post(front, token, "/members", "k-1", bad).await;
    assert_eq!((again.status, again.replayed), (400, true));
    assert_eq!(again.body, first.body);
}

async fn the_same_key_for_another_request_is_a_conflict(front: &Front) {
    let token = front.admin.token();
    post(front, token, "/members", "k-1", guest()).await;
    let other = json!({"first_name": "小明"});
    let refused = post(front, token, "/members", "k-1", other).await;
    assert_eq!(refused.status, 409);
    assert_eq!(refused.body["error_code"], "idempotency_key_reused");
    let long = "k".repeat(256);
    let refused = post(front, token, "/members", &long, guest()).await;
    assert_eq!(refused.status, 400);
    assert_eq!(fields(&refused.body), ["Idempotency-Key"]);
}

async fn a_key_is_one_users_own_and_lasts_a_day(front: &Front) {
    let tag = |name: &str| json!({"name": name, "type": "member"});
    let (mei, admin) = (front.marketing.token(), front.admin.token());
    assert_eq!(post(front, mei, "/tags", "k", tag("VIP")).await.status, 201);
    let other = post(front, admin, "/tags", "k", tag("商務")).await;
    assert_eq!((other.status, other.replayed), (201, false));
    front.hotel.clock.advance(TimeDelta::hours(25));
    let mei = crm_tests::Api::sign_in(&front.base, "mei", crate::front::PASSWORD).await;
    let later = post(front, mei.token(), "/tags", "k", tag("常客")).await;
    assert_eq!((later.status, later.replayed), (201, false));
}

async fn what_was_not_done_may_be_tried_again(front: &Front) {
    // Not allowed to her, and not kept: the same key works once she may.
    let user = json!({
        "username": "new", "email": "new@hotel.example", "password": "moon-festival-2026",
        "role": "marketing"
    });
    let lin = front.service.token();
    let refused = post(front, lin, "/users", "k", user.clone()).await;
    assert_eq!(refused.status, 403);
    let again = post(front, lin, "/users", "k", user).await;
    assert_eq!((again.status, again.replayed), (403, false));
    let stranger = post(front, "no token", "/members", "k", guest()).await;
    assert_eq!(stranger.status, 401);
}

async fn of_twelve_at_once_one_is_done(front: &Front) {
    let token = front.admin.token();
    let racers = (0..12).map(|_| post(front, token, "/members", "k", guest()));
    for answer in futures::future::join_all(racers).await {
        let is_in_time = answer.status == 201;
        let is_told_to_wait = answer.body["error_code"] == "idempotency_in_progress";
        assert!(is_in_time || is_told_to_wait, "{}", answer.body);
    }
    assert_eq!(front.admin.data("/members").await["total"], 1);
}
