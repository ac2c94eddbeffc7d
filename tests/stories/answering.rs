//! Guests who are answered by themselves.

use crate::webhook::{event, receive, store};
use chrono::TimeDelta;
use crm_auto_responses::{AutoResponse, CreateAutoResponse, TriggerType};
use crm_kernel::{Actor, AutoResponseId, PageRequest};
use crm_messages::{Direction, FailReason, MessageFilter, MessageRow, MessageStatus};
use crm_simulator_line::{Fault, FaultEndpoint, FaultKind, Speaker};
use crm_tests::{Installation, MovedClock};
use crm_workflows::{EventFilter, EventStatus};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

crate::stories!(
    a_follow_is_welcomed_and_a_keyword_answered_by_all_its_texts,
    who_has_left_again_is_not_welcomed,
    an_event_delivered_again_is_not_answered_again,
    an_answer_that_comes_too_late_is_not_said,
    an_answer_that_comes_too_late_is_pushed_when_the_rule_may_cost,
    line_failing_twice_is_asked_again_and_answers_once,
    an_answer_that_line_may_have_taken_is_never_pushed,
    what_a_later_try_came_to_is_not_forgotten,
    an_answer_of_last_night_is_not_pushed_in_the_morning,
    two_guests_who_become_one_while_an_answer_is_on_its_way_lose_nothing,
    in_standby_nothing_is_said,
    a_message_taken_back_leaves_no_words_whenever_it_comes,
    a_rule_that_cannot_be_read_does_not_cost_the_guests_message,
    a_process_that_dies_before_it_asked_line_is_stood_in_for,
    a_guest_who_writes_a_hundred_messages_is_answered_in_order,
    two_processes_handle_a_guest_in_order_and_once,
    an_event_that_cannot_be_handled_dies_and_the_next_one_goes_on,
    events_whose_job_was_lost_are_found_and_handled,
    while_all_sending_is_stopped_guests_are_answered_but_nothing_is_paid_for,
    counters_are_equal_to_what_happened,
);

const ME: Actor = Actor::System;

fn rule(trigger_type: TriggerType, texts: &[&str]) -> CreateAutoResponse {
    CreateAutoResponse {
        name: "規則".into(),
        trigger_type,
        content: None,
        messages: Some(texts.iter().map(|&text| text.to_owned()).collect()),
        template_id: None,
        keywords: None,
        is_active: true,
        allow_push: false,
        trigger_time_start: None,
        trigger_time_end: None,
        date_start: None,
        date_end: None,
    }
}

fn listening(words: &[&str], texts: &[&str]) -> CreateAutoResponse {
    CreateAutoResponse {
        keywords: Some(words.iter().map(|&word| word.to_owned()).collect()),
        ..rule(TriggerType::Keyword, texts)
    }
}

async fn put(hotel: &Installation, rule: CreateAutoResponse) -> AutoResponseId {
    let rules = &hotel.crm.auto_responses;
    rules.create(&ME, rule).await.unwrap().id()
}

async fn get(hotel: &Installation, id: AutoResponseId) -> AutoResponse {
    hotel.crm.auto_responses.get(id).await.unwrap().rule
}

/// A guest writes, with a reply token that the simulator takes.
fn said(hotel: &Installation, id: &str, uid: &str, text: &str) -> Value {
    let at = hotel.now().timestamp_millis();
    let message = json!({"type": "text", "id": format!("m{id}"), "text": text});
    let mut event = event(id, uid, at, json!({"type": "message", "message": message}));
    event["replyToken"] = json!(hotel.line.issue_reply_token(uid).unwrap());
    event
}

async fn outgoing(hotel: &Installation) -> Vec<MessageRow> {
    let filter = MessageFilter {
        direction: Some(Direction::Outgoing),
        ..MessageFilter::default()
    };
    let page = PageRequest::new(1, 100).unwrap();
    let mut rows = hotel.crm.messages.list(&filter, page).await.unwrap().items;
    rows.sort_by_key(|row| row.id);
    rows
}

