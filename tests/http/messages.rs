//! Writing to one guest, and the record of what was said.

use crate::front::{Front, fields};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use crm_kernel::{MemberId, Transaction, Transactions};
use crm_messages::{Incoming, MessagesTx, ReceivedMessage};
use crm_simulator_line::{Fault, FaultEndpoint, FaultKind};
use crm_tests::Installation;
use reqwest::Client;
use serde_json::{Value, json};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);

crate::on_both!(
    a_message_is_sent_stored_and_shown,
    a_scheduled_message_goes_out_at_its_time,
    a_cancelled_message_is_never_sent,
    a_planned_message_waits_while_line_is_away_and_is_not_taken_back,
    whoever_cannot_be_reached_is_a_conflict_and_nothing_is_stored,
    who_declined_marketing_may_still_be_answered,
    when_line_fails_the_message_is_kept_as_failed,
    a_conversation_shows_both_sides_and_marks_what_was_unread,
    the_list_is_narrowed_by_member_direction_and_hotel_day,
    words_are_kept_and_sent_as_they_were_typed,
    what_cannot_be_sent_is_told_by_the_name_of_its_field,
    strangers_neither_read_nor_write,
);

fn text(member: MemberId, content: &str) -> Value {
    json!({"member_id": member, "content": content})
}

/// For what the usual client does not show.
fn client() -> Client {
    Client::builder().timeout(PATIENCE).build().unwrap()
}

fn wire(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Lets minutes pass and does what is due then.
async fn later(front: &Front, minutes: i64) {
    front.hotel.clock.advance(TimeDelta::minutes(minutes));
    front.hotel.run_jobs().await;
}

/// What a guest wrote, as if LINE had delivered it.
async fn wrote(hotel: &Installation, member: MemberId, id: &str, words: &str) {
    let mut tx = Transactions::<dyn MessagesTx>::begin(&hotel.crm.database)
        .await
        .unwrap();
    let message = ReceivedMessage {
        member_id: member,
        line_message_id: id.to_owned(),
        at: hotel.now(),
        incoming: Incoming::Text(words.to_owned()),
    };
    let received = hotel.crm.messages.receive_in(&mut *tx, message).await;
    assert!(received.unwrap().is_some());
    Transaction::commit(tx).await.unwrap();
}

async fn a_message_is_sent_stored_and_shown(front: &Front) {
    let (member, uid) = front.hotel.friends(1).await.remove(0);
    let answer = client()
        .post(format!("{}/api/v1/messages", front.base))
        .bearer_auth(front.service.token())
        .json(&text(member, "感謝您的詢問"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 201);
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    let sent = answer.json::<Value>().await.unwrap()["data"].clone();
    assert_eq!(location, format!("/api/v1/messages/{}", sent["id"]));
    assert_eq!(sent["member"], json!({"id": member, "name": "客人0"}));
    for (name, value) in [
        ("content", json!("感謝您的詢問")),
        ("direction", json!("outgoing")),
        ("message_type", json!("text")),
        ("sender_type", json!("manual")),
        ("status", json!("sent")),
        ("reason", json!(null)),
        ("campaign_id", json!(null)),
        ("scheduled_at", json!(null)),
        ("read_at", json!(null)),
    ] {
        assert_eq!(sent[name], value, "{name}");
    }
    assert_eq!(sent["sender"]["name"], "lin");
    assert!(sent["sent_at"].is_string());
    let messages = front.hotel.line.messages_of(&uid);
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].message["text"], "感謝您的詢問");
    let path = format!("/messages/{}", sent["id"]);
    assert_eq!(front.marketing.data(&path).await, sent);
    let list = front.service.data("/messages").await;
    assert_eq!(list["items"], json!([sent]));

    let (status, answer) = front.service.delete(&path).await;
    let code = &answer["error_code"];
    assert_eq!((status, code), (409, &json!("message_not_scheduled")));
    // The job that stands by finds nothing to do.
    later(front, 3).await;
    assert_eq!(front.hotel.line.deliveries_of(&uid), 1);
    assert_eq!(front.service.get("/messages/4711").await.0, 404);
    assert_eq!(front.service.delete("/messages/4711").await.0, 404);
}

