//! What guests send besides words, and how LINE keeps it.

#![expect(
    clippy::expect_used,
    reason = "helpers are no test functions to clippy"
)]

mod support;

use std::time::Duration;

use crm_simulator_line::{Fault, FaultEndpoint, FaultKind, LineSimulator, Media, Place};
use serde_json::{Value, json};
use support::{answer, client, get, post, simulator};

fn last_message(line: &LineSimulator) -> Value {
    let told = line.webhooks().pop().expect("a webhook");
    told.event["message"].clone()
}

async fn content(line: &LineSimulator, id: &str) -> u16 {
    let path = format!("/v2/bot/message/{id}/content");
    get(line, &path).await.status().as_u16()
}

async fn transcoding(line: &LineSimulator, id: &str) -> Value {
    let path = format!("/v2/bot/message/{id}/content/transcoding");
    let body: Value = get(line, &path).await.json().await.expect("JSON");
    body["status"].clone()
}

#[actix_web::test]
async fn every_kind_is_told_as_line_tells_it() {
    let line = simulator().await;
    let uid = line.add_friend("Mei");
    let with_line = json!({"type": "line"});
    let set = Media::ImageOf {
        set: "E0".to_owned(),
        index: 1,
        total: 2,
    };
    for (media, kind, told) in [
        (Media::Image, "image", json!({"contentProvider": with_line})),
        (
            set,
            "image",
            json!({"imageSet": {"id": "E0", "index": 1, "total": 2}}),
        ),
        (
            Media::Video(61_000),
            "video",
            json!({"duration": 61_000, "contentProvider": with_line}),
        ),
        (Media::Audio(5_000), "audio", json!({"duration": 5_000})),
        (
            Media::File("房.pdf".to_owned()),
            "file",
            json!({"fileName": "房.pdf", "fileSize": 5}),
        ),
    ] {
        line.send_media(&uid, &media, "x/y", b"bytes")
            .expect("a friend");
        let message = last_message(&line);
        assert_eq!(message["type"], kind);
        assert!(message["id"].as_str().is_some_and(|id| id.len() >= 15));
        for (name, value) in told.as_object().into_iter().flatten() {
            assert_eq!(&message[name], value, "{kind}.{name}");
        }
    }
    let place = Place {
        title: None,
        address: Some("台北".to_owned()),
        latitude: 25.5,
        longitude: 121.5,
    };
    line.send_place(&uid, &place).expect("a friend");
    let message = last_message(&line);
    assert_eq!(message["type"], "location");
    assert_eq!(message["latitude"], 25.5);
    assert!(message.get("title").is_none(), "empty values are left out");
}

#[actix_web::test]
async fn a_video_is_there_once_it_is_prepared() {
    let line = simulator().await;
    let uid = line.add_friend("Mei");
    line.set_preparation(Duration::from_secs(60), 2);
    line.send_media(&uid, &Media::Video(1), "video/mp4", b"video")
        .expect("a friend");
    let id = last_message(&line)["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    assert_eq!(transcoding(&line, &id).await, "processing");
    assert_eq!(content(&line, &id).await, 202);
    line.advance_clock(Duration::from_secs(61));
    assert_eq!(content(&line, &id).await, 202, "asked about too little");
    assert_eq!(transcoding(&line, &id).await, "succeeded");
    assert_eq!(content(&line, &id).await, 200);
    let body = json!({"fails": true});
    let change = client().put(format!("{}/sim/transcoding", line.base_url()));
    assert_eq!(answer(change.json(&body)).await.status(), 200);
    assert_eq!(transcoding(&line, &id).await, "failed");
}

#[actix_web::test]
async fn what_is_taken_back_or_deleted_is_gone_and_told_apart() {
    let line = simulator().await;
    let uid = line.add_friend("Mei");
    let mut ids = Vec::new();
    for _ in 0..2 {
        line.send_image(&uid, "image/png", b"picture")
            .expect("a friend");
        ids.push(
            last_message(&line)["id"]
                .as_str()
                .expect("an id")
                .to_owned(),
        );
    }
    line.unsend(&uid, &ids[0]).expect("a message");
    let event = line.webhooks().pop().expect("a webhook").event;
    assert_eq!(event["type"], "unsend");
    assert_eq!(event["unsend"]["messageId"], ids[0].as_str());
    assert!(event.get("replyToken").is_none());
    assert_eq!(content(&line, &ids[0]).await, 410);
    assert!(line.unsend(&uid, &ids[0]).is_err(), "only once");
    let chat = line.messages_of(&uid);
    assert!(chat.iter().all(|bubble| bubble.id != ids[0]));
    assert!(line.delete_content(&ids[1]));
    assert_eq!(content(&line, &ids[1]).await, 404);
    assert_eq!(content(&line, "1").await, 404);
}

#[actix_web::test]
async fn content_breaks_off_on_demand() {
    let line = simulator().await;
    let uid = line.add_friend("Mei");
    line.send_image(&uid, "image/png", &[7; 500_000])
        .expect("a friend");
    let id = last_message(&line)["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let fault = Fault::times(FaultEndpoint::Content, FaultKind::CutOff, 1);
    line.inject_fault(fault);
    let path = format!("/v2/bot/message/{id}/content");
    let half = get(&line, &path).await;
    assert_eq!(half.content_length(), Some(500_000));
    assert!(half.bytes().await.is_err());
    let whole = get(&line, &path).await.bytes().await.expect("a body");
    assert_eq!(whole.len(), 500_000);
}

#[actix_web::test]
async fn the_control_api_sends_everything_too() {
    let line = simulator().await;
    let uid = line.add_friend("Mei");
    for (path, body, kind) in [
        (
            "sticker",
            json!({"package_id": "446", "sticker_id": "1988", "keywords": ["hi"]}),
            "sticker",
        ),
        ("image", json!({}), "image"),
        ("video", json!({"base64": "AAAA", "duration": 7}), "video"),
        ("audio", json!({"base64": "AAAA"}), "audio"),
        ("file", json!({"base64": "AAAA", "name": "a.pdf"}), "file"),
        (
            "location",
            json!({"latitude": 1.5, "longitude": 2}),
            "location",
        ),
    ] {
        let path = format!("/sim/friends/{uid}/{path}");
        assert_eq!(
            answer(post(&line, &path, &body)).await.status(),
            200,
            "{path}"
        );
        assert_eq!(last_message(&line)["type"], kind);
    }
    let id = last_message(&line)["id"].clone();
    let again = json!({"message_id": id});
    let redelivered = answer(post(&line, "/sim/redeliver", &again)).await;
    assert_eq!(redelivered.status(), 200);
    let path = format!("/sim/friends/{uid}/unsend");
    assert_eq!(answer(post(&line, &path, &again)).await.status(), 200);
    assert_eq!(answer(post(&line, &path, &again)).await.status(), 404);
    let broken = json!({"base64": "no base64!"});
    let path = format!("/sim/friends/{uid}/image");
    assert_eq!(answer(post(&line, &path, &broken)).await.status(), 400);
}
