//! What LINE says to a request, and who receives it.

mod support;

use std::time::Duration;

use crm_simulator_line::{Endpoint, Fault, FaultEndpoint, FaultKind, SimulatorConfig};
use serde_json::{Value, json};
use support::{answer, get, multicast, post, push, simulator, start, text};

const KEY: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

#[tokio::test]
async fn a_wrong_token_is_a_401_with_a_request_id() {
    let line = simulator().await;
    let refused = support::client()
        .get(format!("{}/v2/bot/info", line.base_url()))
        .bearer_auth("wrong")
        .send()
        .await
        .expect("an answer");
    assert_eq!(refused.status(), 401);
    assert!(refused.headers().contains_key("x-line-request-id"));
    let body: Value = refused.json().await.expect("JSON");
    assert!(
        body["message"]
            .as_str()
            .expect("text")
            .starts_with("Authentication failed")
    );
}

#[tokio::test]
async fn a_retry_key_is_accepted_once_and_then_a_409() {
    let line = simulator().await;
    let uid = line.add_friend("Mei");
    let body = json!({"to": uid, "messages": [text("hello")]});
    let again = || post(&line, "/v2/bot/message/push", &body).header("x-line-retry-key", KEY);

    let first = answer(again()).await;
    assert_eq!(first.status(), 200);
    let first_id = first.headers()["x-line-request-id"].clone();
    let first_body: Value = first.json().await.expect("JSON");

    let second = answer(again()).await;
    assert_eq!(second.status(), 409);
    assert_eq!(second.headers()["x-line-accepted-request-id"], first_id);
    let second_body: Value = second.json().await.expect("JSON");
    assert_eq!(second_body["message"], "The retry key is already accepted");
    assert_eq!(second_body["sentMessages"], first_body["sentMessages"]);
    assert_eq!(line.deliveries_of(&uid), 1);

    line.advance_clock(Duration::from_secs(25 * 60 * 60));
    assert_eq!(answer(again()).await.status(), 200, "forgotten after a day");
}

#[tokio::test]
async fn of_many_requests_with_one_key_exactly_one_is_accepted() {
    let line = simulator().await;
    let to = line.add_friends(100, false);
    let answers = futures::future::join_all(
        (0..24).map(|_| async { answer(multicast(&line, &to, KEY)).await.status().as_u16() }),
    )
    .await;
    assert_eq!(answers.iter().filter(|s| **s == 200).count(), 1);
    assert_eq!(answers.iter().filter(|s| **s == 409).count(), 23);
    let counters = line.counters();
    assert_eq!(counters.deliveries, 100);
    assert_eq!(counters.max_deliveries_per_user, 1);
}

#[tokio::test]
async fn a_retry_key_must_be_a_uuid_and_has_no_place_on_a_reply() {
    let line = simulator().await;
    let to = line.add_friends(1, false);
    assert_eq!(
        answer(multicast(&line, &to, "not-a-uuid")).await.status(),
        400
    );
    let reply = post(
        &line,
        "/v2/bot/message/reply",
        &json!({"replyToken": "x", "messages": [text("hi")]}),
    );
    assert_eq!(
        answer(reply.header("x-line-retry-key", KEY)).await.status(),
        400
    );
}

#[tokio::test]
async fn five_hundred_recipients_are_fine_and_one_more_is_too_many() {
    let line = simulator().await;
    let mut to = line.add_friends(500, false);
    assert_eq!(answer(multicast(&line, &to, KEY)).await.status(), 200);
    to.push(line.add_friend("One too many"));
    let other = "7d444840-9dc0-11d1-b245-5ffdce74fad2";
    let refused = answer(multicast(&line, &to, other)).await;
    assert_eq!(refused.status(), 400);
    let body: Value = refused.json().await.expect("JSON");
    assert_eq!(body["details"][0]["property"], "to");
    assert_eq!(line.counters().deliveries, 500);
}

#[tokio::test]
async fn a_malformed_user_id_is_named_and_nobody_receives() {
    let line = simulator().await;
    let to = vec![line.add_friend("Mei"), "nonsense".to_owned()];
    let refused = answer(multicast(&line, &to, KEY)).await;
    assert_eq!(refused.status(), 400);
    let body: Value = refused.json().await.expect("JSON");
    assert!(
        body["message"]
            .as_str()
            .expect("text")
            .starts_with("The property, to[1],")
    );
    assert_eq!(line.counters().deliveries, 0);
}

#[tokio::test]
async fn an_unknown_user_fails_a_push_and_is_skipped_by_a_multicast() {
    let line = simulator().await;
    let stranger = format!("U{}", "0".repeat(32));
    assert_eq!(push(&line, &stranger).await.status(), 400);
    let to = vec![line.add_friend("Mei"), stranger];
    assert_eq!(answer(multicast(&line, &to, KEY)).await.status(), 200);

    line.inject_fault(Fault::always(
        FaultEndpoint::Multicast,
        FaultKind::RejectUnknown,
    ));
    let other = "7d444840-9dc0-11d1-b245-5ffdce74fad2";
    assert_eq!(answer(multicast(&line, &to, other)).await.status(), 400);
    assert_eq!(line.counters().deliveries, 1);
}

