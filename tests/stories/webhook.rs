use crm_kernel::{PageRequest, Transaction, Transactions};
use crm_members::{LineState, MemberFilter, MemberRow, MemberSort};
use crm_messages::{Direction, MessageFilter, MessageRow, MessageStatus, MessageType};
use crm_simulator_line::{Fault, FaultEndpoint, FaultKind, SimulatorConfig, sign};
use crm_tests::Installation;
use crm_workflows::{CrmTx, HandleInboundEvent, InboundEvent, WebhookError};
use serde_json::{Value, json};

crate::stories!(
    a_follow_becomes_a_member_with_the_line_profile,
    an_event_delivered_again_changes_nothing,
    leaving_and_returning_are_judged_by_the_events_own_time,
    a_wrong_signature_stores_nothing,
    a_profile_that_cannot_be_fetched_does_not_lose_the_follow,
    unknown_events_are_kept_and_do_no_harm,
    what_guests_write_is_in_the_record_as_they_wrote_it,
    a_message_delivered_again_is_in_the_record_once,
    a_message_without_an_id_or_a_time_is_in_the_record_once,
    a_longer_text_than_the_record_holds_is_cut_between_characters,
    what_is_said_in_a_group_is_not_in_the_record,
    an_event_stored_by_an_older_version_is_still_handled,
);

/// An event of that kind at that millisecond.
pub fn event(id: &str, uid: &str, at: i64, mut more: Value) -> Value {
    let base = json!({
        "mode": "active",
        "timestamp": at,
        "source": {"type": "user", "userId": uid},
        "webhookEventId": id,
        "deliveryContext": {"isRedelivery": false},
        "replyToken": "token",
    });
    if let (Some(more), Some(base)) = (more.as_object_mut(), base.as_object()) {
        more.extend(base.clone());
    }
    more
}

pub async fn receive(hotel: &Installation, events: Vec<Value>) -> usize {
    let body = json!({"destination": hotel.line.bot_user_id(), "events": events}).to_string();
    let signature = sign(&SimulatorConfig::default().channel_secret, body.as_bytes());
    let inbound = &hotel.crm.inbound;
    let new = inbound
        .receive(body.as_bytes(), Some(&signature))
        .await
        .unwrap();
    hotel.run_jobs().await;
    new
}

/// A guest taps something that carries data.
pub async fn deliver_postback(hotel: &Installation, uid: &str, data: &str) {
    let at = hotel.now().timestamp_millis();
    let postback = json!({"type": "postback", "postback": {"data": data}});
    receive(
        hotel,
        vec![event(&format!("pb-{uid}-{data}"), uid, at, postback)],
    )
    .await;
}

async fn all(hotel: &Installation) -> Vec<MemberRow> {
    let page = PageRequest::new(1, 100).unwrap();
    let members = &hotel.crm.members;
    let list = members
        .list(&MemberFilter::default(), MemberSort::default(), page)
        .await;
    list.unwrap().items
}

fn follow() -> Value {
    json!({"type": "follow", "follow": {"isUnblocked": false}})
}

async fn a_follow_becomes_a_member_with_the_line_profile(hotel: &Installation) {
    let uid = hotel.line.add_friends(1, false).remove(0);
    let at = hotel.now().timestamp_millis();
    assert_eq!(
        receive(hotel, vec![event("01A", &uid, at, follow())]).await,
        1
    );
    let members = all(hotel).await;
    assert_eq!(members.len(), 1);
    assert_eq!(members[0].line_uid.as_deref(), Some(uid.as_str()));
    assert!(members[0].line_display_name.is_some());
    assert_eq!(members[0].line_state, Some(LineState::Following));
    assert_eq!(members[0].source.as_str(), "line");
    let detail = hotel.crm.members.get(members[0].id).await.unwrap();
    assert_eq!(detail.followed_at, Some(hotel.now()));
}

async fn an_event_delivered_again_changes_nothing(hotel: &Installation) {
    let uid = hotel.line.add_friends(1, false).remove(0);
    let at = hotel.now().timestamp_millis();
    assert_eq!(
        receive(hotel, vec![event("01A", &uid, at, follow())]).await,
        1
    );
    let before = all(hotel).await;
    let mut again = event("01A", &uid, at, follow());
    again["deliveryContext"]["isRedelivery"] = json!(true);
    assert_eq!(receive(hotel, vec![again.clone(), again]).await, 0);
    assert_eq!(all(hotel).await, before);
}