/// The texts that reached a guest's phone, in their order.
fn texts(hotel: &Installation, uid: &str) -> Vec<String> {
    let chat = hotel.line.messages_of(uid);
    let ours = chat.iter().filter(|line| line.from == Speaker::Account);
    ours.map(|line| line.message["text"].as_str().unwrap().to_owned())
        .collect()
}

/// Messages that were paid for.
fn paid(hotel: &Installation) -> u64 {
    hotel.line.counters().quota_used
}

async fn a_follow_is_welcomed_and_a_keyword_answered_by_all_its_texts(hotel: &Installation) {
    let welcome = put(
        hotel,
        rule(TriggerType::Welcome, &["{{display_name|貴賓}}您好"]),
    )
    .await;
    let words = put(hotel, listening(&["早餐"], &["早餐 7 點", "在 2 樓"])).await;
    let uid = hotel.line.add_friend("王小明");
    let mut follow = event(
        "f",
        &uid,
        hotel.now().timestamp_millis(),
        json!({"type": "follow"}),
    );
    follow["replyToken"] = json!(hotel.line.issue_reply_token(&uid).unwrap());
    receive(hotel, vec![follow]).await;
    receive(hotel, vec![said(hotel, "1", &uid, "請問早餐幾點？")]).await;
    receive(hotel, vec![said(hotel, "2", &uid, "謝謝")]).await;
    let expected = ["王小明您好", "早餐 7 點", "在 2 樓"];
    assert_eq!(texts(hotel, &uid), expected);
    for id in [welcome, words] {
        let rule = get(hotel, id).await;
        assert_eq!(
            (rule.record().trigger_count, rule.record().success_count),
            (1, 1)
        );
    }
    let rows = outgoing(hotel).await;
    assert_eq!(rows.len(), 3);
    assert!(
        rows.iter()
            .all(|row| row.status == MessageStatus::Sent && row.sent_at.is_some())
    );
    assert_eq!(paid(hotel), 0);
}

async fn who_has_left_again_is_not_welcomed(hotel: &Installation) {
    let welcome = put(hotel, rule(TriggerType::Welcome, &["歡迎"])).await;
    let uid = hotel.line.add_friends(1, false).remove(0);
    let at = hotel.now().timestamp_millis();
    let gone = event("2", &uid, at + 2_000, json!({"type": "unfollow"}));
    receive(hotel, vec![gone]).await;
    let mut late = event("1", &uid, at + 1_000, json!({"type": "follow"}));
    late["replyToken"] = json!(hotel.line.issue_reply_token(&uid).unwrap());
    receive(hotel, vec![late]).await;
    assert!(texts(hotel, &uid).is_empty());
    assert_eq!(get(hotel, welcome).await.record().trigger_count, 0);
}

async fn an_event_delivered_again_is_not_answered_again(hotel: &Installation) {
    put(hotel, listening(&["早餐"], &["7 點"])).await;
    let uid = hotel.line.add_friends(1, false).remove(0);
    let question = said(hotel, "1", &uid, "早餐");
    receive(hotel, vec![question.clone()]).await;
    let mut again = question.clone();
    again["deliveryContext"]["isRedelivery"] = json!(true);
    receive(hotel, vec![again]).await;
    // Under another name, but the same message.
    let mut renamed = question;
    renamed["webhookEventId"] = json!("other");
    renamed["replyToken"] = json!(hotel.line.issue_reply_token(&uid).unwrap());
    receive(hotel, vec![renamed]).await;
    assert_eq!(texts(hotel, &uid), ["7 點"]);
}

async fn an_answer_that_comes_too_late_is_not_said(hotel: &Installation) {
    let words = put(hotel, listening(&["早餐"], &["7 點"])).await;
    let uid = hotel.line.add_friends(1, false).remove(0);
    store(hotel, vec![said(hotel, "1", &uid, "早餐")]).await;
    // The job runner is down for ten minutes.
    hotel.clock.advance(TimeDelta::minutes(10));
    hotel.run_jobs().await;
    assert!(texts(hotel, &uid).is_empty());
    let rows = outgoing(hotel).await;
    assert_eq!(rows[0].status, MessageStatus::Failed);
    assert_eq!(rows[0].reason, Some(FailReason::ReplyTokenExpired));
    let rule = get(hotel, words).await;
    assert_eq!(
        (rule.record().trigger_count, rule.record().success_count),
        (1, 0)
    );
}

