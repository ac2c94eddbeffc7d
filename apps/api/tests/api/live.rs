//! What signed-in users are told while it happens.

use crate::harness::TestApi;
use crate::progress::{CAMPAIGNS, sending};
use crate::stream::{PATIENCE, Stream};
use crm_accounts::Role;
use crm_kernel::{Clock, LiveEvent, MemberId, Transaction, Transactions};
use crm_workflows::{CrmTx, LiveQueries};
use serde_json::{Value, json};
use std::time::Duration;

const EVENTS: &str = "/api/v1/events";

/// Lets so many events happen to a guest, told to whoever has this permission.
async fn happen(api: &TestApi, audience: &'static str, member: i64, count: i64) {
    let mut tx = Transactions::<dyn CrmTx>::begin(&api.crm.database)
        .await
        .unwrap();
    for message in 0..count {
        let event = LiveEvent::new("message.received", audience, api.clock.now());
        let event = event.about(MemberId::new(member));
        tx.live().announce(event.with("message_id", message));
    }
    Transaction::commit(tx).await.unwrap();
}

async fn listen(api: &TestApi, token: &str) -> Stream {
    let mut stream = Stream::open(api, EVENTS, token, "").await;
    let greeting = stream.next().await.unwrap();
    assert!(greeting.starts_with("retry: 3000\nid: "), "{greeting}");
    stream
}

#[actix_web::test]
async fn what_happens_is_told_to_those_who_may_know_of_it() {
    let (api, token) = TestApi::with_admin().await;
    let desk = api.sign_in_as(Role::CustomerService).await;
    let (mut admin, mut clerk) = (listen(&api, &token).await, listen(&api, &desk).await);
    happen(&api, "messages:read", 5, 1).await;
    happen(&api, "users:manage", 6, 1).await;
    happen(&api, "of a newer release", 7, 1).await;
    happen(&api, "messages:read", 8, 1).await;
    for (stream, members) in [(&mut admin, vec![5, 6, 8]), (&mut clerk, vec![5, 8])] {
        for member in members {
            let told = stream.told().await.unwrap();
            assert_eq!(told.kind, "message.received");
            assert_eq!(told.data["member_id"], member);
            assert_eq!(told.data["message_id"], 0);
            assert_eq!(told.data["event_id"].to_string(), told.id);
            assert!(told.data["at"].as_str().unwrap().ends_with('Z'));
            assert_eq!(told.data.as_object().unwrap().len(), 4);
        }
    }
}

#[actix_web::test]
async fn whoever_comes_back_is_told_what_they_missed_and_then_what_happens() {
    let (api, token) = TestApi::with_admin().await;
    let mut stream = listen(&api, &token).await;
    happen(&api, "messages:read", 1, 2).await;
    let first = stream.told().await.unwrap();
    let second = stream.told().await.unwrap();
    drop(stream);
    happen(&api, "messages:read", 2, 300).await;
    let mut back = Stream::open(&api, EVENTS, &token, &first.id).await;
    assert_eq!(back.told().await.unwrap().id, second.id);
    happen(&api, "messages:read", 3, 1).await;
    for message in 0..300 {
        let told = back.told().await.unwrap();
        assert_eq!(told.data["member_id"], 2);
        assert_eq!(told.data["message_id"], message);
    }
    let last = back.told().await.unwrap();
    assert_eq!(last.data["member_id"], 3);
    // Who missed nothing is told nothing.
    let mut again = Stream::open(&api, EVENTS, &token, &last.id).await;
    happen(&api, "messages:read", 4, 1).await;
    assert_eq!(again.told().await.unwrap().data["member_id"], 4);
}