async fn a_scheduled_message_goes_out_at_its_time(front: &Front) {
    let api = &front.service;
    let (member, uid) = front.hotel.friends(1).await.remove(0);
    let at = wire(front.hotel.now() + TimeDelta::minutes(10));
    let mut body = text(member, "明天見");
    body["scheduled_at"] = json!(at);
    let (status, answer) = api.post("/messages", body).await;
    assert_eq!(status, 202, "{answer}");
    let planned = &answer["data"];
    assert_eq!(
        (&planned["status"], &planned["scheduled_at"]),
        (&json!("pending"), &json!(at))
    );
    assert_eq!(planned["sent_at"], json!(null));
    later(front, 9).await;
    assert_eq!(front.hotel.line.deliveries_of(&uid), 0);
    later(front, 1).await;
    assert_eq!(front.hotel.line.deliveries_of(&uid), 1);
    let path = format!("/messages/{}", planned["id"]);
    let sent = api.data(&path).await;
    assert_eq!(sent["status"], "sent");
    assert!(sent["sent_at"].as_str().unwrap() >= at.as_str(), "{sent}");
    assert_eq!(api.delete(&path).await.0, 409);
}

async fn a_cancelled_message_is_never_sent(front: &Front) {
    let api = &front.service;
    let (member, uid) = front.hotel.friends(1).await.remove(0);
    let mut body = text(member, "明天見");
    body["scheduled_at"] = json!(wire(front.hotel.now() + TimeDelta::minutes(2)));
    let (_, answer) = api.post("/messages", body).await;
    let path = format!("/messages/{}", answer["data"]["id"]);
    let (status, gone) = api.delete(&path).await;
    assert_eq!((status, &gone["data"]), (200, &json!(null)));
    assert_eq!(api.get(&path).await.0, 404);
    assert_eq!(api.delete(&path).await.0, 404);
    later(front, 5).await;
    assert_eq!(front.hotel.line.deliveries_of(&uid), 0);
    assert_eq!(api.data("/messages").await["total"], 0);
}

async fn a_planned_message_waits_while_line_is_away_and_is_not_taken_back(front: &Front) {
    let api = &front.service;
    let (member, uid) = front.hotel.friends(1).await.remove(0);
    let mut body = text(member, "明天見");
    body["scheduled_at"] = json!(wire(front.hotel.now() + TimeDelta::minutes(2)));
    let (_, answer) = api.post("/messages", body).await;
    let path = format!("/messages/{}", answer["data"]["id"]);
    let fault = Fault::always(FaultEndpoint::Push, FaultKind::ServerError);
    front.hotel.line.inject_fault(fault);
    for _ in 0..20 {
        later(front, 2).await;
    }
    assert_eq!(api.data(&path).await["status"], "pending");
    let (status, refused) = api.delete(&path).await;
    assert_eq!(
        (status, &refused["error_code"]),
        (409, &json!("message_not_scheduled"))
    );
    front.hotel.line.clear_faults();
    later(front, 2).await;
    assert_eq!(api.data(&path).await["status"], "sent");
    assert_eq!(front.hotel.line.deliveries_of(&uid), 1);
}

