//! Watching a campaign: its history and its stream of progress.

use crate::harness::TestApi;
use crate::stream::{PATIENCE, Stream};
use crm_accounts::Role;
use serde_json::{Value, json};
use std::time::Duration;

pub const CAMPAIGNS: &str = "/api/v1/campaigns";

/// A campaign that is being sent to one guest and waits for its job runner.
pub async fn sending() -> (TestApi, String, i64) {
    let (api, token) = TestApi::with_admin().await;
    let text = json!({"type": "text", "name": "hello", "content": "歡迎"});
    let template = api.create("/api/v1/templates", &token, text).await;
    let follow =
        json!({"events": [{"webhookEventId": "e1", "user": "U4af4980629d2f4f4a6b5e8d1c3a79b20"}]});
    api.follow(&follow).await;
    let body =
        json!({"title": "中秋", "template_id": template, "target_audience": {"type": "all"}});
    let id = api.create(CAMPAIGNS, &token, body).await;
    let sent = api
        .post(&format!("{CAMPAIGNS}/{id}/send"), &token, json!({}))
        .await;
    assert_eq!(sent.status, 202, "{}", sent.text);
    (api, token, id)
}

/// The stream of a campaign.
async fn watch(api: &TestApi, id: i64, token: &str) -> Stream {
    Stream::open(api, &format!("{CAMPAIGNS}/{id}/events"), token, "17").await
}

#[actix_web::test]
async fn the_present_comes_first_then_every_change_and_with_the_end_the_stream_ends() {
    let (api, token, id) = sending().await;
    let mut stream = watch(&api, id, &token).await;
    let now = stream.event().await.unwrap();
    assert_eq!(now["campaign_id"], id);
    assert_eq!(now["status"], "sending");
    assert_eq!(now["recipient_count"], 1);
    assert_eq!(now["pending_count"], 1);
    assert_eq!(now["rate_per_second"], 0.0);
    assert_eq!(now["eta_seconds"], Value::Null);
    api.post(&format!("{CAMPAIGNS}/{id}/pause"), &token, json!({}))
        .await;
    let paused = stream.event().await.unwrap();
    assert_eq!(paused["status"], "paused");
    assert_eq!(paused["status_reason"], "by_user");
    assert_eq!(paused["rate_per_second"], Value::Null);
    api.post(&format!("{CAMPAIGNS}/{id}/cancel"), &token, json!({}))
        .await;
    let last = stream.event().await.unwrap();
    assert_eq!(last["status"], "cancelled");
    assert_eq!(last["skipped_count"], 1);
    assert_eq!(stream.next().await, None);
    // Whoever comes later is told how it ended, and no more.
    let mut late = watch(&api, id, &token).await;
    assert_eq!(late.event().await.unwrap()["status"], "cancelled");
    assert_eq!(late.next().await, None);
}

#[actix_web::test]
async fn nothing_is_said_twice_and_a_silent_stream_shows_that_it_lives() {
    let (api, token, id) = sending().await;
    let mut stream = watch(&api, id, &token).await;
    assert!(stream.next().await.unwrap().starts_with("retry: 3000\n\n"));
    for _ in 0..2 {
        assert_eq!(stream.next().await.unwrap(), ": still here\n\n");
    }
}