async fn leaving_and_returning_are_judged_by_the_events_own_time(hotel: &Installation) {
    let uid = hotel.line.add_friends(1, false).remove(0);
    let at = hotel.now().timestamp_millis();
    let unfollow = json!({"type": "unfollow"});
    receive(hotel, vec![event("02", &uid, at + 2_000, unfollow)]).await;
    receive(hotel, vec![event("01", &uid, at + 1_000, follow())]).await;
    assert_eq!(all(hotel).await[0].line_state, Some(LineState::Blocked));
    receive(hotel, vec![event("03", &uid, at + 3_000, follow())]).await;
    assert_eq!(all(hotel).await[0].line_state, Some(LineState::Following));
}

async fn a_wrong_signature_stores_nothing(hotel: &Installation) {
    let at = hotel.now().timestamp_millis();
    let body = json!({"events": [event("01", "U1", at, follow())]}).to_string();
    let right = sign(&SimulatorConfig::default().channel_secret, body.as_bytes());
    for signature in [None, Some(""), Some("AAAA"), Some(&right[1..])] {
        let refused = hotel.crm.inbound.receive(body.as_bytes(), signature).await;
        assert!(matches!(refused, Err(WebhookError::BadSignature)));
    }
    let secret = SimulatorConfig::default().channel_secret;
    let signed = sign(&secret, b"not json");
    let refused = hotel.crm.inbound.receive(b"not json", Some(&signed)).await;
    assert!(matches!(refused, Err(WebhookError::NotAWebhook(_))));
    assert_eq!(hotel.run_jobs().await, 0);
    assert!(all(hotel).await.is_empty());
}

async fn a_profile_that_cannot_be_fetched_does_not_lose_the_follow(hotel: &Installation) {
    let uid = hotel.line.add_friends(1, false).remove(0);
    let at = hotel.now().timestamp_millis();
    hotel.line.inject_fault(Fault::times(
        FaultEndpoint::Profile,
        FaultKind::ServerError,
        1,
    ));
    receive(hotel, vec![event("01", &uid, at, follow())]).await;
    assert_eq!(all(hotel).await[0].line_display_name, None);
    let text = json!({"type": "message", "message": {"type": "text", "id": "1", "text": "你好"}});
    receive(hotel, vec![event("02", &uid, at + 5, text)]).await;
    assert!(all(hotel).await[0].line_display_name.is_some());
}

async fn unknown_events_are_kept_and_do_no_harm(hotel: &Installation) {
    let at = hotel.now().timestamp_millis();
    let strange = vec![
        event(
            "01",
            "U1",
            at,
            json!({"type": "teleport", "teleport": {"to": "moon"}}),
        ),
        json!({"type": "accountLink", "timestamp": at}),
        json!({}),
    ];
    assert_eq!(receive(hotel, strange).await, 3);
    assert!(all(hotel).await.is_empty());
    assert_eq!(receive(hotel, vec![]).await, 0);
    assert_eq!(
        hotel
            .crm
            .database
            .job_figures(hotel.now())
            .await
            .unwrap()
            .dead,
        0
    );
}

/// A guest's message with that id at LINE.
fn message(id: &str, mut what: Value) -> Value {
    what["id"] = json!(id);
    json!({"type": "message", "message": what})
}

fn text(id: &str, words: &str) -> Value {
    message(id, json!({"type": "text", "text": words}))
}

/// What the record holds, the newest first.
async fn record(hotel: &Installation) -> Vec<MessageRow> {
    let page = PageRequest::new(1, 100).unwrap();
    let filter = MessageFilter::default();
    let list = hotel.crm.messages.list(&filter, page).await.unwrap();
    assert_eq!(list.total, list.items.len() as u64);
    list.items
}

async fn contents(hotel: &Installation) -> Vec<String> {
    let rows = record(hotel).await.into_iter();
    rows.map(|row| row.content).collect()
}