async fn whoever_cannot_be_reached_is_a_conflict_and_nothing_is_stored(front: &Front) {
    let api = &front.service;
    let line = &front.hotel.line;
    line.set_webhook_url(&format!("{}/api/v1/line/webhook", front.base));
    let uid = line.add_friend("小明的日常");
    line.flush().await;
    front.hotel.run_jobs().await;
    front.hotel.clock.advance(TimeDelta::seconds(5));
    line.unfollow(&uid).unwrap();
    line.flush().await;
    front.hotel.run_jobs().await;
    let members = api.data("/members").await;
    assert_eq!(members["items"][0]["line_state"], "blocked", "{members}");
    let blocked = members["items"][0]["id"].as_i64().unwrap();
    let guest = json!({"last_name": "王"});
    let without = api.create("/members", guest).await["id"].as_i64().unwrap();
    for (member, status, code) in [
        (blocked, 409, "member_blocked"),
        (without, 409, "member_has_no_line"),
        (4_711, 400, "message_invalid"),
    ] {
        let (got, answer) = api.post("/messages", text(member.into(), "您好")).await;
        assert_eq!((got, &answer["error_code"]), (status, &json!(code)));
        let at_fault = (status == 400).then_some("member_id");
        assert_eq!(fields(&answer), Vec::from_iter(at_fault));
    }
    assert_eq!(api.data("/messages").await["total"], 0);
}

async fn who_declined_marketing_may_still_be_answered(front: &Front) {
    let (member, uid) = front.hotel.friends(1).await.remove(0);
    let change = json!({"accept_marketing": false});
    let path = format!("/members/{member}");
    assert_eq!(front.service.put(&path, change).await.0, 200);
    let sent = front
        .service
        .create("/messages", text(member, "您的房間好了"))
        .await;
    assert_eq!(sent["status"], "sent");
    assert_eq!(front.hotel.line.deliveries_of(&uid), 1);
}

async fn when_line_fails_the_message_is_kept_as_failed(front: &Front) {
    let api = &front.service;
    let (member, uid) = front.hotel.friends(1).await.remove(0);
    for (kind, status, code, reason) in [
        (
            FaultKind::ServerError,
            503,
            "line_unavailable",
            "line_unavailable",
        ),
        (FaultKind::Unauthorized, 503, "line_credentials", "token"),
    ] {
        let fault = Fault::always(FaultEndpoint::Push, kind);
        front.hotel.line.inject_fault(fault);
        let (got, answer) = api.post("/messages", text(member, "您好")).await;
        assert_eq!(
            (got, &answer["error_code"]),
            (status, &json!(code)),
            "{answer}"
        );
        let id = &answer["details"]["message_id"];
        let failed = api.data(&format!("/messages/{id}")).await;
        assert_eq!(
            (&failed["status"], &failed["reason"]),
            (&json!("failed"), &json!(reason))
        );
        assert!(failed["error_message"].is_string());
        assert_eq!(failed["sent_at"], json!(null));
        front.hotel.line.clear_faults();
    }
    // A failed message is not tried again behind anybody's back.
    later(front, 3).await;
    assert_eq!(front.hotel.line.deliveries_of(&uid), 0);
    assert_eq!(api.data("/messages").await["total"], 2);
}