#[actix_web::test]
async fn a_listener_may_ask_for_one_guest_and_for_kinds_and_their_place_moves_on_all_the_same() {
    let (api, token) = TestApi::with_admin().await;
    let path = format!("{EVENTS}?member_id=5&kinds=message.received,message.sent");
    let mut narrow = Stream::open(&api, &path, &token, "").await;
    let sent = format!("{EVENTS}?kinds=message.sent");
    let mut other = Stream::open(&api, &sent, &token, "").await;
    other.next().await.unwrap();
    happen(&api, "messages:read", 4, 1).await;
    happen(&api, "messages:read", 5, 1).await;
    let told = narrow.told().await.unwrap();
    assert_eq!(told.data["member_id"], 5);
    let moved = format!(": still here\nid: {}\n\n", told.id);
    assert_eq!(other.next().await.unwrap(), moved);
    assert_eq!(other.next().await.unwrap(), ": still here\n\n");
    let wrong = format!("{EVENTS}?kinds=nonsense&member_id=x");
    let wrong = api.get(&wrong, &token).await;
    let fields = vec!["member_id".to_owned(), "kinds".to_owned()];
    assert_eq!(wrong.refusal(), (400, "invalid_request".into(), fields));
}

/// Whether a listener who has heard up to there is told to fetch anew.
async fn must_fetch(api: &TestApi, token: &str, since: &str) -> bool {
    let mut stream = Stream::open(api, EVENTS, token, since).await;
    let greeting = stream.next().await.unwrap();
    greeting.contains("\nevent: resync\ndata: {}\n\n")
}

#[actix_web::test]
async fn whoever_missed_more_than_can_be_told_is_to_fetch_anew() {
    let (api, token) = TestApi::with_admin().await;
    assert!(!must_fetch(&api, &token, "").await);
    assert!(!must_fetch(&api, &token, "0").await);
    for unknown in ["7", "yesterday", "-1", "7-x"] {
        assert!(must_fetch(&api, &token, unknown).await, "{unknown}");
    }
    happen(&api, "messages:read", 1, 1_002).await;
    let all = api.crm.database.look(0, &[], 2_000).await.unwrap();
    let id = |place: usize| all[place].id.to_string();
    assert!(must_fetch(&api, &token, &id(0)).await, "1001 are too many");
    assert!(!must_fetch(&api, &token, &id(1)).await);
    let later = api.clock.now() + chrono::TimeDelta::hours(1);
    while api.crm.database.prune(later, 1_000).await.unwrap() > 0 {}
    assert!(must_fetch(&api, &token, &id(1_000 - 1)).await);
    assert!(!must_fetch(&api, &token, &id(1_000)).await);
    assert!(!must_fetch(&api, &token, &id(1_001)).await);
    // Their place is that of now.
    let mut stream = Stream::open(&api, EVENTS, &token, &id(3)).await;
    assert_eq!(stream.told().await.unwrap().id, id(1_001));
    happen(&api, "messages:read", 9, 1).await;
    assert_eq!(stream.told().await.unwrap().data["member_id"], 9);
}

#[actix_web::test]
async fn one_look_is_shared_by_all_and_ends_with_the_last_and_all_streams_share_the_seats() {
    let (api, token) = TestApi::with_admin().await;
    assert!(!api.streams.is_tailing());
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(listen(&api, &token).await);
    }
    let full = api.get(EVENTS, &token).await;
    assert_eq!(full.refusal(), (503, "too_many_streams".into(), vec![]));
    assert!(api.streams.is_tailing());
    open.truncate(1);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(api.streams.is_tailing());
    drop(open);
    let gone = async {
        while api.streams.is_tailing() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.unwrap();
    let mut again = listen(&api, &token).await;
    happen(&api, "messages:read", 1, 1).await;
    assert!(again.told().await.is_some());
}

#[actix_web::test]
async fn who_cannot_keep_up_is_sent_away_and_comes_back_to_where_they_were() {
    let (api, token) = TestApi::with_admin().await;
    let mut slow = listen(&api, &token).await;
    let mut quick = Stream::open(&api, EVENTS, &token, "").await;
    for _ in 0..5 {
        happen(&api, "messages:read", 1, 500).await;
        for _ in 0..500 {
            quick.told().await.unwrap();
        }
    }
    assert_eq!(slow.next().await, None);
}