async fn an_answer_that_comes_too_late_is_pushed_when_the_rule_may_cost(hotel: &Installation) {
    let costly = CreateAutoResponse {
        allow_push: true,
        ..listening(&["早餐"], &["7 點"])
    };
    let words = put(hotel, costly).await;
    let uid = hotel.line.add_friends(1, false).remove(0);
    store(hotel, vec![said(hotel, "1", &uid, "早餐")]).await;
    hotel.clock.advance(TimeDelta::minutes(10));
    hotel.run_jobs().await;
    hotel.run_jobs_for(TimeDelta::minutes(2)).await;
    assert_eq!(texts(hotel, &uid), ["7 點"]);
    assert_eq!(paid(hotel), 1);
    assert_eq!(get(hotel, words).await.record().success_count, 1);
}

async fn line_failing_twice_is_asked_again_and_answers_once(hotel: &Installation) {
    let words = put(hotel, listening(&["早餐"], &["7 點"])).await;
    let uid = hotel.line.add_friends(1, false).remove(0);
    let fault = Fault::times(FaultEndpoint::Reply, FaultKind::ServerError, 2);
    hotel.line.inject_fault(fault);
    receive(hotel, vec![said(hotel, "1", &uid, "早餐")]).await;
    hotel.run_jobs_for(TimeDelta::minutes(2)).await;
    assert_eq!(texts(hotel, &uid), ["7 點"]);
    let rule = get(hotel, words).await;
    assert_eq!(
        (rule.record().trigger_count, rule.record().success_count),
        (1, 1)
    );
}

async fn an_answer_that_line_may_have_taken_is_never_pushed(hotel: &Installation) {
    let costly = CreateAutoResponse {
        allow_push: true,
        ..listening(&["早餐"], &["7 點"])
    };
    put(hotel, costly).await;
    let uid = hotel.line.add_friends(1, false).remove(0);
    let fault = Fault::times(FaultEndpoint::Reply, FaultKind::ServerErrorAfterAccept, 1);
    hotel.line.inject_fault(fault);
    receive(hotel, vec![said(hotel, "1", &uid, "早餐")]).await;
    hotel.run_jobs_for(TimeDelta::minutes(2)).await;
    assert_eq!(texts(hotel, &uid), ["7 點"]);
    assert_eq!(paid(hotel), 0);
    let rows = outgoing(hotel).await;
    assert_eq!(rows[0].reason, Some(FailReason::LineUnavailable));
}

async fn a_process_that_dies_before_it_asked_line_is_stood_in_for(hotel: &Installation) {
    put(hotel, listening(&["早餐"], &["7 點"])).await;
    let uid = hotel.line.add_friends(1, false).remove(0);
    // LINE does not answer, and the process is killed while it waits.
    let fault =
        Fault::times(FaultEndpoint::Reply, FaultKind::Slow, 1).with_delay(Duration::from_secs(60));
    hotel.line.inject_fault(fault);
    store(hotel, vec![said(hotel, "1", &uid, "早餐")]).await;
    let doomed = hotel.beside(hotel.clock.clone());
    let killed = tokio::time::timeout(Duration::from_millis(400), hotel.run_jobs_of(&doomed));
    assert!(killed.await.is_err());
    assert!(texts(hotel, &uid).is_empty());
    hotel.run_jobs_for(TimeDelta::minutes(3)).await;
    let rows = outgoing(hotel).await;
    assert_eq!(rows.len(), 1);
    // Half a minute later the token still works: the guest has their answer, once.
    assert_eq!(texts(hotel, &uid), ["7 點"]);
    assert_eq!(rows[0].status, MessageStatus::Sent);
}