async fn what_guests_write_is_in_the_record_as_they_wrote_it(hotel: &Installation) {
    let (member, uid) = hotel.friends(1).await.remove(0);
    let at = hotel.now().timestamp_millis();
    let words = "𠮷野家の王小明です 😀👨‍👩‍👧";
    let sent = [
        text("101", words),
        message(
            "102",
            json!({"type": "sticker", "packageId": "446", "stickerId": "1988"}),
        ),
        message(
            "103",
            json!({"type": "image", "contentProvider": {"type": "line"}}),
        ),
        message(
            "104",
            json!({"type": "file", "fileName": "發票.pdf", "fileSize": 9}),
        ),
        message(
            "105",
            json!({"type": "location", "title": "台北", "latitude": 25.0}),
        ),
        message("106", json!({"type": "hologram"})),
    ];
    let events = sent.into_iter().zip(0..);
    let events = events.map(|(what, i)| event(&format!("m{i}"), &uid, at + i, what));
    assert_eq!(receive(hotel, events.collect()).await, 6);
    let rows = record(hotel).await;
    let said: Vec<&str> = rows.iter().map(|row| row.content.as_str()).collect();
    let expected = [
        "[message]",
        "[location]",
        "[file] 發票.pdf",
        "[image]",
        "[sticker]",
        words,
    ];
    assert_eq!(said, expected);
    for row in &rows {
        assert_eq!(row.member.id, member);
        assert_eq!(row.direction, Direction::Incoming);
        assert_eq!(row.status, MessageStatus::Received);
        assert_eq!(row.message_type, MessageType::Text);
        assert_eq!((row.sender_type, row.read_at), (None, None));
    }
    assert_eq!(rows[5].created_at, hotel.now());
    let page = PageRequest::new(1, 100).unwrap();
    let conversation = hotel.crm.messages.conversation(member, page).await.unwrap();
    assert_eq!(conversation.items, rows);
}

async fn a_message_delivered_again_is_in_the_record_once(hotel: &Installation) {
    let uid = hotel.line.add_friends(1, false).remove(0);
    let at = hotel.now().timestamp_millis();
    let first = event("01", &uid, at, text("201", "有空房嗎"));
    let mut again = first.clone();
    again["deliveryContext"]["isRedelivery"] = json!(true);
    // Known by LINE's id of the message even where the event came under another one.
    let other = event("02", &uid, at + 9, text("201", "有空房嗎"));
    assert_eq!(receive(hotel, vec![first.clone(), again.clone()]).await, 1);
    assert_eq!(receive(hotel, vec![again, other]).await, 1);
    assert_eq!(contents(hotel).await, ["有空房嗎"]);
    assert_eq!(all(hotel).await.len(), 1);
    let figures = hotel.crm.database.job_figures(hotel.now()).await.unwrap();
    assert_eq!(figures.dead, 0);
    receive(
        hotel,
        vec![event("03", &uid, at + 9, text("202", "有空房嗎"))],
    )
    .await;
    assert_eq!(contents(hotel).await.len(), 2);
}

async fn a_message_without_an_id_or_a_time_is_in_the_record_once(hotel: &Installation) {
    let uid = hotel.line.add_friends(1, false).remove(0);
    let nameless = json!({"type": "message", "message": {"type": "text", "text": "早安"}});
    let events = || vec![event("01", &uid, 0, nameless.clone())];
    assert_eq!(receive(hotel, events()).await, 1);
    assert_eq!(receive(hotel, events()).await, 0);
    let rows = record(hotel).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].created_at, hotel.now());
}

async fn a_longer_text_than_the_record_holds_is_cut_between_characters(hotel: &Installation) {
    let uid = hotel.line.add_friends(1, false).remove(0);
    let at = hotel.now().timestamp_millis();
    let long = format!("a{}", "𠮷".repeat(6_000));
    receive(hotel, vec![event("01", &uid, at, text("301", &long))]).await;
    assert_eq!(contents(hotel).await, [format!("a{}", "𠮷".repeat(2_499))]);
}

async fn what_is_said_in_a_group_is_not_in_the_record(hotel: &Installation) {
    let uid = hotel.line.add_friends(1, false).remove(0);
    let at = hotel.now().timestamp_millis();
    let mut said = event("01", &uid, at, text("401", "大家好"));
    said["source"] = json!({"type": "group", "groupId": "C1", "userId": uid});
    assert_eq!(receive(hotel, vec![said]).await, 1);
    assert!(contents(hotel).await.is_empty());
}

async fn an_event_stored_by_an_older_version_is_still_handled(hotel: &Installation) {
    let uid = hotel.line.add_friends(1, false).remove(0);
    let old = json!({
        "id": "01", "line_uid": uid, "at": hotel.now(), "reply_token": null,
        "what": {"type": "message", "text": "請問幾點退房"}, "raw": {},
    });
    let event: InboundEvent = serde_json::from_value(old).unwrap();
    let mut tx = Transactions::<dyn CrmTx>::begin(&hotel.crm.database)
        .await
        .unwrap();
    let event_id = tx.inbound().insert(&event, hotel.now()).await.unwrap();
    let event_id = event_id.unwrap();
    Transaction::commit(tx).await.unwrap();
    let job = HandleInboundEvent { event_id };
    for _ in 0..2 {
        hotel.crm.inbound.handle(&job).await.unwrap();
    }
    assert_eq!(contents(hotel).await, ["請問幾點退房"]);
}