#[actix_web::test]
async fn listening_ends_with_the_sign_in_and_with_the_server() {
    let (api, token) = TestApi::with_admin().await;
    let desk = api.sign_in_as(Role::CustomerService).await;
    let mut signed_out = listen(&api, &desk).await;
    api.post("/api/v1/auth/logout", &desk, json!({})).await;
    signed_out.is_over().await;
    let mut stream = listen(&api, &token).await;
    api.streams.end();
    assert_eq!(stream.next().await, None);
    let mut late = listen(&api, &token).await;
    assert_eq!(late.next().await, None);
    assert_eq!(api.get(EVENTS, &desk).await.status, 401);
}

#[actix_web::test]
async fn campaigns_under_way_tell_how_far_they_have_come_from_one_look_with_their_own_stream() {
    let (api, token, id) = sending().await;
    let path = format!("{EVENTS}?kinds=campaign.progress");
    let mut stream = Stream::open(&api, &path, &token, "").await;
    let place = stream.next().await.unwrap();
    let first = stream.told().await.unwrap();
    assert_eq!(first.kind, "campaign.progress");
    assert_eq!(first.data["campaign_id"], id);
    assert_eq!(first.data["status"], "sending");
    assert!(place.contains(&format!("\nid: {}\n", first.id)), "{place}");
    let own = format!("{CAMPAIGNS}/{id}/events");
    let mut own = Stream::open(&api, &own, &token, "").await;
    assert_eq!(own.event().await.unwrap()["status"], "sending");
    assert_eq!(api.streams.campaigns_watched(), 1);
    // Nobody's progress is a guest's.
    let narrow = format!("{EVENTS}?member_id=1");
    let mut narrow = Stream::open(&api, &narrow, &token, "").await;
    narrow.next().await.unwrap();
    for (verb, status) in [("pause", "paused"), ("resume", "sending")] {
        api.post(&format!("{CAMPAIGNS}/{id}/{verb}"), &token, json!({}))
            .await;
        assert_eq!(stream.told().await.unwrap().data["status"], status);
    }
    api.post(&format!("{CAMPAIGNS}/{id}/cancel"), &token, json!({}))
        .await;
    let last = stream.told().await.unwrap();
    assert_eq!(last.data["status"], "cancelled");
    assert_eq!(last.data["skipped_count"], 1);
    assert_eq!(narrow.next().await.unwrap(), ": still here\n\n");
    assert_eq!(stream.next().await.unwrap(), ": still here\n\n");
}

#[actix_web::test]
async fn what_staff_do_in_a_conversation_is_told() {
    let (api, token) = TestApi::with_admin().await;
    let follow =
        json!({"events": [{"webhookEventId": "e1", "user": "U4af4980629d2f4f4a6b5e8d1c3a79b20"}]});
    api.follow(&follow).await;
    let members = api.get("/api/v1/members", &token).await.data();
    let member = members["items"][0]["id"].as_i64().unwrap();
    let mut stream = listen(&api, &token).await;
    let message = |at: Value| json!({"member_id": member, "content": "您好", "scheduled_at": at});
    let soon = json!(api.clock.now() + chrono::TimeDelta::hours(1));
    let planned = api.post("/api/v1/messages", &token, message(soon)).await;
    assert_eq!(planned.status, 202, "{}", planned.text);
    let told = stream.told().await.unwrap();
    assert_eq!(told.kind, "conversation.updated");
    assert_eq!(told.data["member_id"], member);
    assert_eq!(told.data["change"], "planned");
    let id = planned.data()["id"].as_i64().unwrap();
    api.delete(&format!("/api/v1/messages/{id}"), &token).await;
    assert_eq!(stream.told().await.unwrap().data["change"], "withdrawn");
    // This LINE takes nothing.
    api.post("/api/v1/messages", &token, message(Value::Null))
        .await;
    let failed = stream.told().await.unwrap();
    assert_eq!(failed.kind, "message.failed");
    assert_eq!(failed.data["reason"], "line_unavailable");
    let text = failed.data.to_string();
    assert!(!text.contains("您好"), "no words: {text}");
}