#[tokio::test]
async fn somebody_who_blocks_the_account_gets_nothing_and_the_answer_is_200() {
    let line = simulator().await;
    let uid = line.add_friend("Mei");
    line.unfollow(&uid).expect("known");
    assert_eq!(push(&line, &uid).await.status(), 200);
    assert_eq!(line.deliveries_of(&uid), 0);
    assert_eq!(line.counters().quota_used, 0);
    assert_eq!(
        get(&line, &format!("/v2/bot/profile/{uid}")).await.status(),
        404
    );
}

#[tokio::test]
async fn beyond_the_quota_nobody_of_the_request_receives() {
    let line = start(SimulatorConfig {
        quota: Some(3),
        ..SimulatorConfig::default()
    })
    .await;
    let to = line.add_friends(2, false);
    assert_eq!(answer(multicast(&line, &to, KEY)).await.status(), 200);
    let other = "7d444840-9dc0-11d1-b245-5ffdce74fad2";
    let refused = answer(multicast(&line, &to, other)).await;
    assert_eq!(refused.status(), 429);
    let body: Value = refused.json().await.expect("JSON");
    assert_eq!(body["message"], "You have reached your monthly limit.");
    assert_eq!(line.counters().deliveries, 2);
    let usage: Value = get(&line, "/v2/bot/message/quota/consumption")
        .await
        .json()
        .await
        .expect("JSON");
    assert_eq!(usage["totalUsage"], 2);

    line.set_quota(None);
    assert_eq!(
        answer(multicast(&line, &to, other)).await.status(),
        200,
        "not accepted before"
    );
}

#[tokio::test]
async fn a_request_that_timed_out_after_acceptance_is_a_409_when_repeated() {
    let line = simulator().await;
    let to = line.add_friends(3, false);
    line.inject_fault(
        Fault::times(FaultEndpoint::Multicast, FaultKind::TimeoutAfterAccept, 1)
            .with_delay(Duration::from_millis(50)),
    );
    assert!(
        multicast(&line, &to, KEY).send().await.is_err(),
        "no answer at all"
    );
    assert_eq!(answer(multicast(&line, &to, KEY)).await.status(), 409);
    assert_eq!(line.counters().deliveries, 3);
}

#[tokio::test]
async fn faults_strike_as_often_as_ordered() {
    let line = simulator().await;
    let uid = line.add_friend("Mei");
    line.inject_fault(Fault::times(FaultEndpoint::Push, FaultKind::ServerError, 1));
    line.inject_fault(Fault::times(
        FaultEndpoint::Push,
        FaultKind::ServerErrorAfterAccept,
        1,
    ));
    line.inject_fault(Fault::times(FaultEndpoint::Any, FaultKind::RateLimited, 1));
    line.inject_fault(Fault::times(
        FaultEndpoint::Push,
        FaultKind::Unauthorized,
        1,
    ));
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(push(&line, &uid).await.status().as_u16());
    }
    assert_eq!(statuses, [500, 500, 429, 401, 200]);
    assert_eq!(line.deliveries_of(&uid), 2);
    line.inject_fault(Fault::times(FaultEndpoint::Push, FaultKind::Drop, 1));
    let body = json!({"to": uid, "messages": [text("hello")]});
    assert!(
        post(&line, "/v2/bot/message/push", &body)
            .send()
            .await
            .is_err()
    );
    assert_eq!(line.deliveries_of(&uid), 2);
    assert_eq!(line.counters().requests_with(Endpoint::Push, 500), 2);
    assert_eq!(line.counters().requests_to(Endpoint::Push), 6);
}

#[tokio::test]
async fn the_two_hundred_and_first_multicast_of_a_second_waits() {
    let line = start(SimulatorConfig {
        enforce_rate_limits: true,
        ..SimulatorConfig::default()
    })
    .await;
    let client = support::client();
    let url = format!("{}/v2/bot/message/multicast", line.base_url());
    let burst = futures::future::join_all((0..400).map(|_| {
        let call = client.post(&url).bearer_auth(support::TOKEN).body("{}");
        async { call.send().await.expect("an answer").status().as_u16() }
    }))
    .await;
    assert!(burst.contains(&429));
    assert!(burst.iter().filter(|s| **s == 400).count() >= 200);
}

#[tokio::test]
async fn a_body_beyond_two_megabytes_is_a_413() {
    let line = simulator().await;
    for size in [3, 20] {
        let body = json!({"padding": "x".repeat(size * 1024 * 1024)});
        // A server may close before it has read everything; that too is a refusal.
        if let Ok(refused) = post(&line, "/v2/bot/message/push", &body).send().await {
            assert_eq!(refused.status(), 413);
        }
    }
}

#[tokio::test]
async fn validation_finds_everything_and_sends_nothing() {
    let line = simulator().await;
    let broken = json!({"messages": [text(""), {"type": "poem"}]});
    let refused = answer(post(&line, "/v2/bot/message/validate/push", &broken)).await;
    assert_eq!(refused.status(), 400);
    let body: Value = refused.json().await.expect("JSON");
    assert_eq!(body["message"], "The request body has 2 error(s)");
    assert_eq!(body["details"][0]["property"], "messages[0].text");
    assert_eq!(body["details"][1]["property"], "messages[1].type");
    let fine = json!({"messages": [text("hello")]});
    let path = "/v2/bot/message/validate/multicast";
    assert_eq!(answer(post(&line, path, &fine)).await.status(), 200);
    assert_eq!(line.counters().deliveries, 0);
}
