use super::*;
use base64::Engine;
use crm_messages::{Elsewhere, Picture, Place, Recording, SentFile, Sticker, TextParts};
use ring::hmac;
use serde_json::json;

fn one(event: &Value) -> InboundEvent {
    let body = json!({"destination": "U0", "events": [event]}).to_string();
    parse_webhook(body.as_bytes()).unwrap().remove(0)
}

fn follow() -> Value {
    json!({
        "type": "follow", "mode": "active", "timestamp": 1_756_684_800_123_i64,
        "source": {"type": "user", "userId": "U4af4980629"},
        "webhookEventId": "01FZ74A0TDDPYRVKNK77XKC3ZR",
        "deliveryContext": {"isRedelivery": false},
        "replyToken": "nHuyWiB7", "follow": {"isUnblocked": true},
    })
}

#[test]
fn a_follow_is_read_with_all_that_matters() {
    let event = one(&follow());
    assert_eq!(event.id, "01FZ74A0TDDPYRVKNK77XKC3ZR");
    assert_eq!(event.line_uid.as_deref(), Some("U4af4980629"));
    assert_eq!(event.at.to_rfc3339(), "2025-09-01T00:00:00.123+00:00");
    assert_eq!(event.reply_token.as_deref(), Some("nHuyWiB7"));
    assert!(event.what == What::Follow { unblocked: true });
    assert!(!event.redelivered);
    assert_eq!(event.raw["follow"]["isUnblocked"], true);
}

fn sent(message: &Value) -> What {
    one(&json!({"type": "message", "message": message})).what
}

#[test]
fn a_text_is_read_with_its_id_and_its_words_as_they_are() {
    let text = "𠮷野家 😀👨‍👩‍👧 (brown)";
    let read = sent(&json!({"type": "text", "id": "468789577898262530", "text": text}));
    let expected = What::Message {
        id: Some("468789577898262530".into()),
        sent: SentKind::Text(TextParts::default()),
        text: Some(text.into()),
    };
    assert!(read == expected);
}

#[test]
fn what_is_no_text_is_read_by_its_kind_and_has_no_words() {
    let name = "發票.pdf".to_owned();
    for (message, expected) in [
        (
            json!({"type": "sticker", "text": "x"}),
            SentKind::Sticker(Sticker {
                text: Some("x".into()),
                ..Sticker::default()
            }),
        ),
        (
            json!({"type": "image"}),
            SentKind::Image(Picture::default()),
        ),
        (
            json!({"type": "video"}),
            SentKind::Video(Recording::default()),
        ),
        (
            json!({"type": "audio"}),
            SentKind::Audio(Recording::default()),
        ),
        (
            json!({"type": "file", "fileName": name}),
            SentKind::File(SentFile { name, size: None }),
        ),
        (
            json!({"type": "location", "title": "x"}),
            SentKind::Location(Place {
                title: Some("x".into()),
                ..Place::default()
            }),
        ),
        (json!({"type": "hologram", "text": "x"}), SentKind::Other),
        (json!({}), SentKind::Other),
        (json!(null), SentKind::Other),
    ] {
        let What::Message { id, sent, text } = sent(&message) else {
            panic!("no message: {message}");
        };
        assert!(sent == expected, "{message}");
        assert_eq!((id, text), (None, None), "{message}");
    }
}

#[test]
fn everything_that_line_tells_of_a_message_is_kept() {
    for (message, kept) in [
        (
            json!({"type": "text", "text": "@All (love)", "quotedMessageId": "7",
                "emojis": [{"index": 5, "length": 6, "productId": "p", "emojiId": "001"}],
                "mention": {"mentionees": [{"index": 0, "length": 4, "type": "all"}]}}),
            json!({"kind": "text", "quoted_message_id": "7",
                "emojis": [{"index": 5, "length": 6, "product_id": "p", "emoji_id": "001"}],
                "mentions": [{"index": 0, "length": 4, "everybody": true, "us": false}]}),
        ),
        (
            json!({"type": "sticker", "packageId": "446", "stickerId": "1988",
                "stickerResourceType": "MESSAGE", "keywords": ["hi", 3], "text": "Hello"}),
            json!({"kind": "sticker", "package_id": "446", "sticker_id": "1988",
                "resource_type": "MESSAGE", "keywords": ["hi"], "text": "Hello"}),
        ),
        (
            json!({"type": "image", "contentProvider": {"type": "line"},
                "imageSet": {"id": "E0", "index": 2, "total": 3}}),
            json!({"kind": "image", "image_set": {"id": "E0", "index": 2, "total": 3}}),
        ),
        (
            json!({"type": "audio", "duration": 60_000}),
            json!({"kind": "audio", "duration_ms": 60_000}),
        ),
        (
            json!({"type": "file", "fileName": "房.pdf", "fileSize": 2138}),
            json!({"kind": "file", "name": "房.pdf", "size": 2138}),
        ),
        (
            json!({"type": "location", "address": "台北", "latitude": 25.033_964, "longitude": 121}),
            json!({"kind": "location", "address": "台北", "latitude": 25.033_964, "longitude": 121}),
        ),
    ] {
        let What::Message { sent, .. } = sent(&message) else {
            panic!("no message: {message}");
        };
        assert_eq!(serde_json::to_value(&sent).unwrap(), kept, "{message}");
        let again: SentKind = serde_json::from_value(kept).unwrap();
        assert!(again == sent, "{message}");
    }
}

