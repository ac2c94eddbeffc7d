//! What guests do, and how the account hears of it.

mod support;

use std::time::Duration;

use crm_simulator_line::{Tap, sign};
use serde_json::{Value, json};
use support::{Receiver, SECRET, answer, get, post, push, simulator, text};

#[test]
fn the_signature_is_the_one_line_documents() {
    let body = br#"{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}"#;
    assert_eq!(
        sign("8c570fa6dd201bb328f1c1eac23a96d8", body),
        "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="
    );
}

#[actix_web::test]
async fn a_follow_arrives_signed_and_again_after_a_500() {
    let line = simulator().await;
    let crm = Receiver::start(&[500, 503]);
    line.set_webhook_url(&crm.url);
    line.set_redelivery_backoff(Duration::from_millis(5));

    let uid = line.add_friend("Mei");
    line.flush().await;

    let arrived = crm.take();
    assert_eq!(arrived.len(), 3);
    for webhook in &arrived {
        assert_eq!(webhook.signature, sign(SECRET, &webhook.body));
        assert_eq!(webhook.json()["destination"], line.bot_user_id());
    }
    let (first, last) = (arrived[0].event(), arrived[2].event());
    assert_eq!(first["type"], "follow");
    assert_eq!(first["mode"], "active");
    assert_eq!(first["follow"]["isUnblocked"], false);
    assert_eq!(first["source"], json!({"type": "user", "userId": uid}));
    assert_eq!(first["webhookEventId"].as_str().map(str::len), Some(26));
    assert_eq!(first["deliveryContext"]["isRedelivery"], false);
    assert_eq!(last["deliveryContext"]["isRedelivery"], true);
    for same in ["webhookEventId", "replyToken", "timestamp"] {
        assert_eq!(first[same], last[same]);
    }
    assert_eq!(line.pending_webhooks(), 0);
    assert_eq!(line.counters().webhooks_delivered, 1);
}

#[actix_web::test]
async fn a_receiver_that_never_answers_well_is_given_up() {
    let line = simulator().await;
    let crm = Receiver::start(&[500; 20]);
    line.set_webhook_url(&crm.url);
    line.set_redelivery_backoff(Duration::from_millis(1));
    let _uid = line.add_friend("Mei");
    line.flush().await;
    assert_eq!(crm.take().len(), 6);
    assert_eq!(line.counters().webhooks_failed, 1);
}

#[actix_web::test]
async fn a_reply_token_works_once() {
    let line = simulator().await;
    let uid = line.add_friend("Mei");
    let token = line.webhooks()[0].event["replyToken"].clone();
    let reply = || {
        let body = json!({"replyToken": token, "messages": [text("welcome")]});
        answer(post(&line, "/v2/bot/message/reply", &body))
    };
    assert_eq!(reply().await.status(), 200);
    let refused = reply().await;
    assert_eq!(refused.status(), 400);
    let body: Value = refused.json().await.expect("JSON");
    assert_eq!(body["message"], "Invalid reply token");
    assert_eq!(line.deliveries_of(&uid), 1);
    assert_eq!(line.counters().quota_used, 0, "replies are free");
}

#[actix_web::test]
async fn a_reply_token_lives_a_minute_and_a_redelivery_renews_it() {
    let line = simulator().await;
    let uid = line.add_friend("Mei");
    let event = line.send_text(&uid, "Is there parking?").expect("a friend");
    line.flush().await;
    let token = |place: usize| line.webhooks()[place].event["replyToken"].clone();
    let reply = |token: Value| {
        let body = json!({"replyToken": token, "messages": [text("yes")]});
        answer(post(&line, "/v2/bot/message/reply", &body))
    };
    line.advance_clock(Duration::from_secs(61));
    assert_eq!(reply(token(0)).await.status(), 400);
    assert!(line.redeliver(&event));
    line.flush().await;
    assert_eq!(reply(token(1)).await.status(), 200);
}

#[actix_web::test]
async fn blocking_and_coming_back_are_told_once_each() {
    let line = simulator().await;
    let uid = line.add_friend("Mei");
    for _ in 0..2 {
        line.unfollow(&uid).expect("known");
    }
    assert!(line.send_text(&uid, "hello?").is_err());
    for _ in 0..2 {
        line.follow(&uid).expect("an id");
    }
    let events: Vec<Value> = line.webhooks().into_iter().map(|w| w.event).collect();
    let kinds: Vec<_> = events.iter().map(|e| e["type"].clone()).collect();
    assert_eq!(kinds, ["follow", "unfollow", "follow"]);
    assert!(events[1].get("replyToken").is_none());
    assert_eq!(events[2]["follow"]["isUnblocked"], true);
}