async fn a_guest_who_writes_a_hundred_messages_is_answered_in_order(hotel: &Installation) {
    for n in 0..10 {
        let word = format!("第{n}題");
        put(hotel, listening(&[word.as_str()], &[word.as_str()])).await;
    }
    let uid = hotel.line.add_friends(1, false).remove(0);
    let mut expected = Vec::new();
    for n in 0..100 {
        let word = format!("第{}題", n % 10);
        let mut question = said(hotel, &format!("{n}"), &uid, &word);
        question["timestamp"] = json!(hotel.now().timestamp_millis() + n * 10);
        store(hotel, vec![question]).await;
        expected.push(word);
    }
    hotel.run_jobs().await;
    hotel.run_jobs_for(TimeDelta::seconds(60)).await;
    assert_eq!(hotel.line.deliveries_of(&uid), 100);
    // The phone shows the latest of a long chat.
    let shown = texts(hotel, &uid);
    assert!(shown.len() >= 20);
    assert!(expected.ends_with(&shown));
}

async fn two_processes_handle_a_guest_in_order_and_once(hotel: &Installation) {
    put(hotel, listening(&["號"], &["收到"])).await;
    let other = hotel.beside(Arc::new(MovedClock::default()));
    let uids = hotel.line.add_friends(3, false);
    for n in 0..20 {
        for uid in &uids {
            let mut question = said(hotel, &format!("{uid}{n}"), uid, &format!("{n} 號"));
            question["timestamp"] = json!(hotel.now().timestamp_millis() + n * 10);
            store(hotel, vec![question]).await;
        }
    }
    tokio::join!(hotel.run_jobs(), hotel.run_jobs_of(&other));
    hotel.run_jobs_for(TimeDelta::minutes(2)).await;
    for uid in &uids {
        assert_eq!(texts(hotel, uid).len(), 20);
    }
    let filter = MessageFilter {
        direction: Some(Direction::Incoming),
        ..MessageFilter::default()
    };
    let page = PageRequest::new(1, 100).unwrap();
    let mut rows = hotel.crm.messages.list(&filter, page).await.unwrap().items;
    assert_eq!(rows.len(), 60);
    rows.sort_by_key(|row| (row.member.id, row.id));
    let spoken: Vec<String> = rows.into_iter().map(|row| row.content).collect();
    let expected: Vec<String> = (0..60).map(|n| format!("{} 號", n % 20)).collect();
    assert_eq!(spoken, expected);
}

async fn an_event_that_cannot_be_handled_dies_and_the_next_one_goes_on(hotel: &Installation) {
    put(hotel, listening(&["早餐"], &["7 點"])).await;
    let uid = hotel.line.add_friends(1, false).remove(0);
    store(hotel, vec![said(hotel, "bad", &uid, "早餐")]).await;
    hotel
        .database
        .database
        .pool()
        .execute_unprepared(
            "UPDATE line_events SET payload = '{\"broken' WHERE webhook_event_id = 'bad'",
        )
        .await
        .unwrap();
    receive(hotel, vec![said(hotel, "good", &uid, "早餐")]).await;
    assert_eq!(texts(hotel, &uid), ["7 點"]);
    let dead = EventFilter {
        status: Some(EventStatus::Dead),
        kind: None,
    };
    let page = PageRequest::new(1, 10).unwrap();
    let list = hotel.crm.inbound.list(&dead, page).await.unwrap();
    assert_eq!(list.total, 1);
    assert_eq!(list.items[0].webhook_event_id, "bad");
    assert!(list.items[0].last_error.is_some());
    let again = hotel.crm.inbound.replay(&ME, list.items[0].id).await;
    again.unwrap();
    hotel.run_jobs().await;
    let list = hotel.crm.inbound.list(&dead, page).await.unwrap();
    assert_eq!(list.total, 1, "it still cannot be read");
}