#[actix_web::test]
async fn all_who_watch_a_campaign_share_one_look_at_it_which_ends_with_the_last() {
    let (api, token, id) = sending().await;
    let first = watch(&api, id, &token).await;
    let mut second = watch(&api, id, &token).await;
    assert_eq!(api.streams.campaigns_watched(), 1);
    drop(first);
    assert!(second.event().await.is_some());
    assert_eq!(second.next().await.unwrap(), ": still here\n\n");
    assert_eq!(api.streams.campaigns_watched(), 1);
    drop(second);
    let gone = async {
        while api.streams.campaigns_watched() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.unwrap();
    let mut again = watch(&api, id, &token).await;
    assert!(again.event().await.is_some());
}

#[actix_web::test]
async fn one_stream_too_many_is_told_so_and_a_seat_is_free_again_when_somebody_goes() {
    let (api, token, id) = sending().await;
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(watch(&api, id, &token).await);
    }
    let path = format!("{CAMPAIGNS}/{id}/events");
    let full = api.get(&path, &token).await;
    assert_eq!(full.refusal(), (503, "too_many_streams".into(), vec![]));
    assert_eq!(full.header("retry-after").as_deref(), Some("30"));
    open.pop();
    watch(&api, id, &token).await;
    let nowhere = api.get(&format!("{CAMPAIGNS}/999999/events"), &token).await;
    assert_eq!(nowhere.refusal().1, "campaign_not_found");
}

#[actix_web::test]
async fn a_stream_ends_with_its_token_its_sign_in_and_the_server() {
    let (api, token, id) = sending().await;
    let other = api.sign_in_as(Role::CustomerService).await;
    let mut signed_out = watch(&api, id, &other).await;
    assert!(signed_out.event().await.is_some());
    api.post("/api/v1/auth/logout", &other, json!({})).await;
    signed_out.is_over().await;

    // A token lasts an hour.
    api.clock.advance(3_595);
    let mut expiring = watch(&api, id, &token).await;
    assert!(expiring.event().await.is_some());
    expiring.is_over().await;
    let refused = api.get(&format!("{CAMPAIGNS}/{id}/events"), &token).await;
    assert_eq!(refused.status, 401);
}

#[actix_web::test]
async fn a_server_that_stops_waits_for_no_stream() {
    let (api, token, id) = sending().await;
    let mut stream = watch(&api, id, &token).await;
    assert!(stream.event().await.is_some());
    api.streams.end();
    assert_eq!(stream.next().await, None);
}

#[actix_web::test]
async fn the_history_tells_who_did_what_newest_first() {
    let (api, token, id) = sending().await;
    for verb in ["pause", "resume", "cancel"] {
        let path = format!("{CAMPAIGNS}/{id}/{verb}");
        assert_eq!(api.post(&path, &token, json!({})).await.status, 200);
    }
    let history = format!("{CAMPAIGNS}/{id}/history");
    let desk = api.sign_in_as(Role::CustomerService).await;
    let told = api.get(&history, &desk).await.data();
    let items = told["items"].as_array().unwrap();
    let kinds: Vec<&str> = items.iter().map(|e| e["kind"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        ["cancelled", "resumed", "paused", "started", "created"]
    );
    assert!(items.iter().all(|e| e["user"]["username"] == "admin"));
    assert_eq!(items[0]["details"], json!({"skipped": 1}));
    assert_eq!(items[2]["reason"], "by_user");
    assert_eq!(items[2]["message"], "stopped by a user");
    assert_eq!(items[3]["details"], json!({"planned": 1, "skipped": 0}));
    assert_eq!(told["total"], 5);
    let second = api
        .get(&format!("{history}?page=2&page_size=4"), &desk)
        .await;
    assert_eq!(second.data()["items"][0]["kind"], "created");
    assert_eq!(
        api.get(&format!("{CAMPAIGNS}/999/history"), &desk)
            .await
            .status,
        404
    );
}

#[actix_web::test]
async fn the_page_of_a_campaign_tells_how_fast_it_goes_only_while_it_is_being_sent() {
    let (api, token, id) = sending().await;
    let campaign = format!("{CAMPAIGNS}/{id}");
    let now = api.get(&campaign, &token).await.data();
    assert_eq!(
        (&now["rate_per_second"], &now["eta_seconds"]),
        (&json!(0.0), &json!(null))
    );
    let paused = api
        .post(&format!("{campaign}/pause"), &token, json!({}))
        .await;
    assert_eq!(paused.data()["rate_per_second"], Value::Null);
    assert!(
        paused
            .data()
            .as_object()
            .unwrap()
            .contains_key("eta_seconds")
    );
}