#[actix_web::test]
async fn a_guest_taps_only_what_the_message_shows() {
    let line = simulator().await;
    let uid = line.add_friend("Mei");
    let yes =
        json!({"type": "postback", "label": "Yes", "data": "answer=yes", "displayText": "Yes!"});
    let link =
        json!({"type": "uri", "label": "More", "uri": format!("{}/v2/nowhere", line.base_url())});
    let message = json!({"type": "template", "altText": "Breakfast?", "template":
        {"type": "buttons", "text": "Breakfast?", "actions": [yes, link]}});
    let body = json!({"to": uid, "messages": [message]});
    assert_eq!(
        answer(post(&line, "/v2/bot/message/push", &body))
            .await
            .status(),
        200
    );
    let message_id = line.messages_of(&uid).pop().map(|m| m.id);
    let tap = |action: Value| Tap {
        message_id: message_id.clone(),
        action,
        follow: true,
        ..Tap::default()
    };

    line.tap(&uid, &tap(yes)).await.expect("a tap");
    let event = line.webhooks().pop().expect("a webhook").event;
    assert_eq!(event["postback"]["data"], "answer=yes");
    let said = line.messages_of(&uid).pop().expect("a bubble");
    assert_eq!(said.message["text"], "Yes!");

    let opened = line.tap(&uid, &tap(link)).await.expect("a tap");
    assert_eq!(opened.status, Some(404));

    let invented = json!({"type": "postback", "data": "answer=no"});
    assert!(line.tap(&uid, &tap(invented)).await.is_err());
}

#[actix_web::test]
async fn a_picture_of_a_guest_can_be_fetched_by_its_message_id() {
    let line = simulator().await;
    let uid = line.add_friend("Mei");
    line.send_image(&uid, "image/png", b"picture")
        .expect("a friend");
    let event = line.webhooks().pop().expect("a webhook").event;
    let id = event["message"]["id"].as_str().expect("an id");
    let content = get(&line, &format!("/v2/bot/message/{id}/content")).await;
    assert_eq!(content.status(), 200);
    assert_eq!(content.headers()["content-type"], "image/png");
    assert_eq!(content.bytes().await.expect("a body").as_ref(), b"picture");
}

#[actix_web::test]
async fn the_control_api_does_what_the_handle_does() {
    let line = simulator().await;
    let added = post(&line, "/sim/friends", &json!({"display_name": "陳怡君"}));
    let added: Value = answer(added).await.json().await.expect("JSON");
    let uid = added["uid"].as_str().expect("an id").to_owned();
    let profile: Value = get(&line, &format!("/v2/bot/profile/{uid}"))
        .await
        .json()
        .await
        .expect("JSON");
    assert_eq!(profile["displayName"], "陳怡君");

    let fault = json!({"endpoint": "push", "kind": "429", "times": 1});
    assert_eq!(
        answer(post(&line, "/sim/faults", &fault)).await.status(),
        200
    );
    assert_eq!(push(&line, &uid).await.status(), 429);
    assert_eq!(push(&line, &uid).await.status(), 200);

    let chat: Value = get(&line, &format!("/sim/friends/{uid}/messages"))
        .await
        .json()
        .await
        .expect("JSON");
    assert_eq!(chat["messages"][1]["message"]["text"], "hello");
    let users = json!([{"uid": format!("U{}", "a".repeat(32)), "following": false}]);
    assert_eq!(
        answer(post(&line, "/sim/users", &users)).await.status(),
        200
    );
    let issued = post(&line, "/sim/reply-tokens", &json!({"uids": [uid, uid]}));
    let issued: Value = answer(issued).await.json().await.expect("JSON");
    for token in issued["tokens"].as_array().expect("tokens") {
        let body = json!({"replyToken": token, "messages": [text("welcome")]});
        let reply = answer(post(&line, "/v2/bot/message/reply", &body)).await;
        assert_eq!(reply.status(), 200);
    }
    assert_eq!(line.deliveries_of(&uid), 3);
    let counters: Value = get(&line, "/sim/counters")
        .await
        .json()
        .await
        .expect("JSON");
    assert_eq!(
        (&counters["users"], &counters["friends"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(counters["faults"]["429"], 1);
    assert!(
        get(&line, "/")
            .await
            .text()
            .await
            .expect("a page")
            .contains("<!doctype html>")
    );
}

#[tokio::test]
async fn a_stopped_simulator_no_longer_answers() {
    let line = simulator().await;
    let url = line.base_url();
    line.stop().await;
    assert!(support::client().get(url).send().await.is_err());
}