#[test]
fn only_content_that_lies_with_line_is_there_to_be_fetched() {
    let of = |provider: Value| match sent(&json!({"type": "video", "contentProvider": provider})) {
        What::Message { sent, .. } => sent,
        _ => SentKind::Other,
    };
    for with_line in [json!({"type": "line"}), json!(null), json!({"type": 3})] {
        assert!(of(with_line.clone()).content().is_some(), "{with_line}");
    }
    let elsewhere = of(json!({"type": "external",
        "originalContentUrl": "https://h.tw/a.mp4", "previewImageUrl": "javascript:alert(1)"}));
    let kept = Recording {
        elsewhere: Some(Elsewhere {
            content_url: Some("https://h.tw/a.mp4".into()),
            preview_url: None,
        }),
        duration_ms: None,
    };
    assert!(elsewhere == SentKind::Video(kept));
    assert!(of(json!({"type": "cloud"})).content().is_none());
}

#[test]
fn taking_back_names_the_message_and_a_redelivery_is_told() {
    let event = json!({"type": "unsend", "unsend": {"messageId": "325708"},
        "deliveryContext": {"isRedelivery": true}});
    let event = one(&event);
    let message_id = Some("325708".to_owned());
    assert!(event.what == What::Unsend { message_id });
    assert_eq!(event.what.name(), "unsend");
    assert!(event.redelivered);
    let nothing = one(&json!({"type": "unsend"}));
    assert!(nothing.what == What::Unsend { message_id: None });
}

#[test]
fn an_id_that_no_column_takes_is_none() {
    let id = |id: Value| match sent(&json!({"type": "image", "id": id})) {
        What::Message { id, .. } => id,
        _ => None,
    };
    assert_eq!(id("1".repeat(64).into()), Some("1".repeat(64)));
    for useless in [json!("1".repeat(65)), json!(""), json!(7)] {
        assert_eq!(id(useless.clone()), None, "{useless}");
    }
}

#[test]
fn a_tap_is_read_with_its_data() {
    let tap = one(&json!({"type": "postback", "postback": {"data": "tap=1"}}));
    let data = "tap=1".to_owned();
    assert!(tap.what == What::Postback { data });
}

#[test]
fn what_we_do_not_know_is_kept_as_it_came() {
    for strange in [
        json!({"type": "hoge", "x": [1]}),
        json!({}),
        json!("hoge"),
        json!(null),
    ] {
        let event = one(&strange);
        assert_eq!(event.raw, strange);
        assert!(matches!(event.what, What::Other { .. }));
        assert_eq!(event.at, DateTime::UNIX_EPOCH);
    }
}

#[test]
fn nobody_of_a_group_is_our_guest() {
    let mut event = follow();
    event["source"]["type"] = "group".into();
    assert_eq!(one(&event).line_uid, None);
}

#[test]
fn an_event_without_an_id_has_the_same_one_when_delivered_again() {
    let mut event = follow();
    event["webhookEventId"] = "".into();
    let first = one(&event).id;
    event["deliveryContext"]["isRedelivery"] = true.into();
    assert_eq!(one(&event).id, first);
    assert!(first.starts_with("sha256:") && first.len() == 71);
    event["timestamp"] = 1.into();
    assert_ne!(one(&event).id, first);
}

#[test]
fn an_empty_list_is_fine_and_no_list_is_not_a_webhook() {
    assert!(
        parse_webhook(br#"{"destination":"U0","events":[]}"#)
            .unwrap()
            .is_empty()
    );
    for body in [
        "",
        "{}",
        "[]",
        "hello",
        r#"{"events":{}}"#,
        r#"{"events":null}"#,
    ] {
        assert!(
            matches!(
                parse_webhook(body.as_bytes()),
                Err(WebhookError::NotAWebhook(_))
            ),
            "{body}"
        );
    }
}

#[test]
fn either_of_two_secrets_opens_and_nothing_is_read_without() {
    let body = br#"{"events":[]}"#;
    let sign = |secret: &str| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        base64::engine::general_purpose::STANDARD.encode(hmac::sign(&key, body))
    };
    let reader = LineWebhook::new(["new".into(), "old".into()]);
    assert!(reader.read(body, Some(&sign("new"))).is_ok());
    assert!(reader.read(body, Some(&sign("old"))).is_ok());
    for wrong in [None, Some(""), Some(sign("other")).as_deref()] {
        assert!(matches!(
            reader.read(b"not even json", wrong),
            Err(WebhookError::BadSignature)
        ));
        assert!(matches!(
            reader.read(body, wrong),
            Err(WebhookError::BadSignature)
        ));
    }
}