async fn a_conversation_shows_both_sides_and_marks_what_was_unread(front: &Front) {
    let api = &front.marketing;
    let friends = front.hotel.friends(2).await;
    let (member, other) = (friends[0].0, friends[1].0);
    let template = json!({"type": "text", "name": "問候", "content": "中秋快樂"});
    let template = api.create("/templates", template).await["id"].clone();
    let body =
        json!({"title": "中秋問候", "template_id": template, "target_audience": {"type": "all"}});
    let campaign = api.create("/campaigns", body).await["id"].clone();
    api.post(&format!("/campaigns/{campaign}/send"), json!({}))
        .await;
    front.hotel.run_jobs().await;
    front.hotel.clock.advance(TimeDelta::seconds(5));
    wrote(&front.hotel, member, "m-1", "請問有優惠嗎").await;
    wrote(&front.hotel, other, "m-2", "別人的話").await;
    front.hotel.clock.advance(TimeDelta::seconds(5));
    api.create("/messages", text(member, "有的")).await;

    let unread = api
        .data(&format!("/messages?member_id={member}&direction=incoming"))
        .await;
    assert_eq!(unread["items"][0]["read_at"], json!(null));
    let path = format!("/messages/conversation/{member}");
    let talk = api.data(&path).await;
    let said: Vec<_> = talk["items"].as_array().unwrap().iter().collect();
    let contents: Vec<&Value> = said.iter().map(|m| &m["content"]).collect();
    assert_eq!(contents, ["有的", "請問有優惠嗎", "中秋問候"], "{talk}");
    assert_eq!(
        (
            &said[2]["sender_type"],
            &said[2]["campaign_id"],
            &said[2]["id"]
        ),
        (
            &json!("campaign"),
            &campaign,
            &json!(-campaign.as_i64().unwrap())
        )
    );
    assert_eq!(said[2]["status"], "sent");
    assert_eq!(
        (
            &said[1]["direction"],
            &said[1]["status"],
            &said[1]["sender_type"]
        ),
        (&json!("incoming"), &json!("received"), &json!(null))
    );
    let read_at = said[1]["read_at"].clone();
    assert!(read_at.is_string(), "reading it marks it");
    front.hotel.clock.advance(TimeDelta::seconds(5));
    assert_eq!(api.data(&path).await["items"][1]["read_at"], read_at);
    let others = api.data(&format!("/messages?member_id={other}")).await;
    assert_eq!(
        others["items"][0]["read_at"],
        json!(null),
        "theirs is not read"
    );

    let oldest = api.data(&format!("{path}?page=3&page_size=1")).await;
    assert_eq!(
        (&oldest["total"], &oldest["items"][0]["content"]),
        (&json!(3), &json!("中秋問候"))
    );
    assert_eq!(
        api.data(&format!("{path}?page=9")).await["items"],
        json!([])
    );
    let (status, answer) = api.get("/messages/conversation/4711").await;
    assert_eq!(
        (status, &answer["error_code"]),
        (404, &json!("member_not_found"))
    );
    assert_eq!(api.get("/messages/conversation/x").await.0, 404);
}

async fn the_list_is_narrowed_by_member_direction_and_hotel_day(front: &Front) {
    let api = &front.service;
    let friends = front.hotel.friends(2).await;
    // The clock stands at 10:00 in Taipei.
    wrote(&front.hotel, friends[0].0, "m-1", "早安").await;
    api.create("/messages", text(friends[0].0, "您好")).await;
    front.hotel.clock.advance(TimeDelta::minutes(14 * 60 + 1));
    wrote(&front.hotel, friends[1].0, "m-2", "晚安").await;
    // Their session ended over that.
    let api = &crm_tests::Api::sign_in(&front.base, "lin", crate::front::PASSWORD).await;
    let found = async |query: &str| {
        let list = api.data(&format!("/messages?{query}")).await;
        let items = list["items"].as_array().unwrap().clone();
        let words = items
            .iter()
            .map(|m| m["content"].as_str().unwrap().to_owned());
        words.collect::<Vec<_>>().join(",")
    };
    let day = front.hotel.crm.hotel.day_of(front.hotel.now());
    let before = day.pred_opt().unwrap();
    assert_eq!(found("").await, "晚安,您好,早安");
    assert_eq!(found("direction=incoming").await, "晚安,早安");
    assert_eq!(
        found(&format!("member_id={}", friends[0].0)).await,
        "您好,早安"
    );
    assert_eq!(found(&format!("start_date={day}")).await, "晚安");
    assert_eq!(found(&format!("end_date={before}")).await, "您好,早安");
    assert_eq!(
        found(&format!(
            "start_date={before}&end_date={day}&page=2&page_size=2"
        ))
        .await,
        "早安"
    );
    assert_eq!(found("member_id=4711").await, "");
    for (query, field) in [
        ("direction=up", "direction"),
        ("direction=", "direction"),
        ("member_id=x", "member_id"),
        ("start_date=2026-2-1", "start_date"),
        ("start_date=2026-10-02&end_date=2026-10-01", "end_date"),
        ("page_size=101", "page_size"),
    ] {
        let (status, answer) = api.get(&format!("/messages?{query}")).await;
        assert_eq!((status, fields(&answer)), (400, vec![field]), "{query}");
    }
}