async fn while_all_sending_is_stopped_guests_are_answered_but_nothing_is_paid_for(
    hotel: &Installation,
) {
    let costly = CreateAutoResponse {
        allow_push: true,
        ..listening(&["早餐"], &["7 點"])
    };
    put(hotel, costly).await;
    let uids = hotel.line.add_friends(2, false);
    let brake = &hotel.crm.brake;
    brake.pull(&ME, Some("wrong price")).await.unwrap();
    receive(hotel, vec![said(hotel, "1", &uids[0], "早餐")]).await;
    assert_eq!(texts(hotel, &uids[0]), ["7 點"]);
    store(hotel, vec![said(hotel, "2", &uids[1], "早餐")]).await;
    hotel.clock.advance(TimeDelta::minutes(10));
    hotel.run_jobs().await;
    assert!(texts(hotel, &uids[1]).is_empty());
    let rows = outgoing(hotel).await;
    assert_eq!(rows[1].reason, Some(FailReason::Stopped));
}

async fn counters_are_equal_to_what_happened(hotel: &Installation) {
    let breakfast = put(hotel, listening(&["早餐", "breakfast"], &["7 點"])).await;
    let always = put(hotel, rule(TriggerType::Time, &["稍後回覆"])).await;
    let uids = hotel.line.add_friends(5, false);
    for (n, uid) in uids.iter().enumerate() {
        for text in ["早餐", "Breakfast?", "你好"] {
            let id = format!("{n}{text}");
            receive(hotel, vec![said(hotel, &id, uid, text)]).await;
        }
    }
    let rule = get(hotel, breakfast).await;
    assert_eq!(
        (rule.record().trigger_count, rule.record().success_count),
        (10, 10)
    );
    let counts: Vec<u64> = rule
        .trigger()
        .keywords()
        .iter()
        .map(|k| k.match_count)
        .collect();
    assert_eq!(counts, [5, 5]);
    let rule = get(hotel, always).await;
    assert_eq!(
        (rule.record().trigger_count, rule.record().success_count),
        (5, 5)
    );
    assert_eq!(outgoing(hotel).await.len(), 15);
}

async fn what_a_later_try_came_to_is_not_forgotten(hotel: &Installation) {
    let costly = CreateAutoResponse {
        allow_push: true,
        ..listening(&["早餐"], &["7 點"])
    };
    put(hotel, costly).await;
    let uid = hotel.line.add_friends(1, false).remove(0);
    // The process that wrote the answer down is refused each time; the job's first try is carried
    // out, but nobody hears of it.
    for (kind, times) in [
        (FaultKind::RateLimited, 3),
        (FaultKind::ServerErrorAfterAccept, 1),
        (FaultKind::ServerError, 2),
    ] {
        hotel
            .line
            .inject_fault(Fault::times(FaultEndpoint::Reply, kind, times));
    }
    receive(hotel, vec![said(hotel, "1", &uid, "早餐")]).await;
    hotel.run_jobs_for(TimeDelta::minutes(3)).await;
    assert_eq!(texts(hotel, &uid), ["7 點"]);
    assert_eq!(paid(hotel), 0);
    let rows = outgoing(hotel).await;
    assert_eq!(rows[0].reason, Some(FailReason::LineUnavailable));
}

async fn an_answer_of_last_night_is_not_pushed_in_the_morning(hotel: &Installation) {
    let costly = CreateAutoResponse {
        allow_push: true,
        ..listening(&["早餐"], &["7 點"])
    };
    put(hotel, costly).await;
    let uid = hotel.line.add_friends(1, false).remove(0);
    store(hotel, vec![said(hotel, "1", &uid, "早餐")]).await;
    hotel.clock.advance(TimeDelta::hours(9));
    hotel.run_jobs().await;
    assert!(texts(hotel, &uid).is_empty());
    let rows = outgoing(hotel).await;
    assert_eq!(rows[0].reason, Some(FailReason::ReplyTokenExpired));
}

async fn two_guests_who_become_one_while_an_answer_is_on_its_way_lose_nothing(
    hotel: &Installation,
) {
    let words = put(hotel, listening(&["早餐"], &["7 點"])).await;
    let (from, uid) = hotel.friends(1).await.remove(0);
    let kept = crate::merging::at_the_desk(hotel, 1).await;
    let fault = Fault::times(FaultEndpoint::Reply, FaultKind::RateLimited, 3);
    hotel.line.inject_fault(fault);
    receive(hotel, vec![said(hotel, "1", &uid, "早餐")]).await;
    assert!(texts(hotel, &uid).is_empty());
    hotel.crm.members.merge(&ME, kept, from).await.unwrap();
    hotel.run_jobs_for(TimeDelta::minutes(2)).await;
    assert_eq!(texts(hotel, &uid), ["7 點"]);
    let rows = outgoing(hotel).await;
    assert_eq!(
        (rows[0].status, rows[0].member.id),
        (MessageStatus::Sent, kept)
    );
    assert_eq!(get(hotel, words).await.record().success_count, 1);
}

