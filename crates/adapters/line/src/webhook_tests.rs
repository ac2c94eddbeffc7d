use super::*;
use base64::Engine;
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
    assert!(event.what == What::Follow);
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
        sent: SentKind::Text,
        text: Some(text.into()),
    };
    assert!(read == expected);
}

#[test]
fn what_is_no_text_is_read_by_its_kind_and_has_no_words() {
    let name = "發票.pdf".to_owned();
    for (message, expected) in [
        (json!({"type": "sticker", "text": "x"}), SentKind::Sticker),
        (json!({"type": "image"}), SentKind::Image),
        (json!({"type": "video"}), SentKind::Video),
        (json!({"type": "audio"}), SentKind::Audio),
        (
            json!({"type": "file", "fileName": name}),
            SentKind::File { name },
        ),
        (
            json!({"type": "location", "title": "x"}),
            SentKind::Location,
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