async fn words_are_kept_and_sent_as_they_were_typed(front: &Front) {
    let (member, uid) = front.hotel.friends(1).await.remove(0);
    for words in [
        "'; DROP TABLE messages; -- <script>alert(1)</script>",
        "😀𠮷野家👨‍👩‍👧\n  第二行  ",
        &"好".repeat(5_000),
    ] {
        let sent = front.service.create("/messages", text(member, words)).await;
        assert_eq!(sent["content"], words);
        let path = format!("/messages/{}", sent["id"]);
        assert_eq!(front.service.data(&path).await["content"], words);
        let got = front.hotel.line.messages_of(&uid);
        let got = got.iter().any(|m| m.message["text"] == words);
        assert!(got, "{words}");
    }
}

async fn what_cannot_be_sent_is_told_by_the_name_of_its_field(front: &Front) {
    let api = &front.service;
    let (member, uid) = front.hotel.friends(1).await.remove(0);
    let with = |name: &str, value: Value| {
        let mut body = text(member, "您好");
        body[name] = value;
        body
    };
    let past = wire(front.hotel.now() - TimeDelta::minutes(1));
    let far = wire(front.hotel.now() + TimeDelta::days(400));
    for (body, field) in [
        (json!({"content": "您好"}), "member_id"),
        (json!({"member_id": member}), "content"),
        (with("member_id", json!("1")), "member_id"),
        (with("content", json!(" \n ")), "content"),
        (with("content", json!("好".repeat(5_001))), "content"),
        (with("content", json!("😀".repeat(2_501))), "content"),
        (with("message_type", json!("video")), "message_type"),
        (with("message_type", json!("")), "message_type"),
        (with("template_id", json!(1)), "template_id"),
        (
            json!({"member_id": member, "message_type": "template"}),
            "template_id",
        ),
        (
            json!({"member_id": member, "message_type": "template", "template_id": 4711}),
            "template_id",
        ),
        (
            json!({"member_id": member, "message_type": "template", "template_id": 1,
                "content": "您好"}),
            "content",
        ),
        (with("message_type", json!("image")), "content"),
        (with("scheduled_at", json!(past)), "scheduled_at"),
        (with("scheduled_at", json!(far)), "scheduled_at"),
        (with("scheduled_at", json!("")), "scheduled_at"),
        (with("scheduled_at", json!("tomorrow")), "scheduled_at"),
        (with("priority", json!(1)), "priority"),
        (
            json!({"member_id": member, "message_type": "image",
                "content": "/static/uploads/images/temp/gone.jpg"}),
            "content",
        ),
    ] {
        let (status, answer) = api.post("/messages", body.clone()).await;
        assert_eq!((status, fields(&answer)), (400, vec![field]), "{answer}");
    }
    assert_eq!(api.data("/messages").await["total"], 0);
    assert_eq!(front.hotel.line.deliveries_of(&uid), 0);
    let image = json!({"member_id": member, "message_type": "image", "content": "https://cdn.hotel.com/a.jpg"});
    let sent = api.create("/messages", image).await;
    assert_eq!(sent["message_type"], "image");
}

async fn strangers_neither_read_nor_write(front: &Front) {
    for path in ["/messages", "/messages/1", "/messages/conversation/1"] {
        assert_eq!(front.stranger.get(path).await.0, 401, "{path}");
    }
    let body = text(1.into(), "您好");
    assert_eq!(front.stranger.post("/messages", body).await.0, 401);
    assert_eq!(front.stranger.delete("/messages/1").await.0, 401);
}
