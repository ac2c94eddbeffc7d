//! Webhook bodies from the test suites of LINE's own SDKs (`LINE_WEBHOOK_SAMPLES`).

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends at the first surprise"
)]

use base64::Engine;
use crm_line::{LineWebhook, parse_webhook};
use crm_workflows::{SentKind, WebhookError, WebhookReader, What};
use ring::hmac;
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};

#[expect(
    clippy::disallowed_methods,
    reason = "a test says itself where its material lies"
)]
fn folder() -> Option<PathBuf> {
    let folder = std::env::var("LINE_WEBHOOK_SAMPLES")
        .ok()
        .map(PathBuf::from);
    if folder.is_none() {
        // past the test runner, which hides what a passing test prints
        let _ = writeln!(
            std::io::stderr(),
            "\n*** LEFT OUT: LINE_WEBHOOK_SAMPLES is not set, no bodies of LINE's SDKs were read ***\n"
        );
    }
    folder
}

fn entries(folder: &Path) -> Vec<(Vec<u8>, Value)> {
    let index = std::fs::read(folder.join("index.json")).unwrap();
    let mut index: Value = serde_json::from_slice(&index).unwrap();
    let Value::Array(entries) = index["entries"].take() else {
        panic!("the index has no entries");
    };
    assert!(!entries.is_empty());
    entries
        .into_iter()
        .map(|entry| {
            (
                std::fs::read(folder.join(field(&entry, "file"))).unwrap(),
                entry,
            )
        })
        .collect()
}

fn field<'a>(entry: &'a Value, name: &str) -> &'a str {
    entry[name].as_str().unwrap()
}

/// Kinds of messages that LINE describes.
const KINDS: [&str; 7] = [
    "text", "sticker", "image", "video", "audio", "file", "location",
];

#[test]
fn every_sample_is_read_whole_or_refused_as_its_tier_says() {
    let Some(folder) = folder() else { return };
    for (body, entry) in entries(&folder) {
        let file = field(&entry, "file");
        let read = parse_webhook(&body);
        if field(&entry, "tier") == "D-malformed" {
            assert!(matches!(read, Err(WebhookError::NotAWebhook(_))), "{file}");
            continue;
        }
        let events = read.unwrap();
        assert_eq!(Some(events.len() as u64), entry["n"].as_u64(), "{file}");
        let raw: Value = serde_json::from_slice(&body).unwrap();
        for (event, raw) in events.iter().zip(raw["events"].as_array().unwrap()) {
            let is_of_guest = raw["source"]["type"]
                .as_str()
                .is_none_or(|kind| kind == "user");
            if !is_of_guest {
                // What is said in a group, and by whom, is not the hotel's to keep.
                let kept = &event.raw;
                assert!(kept.get("message").is_none(), "{file}");
                assert!(kept["source"].get("userId").is_none(), "{file}");
                assert_eq!(event.line_uid, None, "{file}");
                continue;
            }
            assert_eq!(&event.raw, raw, "{file}");
            assert_eq!(event.what.name(), raw["type"].as_str().unwrap(), "{file}");
            assert!(!event.id.is_empty(), "{file}");
            let again = raw["deliveryContext"]["isRedelivery"] == true;
            assert_eq!(event.redelivered, again, "{file}");
            if let What::Unsend { message_id } = &event.what {
                let taken_back = raw["unsend"]["messageId"].as_str();
                assert_eq!(message_id.as_deref(), taken_back, "{file}");
            }
            if let What::Message { id, sent, text } = &event.what {
                let stored = serde_json::to_value(sent).unwrap();
                let read: SentKind = serde_json::from_value(stored).unwrap();
                assert!(read == *sent, "{file}");
                let message = &raw["message"];
                assert_eq!(id.as_deref(), message["id"].as_str(), "{file}");
                let words = message["text"]
                    .as_str()
                    .filter(|_| message["type"] == "text");
                assert_eq!(text.as_deref(), words, "{file}");
                let kind = message["type"].as_str().unwrap();
                assert_eq!(*sent != SentKind::Other, KINDS.contains(&kind), "{file}");
            }
        }
    }
}

#[test]
fn signatures_of_the_samples_are_right_and_their_wrong_ones_wrong() {
    let Some(folder) = folder() else { return };
    let mut checked = 0;
    for (body, entry) in entries(&folder) {
        let vector = &entry["vector"];
        let Some(secret) = vector["channel_secret"].as_str() else {
            continue;
        };
        let reader = LineWebhook::new([secret.into()]);
        let refused = |signature: &str| {
            matches!(
                reader.read(&body, Some(signature)),
                Err(WebhookError::BadSignature)
            )
        };
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let ours = base64::engine::general_purpose::STANDARD.encode(hmac::sign(&key, &body));
        let signature = vector["signature"].as_str().unwrap_or(&ours);
        assert!(!refused(signature), "{}", entry["file"]);
        for wrong in vector["also_invalid"].as_array().into_iter().flatten() {
            assert!(refused(wrong.as_str().unwrap()), "{}", entry["file"]);
        }
        checked += 1;
    }
    assert!(checked > 0);
}
