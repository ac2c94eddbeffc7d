//! What LINE counts under the name of an aggregation unit, and what it hides.

#![expect(clippy::expect_used, reason = "a test without an answer has failed")]

mod support;

use std::time::Duration;

use crm_simulator_line::{LineSimulator, Tap};
use serde_json::{Value, json};
use support::{answer, get, post, simulator, text};

const DAYS: &str = "from=20260901&to=20260930";

async fn send(line: &LineSimulator, to: &[String], message: &Value, unit: &str) {
    let body = json!({"to": to, "messages": [message], "customAggregationUnits": [unit]});
    let sent = answer(post(line, "/v2/bot/message/multicast", &body)).await;
    assert_eq!(sent.status(), 200);
}

async fn overview(line: &LineSimulator, unit: &str) -> Value {
    let path =
        format!("/v2/bot/insight/message/event/aggregation?customAggregationUnit={unit}&{DAYS}");
    let told = get(line, &path).await;
    assert_eq!(told.status(), 200);
    let body: Value = told.json().await.expect("JSON");
    assert!(body["messages"].is_array() && body["clicks"].is_array());
    body["overview"].clone()
}

async fn used(line: &LineSimulator) -> u64 {
    let told = get(line, "/v2/bot/message/aggregation/info").await;
    let body: Value = told.json().await.expect("JSON");
    body["numOfCustomAggregationUnits"]
        .as_u64()
        .expect("a number")
}

#[tokio::test]
async fn what_fewer_than_twenty_people_did_is_hidden_and_not_zero() {
    let line = simulator().await;
    let guests = line.add_friends(30, false);
    send(&line, &guests, &text("hello"), "c_1").await;
    for guest in &guests[..19] {
        line.look(guest).expect("a guest");
        line.look(guest).expect("a guest");
    }
    assert_eq!(
        overview(&line, "c_1").await["uniqueImpression"],
        Value::Null
    );
    line.look(&guests[19]).expect("a guest");
    let told = overview(&line, "c_1").await;
    assert_eq!(told["uniqueImpression"], 20);
    assert_eq!(told["uniqueClick"], Value::Null);
    assert_eq!(
        overview(&line, "C_1").await["uniqueImpression"],
        Value::Null
    );
}

#[tokio::test]
async fn opening_an_address_counts_for_the_unit_of_its_message() {
    let line = simulator().await;
    let guests = line.add_friends(20, false);
    let action = json!({"type": "uri", "label": "Book", "uri": "https://hotel.example/"});
    let message = json!({"type": "template", "altText": "offer", "template":
        {"type": "buttons", "text": "offer", "actions": [action.clone()]}});
    send(&line, &guests, &message, "c_2").await;
    send(&line, &guests, &text("later"), "c_3").await;
    for guest in &guests {
        let tap = Tap {
            action: action.clone(),
            ..Tap::default()
        };
        line.tap(guest, &tap).await.expect("a tap");
    }
    assert_eq!(overview(&line, "c_2").await["uniqueClick"], 20);
    assert_eq!(overview(&line, "c_3").await["uniqueClick"], Value::Null);
}

#[tokio::test]
async fn names_are_counted_once_a_month_and_the_one_too_many_is_sent_and_not_counted() {
    let line = simulator().await;
    let guests = line.add_friends(20, false);
    let (client, url) = (
        support::client(),
        format!("{}/v2/bot/message/push", line.base_url()),
    );
    for name in 0..1_000 {
        let unit = format!("u_{name}");
        let body = json!({"to": guests[0], "messages": [text("hello")],
            "customAggregationUnits": [unit]});
        let push = client.post(&url).bearer_auth(support::TOKEN).json(&body);
        assert_eq!(answer(push).await.status(), 200);
    }
    send(&line, &guests, &text("hello"), "u_0").await;
    assert_eq!(used(&line).await, 1_000);
    send(&line, &guests, &text("hello"), "one_too_many").await;
    assert_eq!(used(&line).await, 1_000);
    for guest in &guests {
        line.look(guest).expect("a guest");
    }
    let hidden = overview(&line, "one_too_many").await;
    assert_eq!(hidden["uniqueImpression"], Value::Null);
    line.advance_clock(Duration::from_secs(32 * 24 * 3_600));
    assert_eq!(used(&line).await, 0);
}

#[tokio::test]
async fn sixty_questions_are_answered_in_an_hour_and_periods_have_a_longest() {
    let line = simulator().await;
    for _ in 0..60 {
        overview(&line, "c_1").await;
    }
    let path = "/v2/bot/insight/message/event/aggregation?customAggregationUnit=c_1&";
    let refused = get(&line, &format!("{path}{DAYS}")).await;
    assert_eq!(refused.status(), 429);
    line.advance_clock(Duration::from_secs(3_600));
    overview(&line, "c_1").await;
    for days in [
        "from=20260901",
        "from=20260901&to=20261002",
        "from=20260902&to=20260901",
    ] {
        assert_eq!(
            get(&line, &format!("{path}{days}")).await.status(),
            400,
            "{days}"
        );
    }
}