async fn in_standby_nothing_is_said(hotel: &Installation) {
    let words = put(hotel, listening(&["早餐"], &["7 點"])).await;
    let uid = hotel.line.add_friends(1, false).remove(0);
    let mut question = said(hotel, "1", &uid, "早餐");
    question["mode"] = json!("standby");
    receive(hotel, vec![question]).await;
    assert!(texts(hotel, &uid).is_empty());
    assert!(outgoing(hotel).await.is_empty());
    assert_eq!(get(hotel, words).await.record().trigger_count, 0);
}

async fn a_message_taken_back_leaves_no_words_whenever_it_comes(hotel: &Installation) {
    let uid = hotel.line.add_friends(1, false).remove(0);
    for (first, id) in [("message", "a"), ("unsend", "b")] {
        let message = said(hotel, id, &uid, "我的祕密");
        let unsend = json!({"type": "unsend", "unsend": {"messageId": format!("m{id}")}});
        let at = hotel.now().timestamp_millis() + 1_000;
        let unsend = event(&format!("u{id}"), &uid, at, unsend);
        // A guest is known by what they did before.
        let follow = json!({"type": "follow"});
        receive(hotel, vec![event(&format!("f{id}"), &uid, 0, follow)]).await;
        let (one, other) = if first == "message" {
            (message, unsend)
        } else {
            (unsend, message)
        };
        receive(hotel, vec![one]).await;
        receive(hotel, vec![other]).await;
    }
    let filter = MessageFilter::default();
    let page = PageRequest::new(1, 100).unwrap();
    let rows = hotel.crm.messages.list(&filter, page).await.unwrap().items;
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| row.content == crm_messages::UNSENT));
    let pool = hotel.database.database.pool();
    let left = "SELECT COUNT(*) FROM line_events WHERE payload LIKE '%我的祕密%'";
    let statement = Statement::from_string(pool.get_database_backend(), left);
    let row = pool.query_one_raw(statement).await.unwrap().unwrap();
    assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 0);
}

async fn a_rule_that_cannot_be_read_does_not_cost_the_guests_message(hotel: &Installation) {
    put(hotel, listening(&["早餐"], &["7 點"])).await;
    let damage = "UPDATE auto_responses SET messages = '{\"broken'";
    let pool = hotel.database.database.pool();
    pool.execute_unprepared(damage).await.unwrap();
    let uid = hotel.line.add_friends(1, false).remove(0);
    receive(hotel, vec![said(hotel, "1", &uid, "早餐")]).await;
    let page = PageRequest::new(1, 100).unwrap();
    let filter = MessageFilter::default();
    let rows = hotel.crm.messages.list(&filter, page).await.unwrap().items;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].content, "早餐");
}

async fn events_whose_job_was_lost_are_found_and_handled(hotel: &Installation) {
    for (n, uid) in hotel.line.add_friends(40, false).iter().enumerate() {
        store(hotel, vec![said(hotel, &n.to_string(), uid, "早餐")]).await;
    }
    let pool = hotel.database.database.pool();
    pool.execute_unprepared("DELETE FROM jobs").await.unwrap();
    assert_eq!(hotel.crm.inbound.rescue().await.unwrap(), 0, "not yet");
    hotel.clock.advance(TimeDelta::minutes(3));
    assert_eq!(hotel.crm.inbound.rescue().await.unwrap(), 40);
    hotel.run_jobs().await;
    let page = PageRequest::new(1, 1).unwrap();
    let filter = MessageFilter::default();
    let list = hotel.crm.messages.list(&filter, page).await.unwrap();
    assert_eq!(list.total, 40);
}
