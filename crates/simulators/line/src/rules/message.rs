//! Message objects, by type.

use serde_json::Value;

use super::action::{self, Place};
use super::node::{
    Findings, Node,
    Presence::{Optional, Required},
    Unit, Violation,
};
use super::{flex, template};

const KINDS: [&str; 11] = [
    "text", "textV2", "sticker", "image", "video", "audio", "location", "coupon", "imagemap",
    "template", "flex",
];

/// Everything wrong with `messages`; empty when LINE would take them.
pub(crate) fn check_messages(messages: Option<&Value>) -> Vec<Violation> {
    let findings = Findings::default();
    let Some(list) = messages.and_then(Value::as_array) else {
        findings.add("messages", "May not be empty");
        return findings.into_vec();
    };
    if list.is_empty() || list.len() > 5 {
        findings.add("messages", "Size must be between 1 and 5");
    }
    for (i, value) in list.iter().enumerate() {
        if let Some(message) = Node::new(value, format!("messages[{i}]"), &findings) {
            check(&message);
        }
    }
    findings.into_vec()
}

fn check(message: &Node<'_>) {
    let Some(kind) = message.one_of("type", Required, &KINDS) else {
        return;
    };
    match kind {
        "text" => text(message),
        "textV2" => {
            message.text("text", Required, 5000, Unit::Utf16);
        }
        "sticker" => {
            message.text("packageId", Required, 100, Unit::Utf16);
            message.text("stickerId", Required, 100, Unit::Utf16);
        }
        "image" | "video" => {
            message.media_url("originalContentUrl", Required);
            message.media_url("previewImageUrl", Required);
            message.text("trackingId", Optional, 100, Unit::Utf16);
        }
        "audio" => {
            message.media_url("originalContentUrl", Required);
            message.number("duration", Required);
        }
        "location" => {
            message.text("title", Required, 100, Unit::Utf16);
            message.text("address", Required, 100, Unit::Utf16);
            message.number("latitude", Required);
            message.number("longitude", Required);
        }
        "coupon" => {
            message.text("couponId", Required, 100, Unit::Utf16);
            message.text("deliveryTag", Optional, 30, Unit::Utf16);
        }
        "imagemap" => imagemap(message),
        "template" => {
            alternative_text(message);
            if let Some(contents) = message.child("template", Required) {
                template::check(&contents);
            }
        }
        "flex" => {
            alternative_text(message);
            if let Some(contents) = message.child("contents", Required) {
                flex::check(&contents);
            }
        }
        _ => {}
    }
    quick_reply(message);
    sender(message);
}

fn alternative_text(message: &Node<'_>) {
    message.text("altText", Required, 1500, Unit::Utf16);
}

fn text(message: &Node<'_>) {
    let body = message.text("text", Required, 5000, Unit::Utf16);
    let units: Vec<u16> = body.unwrap_or_default().encode_utf16().collect();
    for emoji in message.children("emojis", Optional, 0, 20) {
        emoji.text("productId", Required, 100, Unit::Utf16);
        emoji.text("emojiId", Required, 100, Unit::Utf16);
        let index = emoji.value("index").and_then(Value::as_u64);
        let place = index.and_then(|i| usize::try_from(i).ok());
        // An emoji replaces a `$` of the text.
        if place.and_then(|i| units.get(i)) != Some(&u16::from(b'$')) {
            emoji.note("index", "Must point at a $ in the text");
        }
    }
}

fn imagemap(message: &Node<'_>) {
    alternative_text(message);
    message.media_url("baseUrl", Required);
    if let Some(size) = message.child("baseSize", Required) {
        if size.number("width", Required).is_some_and(|w| w != 1040.0) {
            size.note("width", "Must be 1040");
        }
        size.number("height", Required);
    }
    for area in message.children("actions", Required, 0, 50) {
        match area.one_of("type", Required, &["uri", "message", "clipboard"]) {
            Some("uri") => area.link("linkUri", Required, 1000),
            Some("message") => {
                area.text("text", Required, 400, Unit::Utf16);
            }
            Some("clipboard") => {
                area.text("clipboardText", Required, 1000, Unit::Utf16);
            }
            _ => {}
        }
        area.child("area", Required);
    }
}

fn quick_reply(message: &Node<'_>) {
    let Some(quick) = message.child("quickReply", Optional) else {
        return;
    };
    for item in quick.children("items", Required, 1, 13) {
        item.one_of("type", Required, &["action"]);
        item.media_url("imageUrl", Optional);
        if let Some(tap) = item.child("action", Required) {
            action::check(&tap, Place::QuickReply);
        }
    }
}

fn sender(message: &Node<'_>) {
    if let Some(sender) = message.child("sender", Optional) {
        sender.text("name", Optional, 20, Unit::Utf16);
        sender.media_url("iconUrl", Optional);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problems(message: &Value) -> Vec<String> {
        check_messages(Some(&json!([message])))
            .into_iter()
            .map(|violation| violation.property)
            .collect()
    }

    #[test]
    fn a_text_ends_at_five_thousand_utf16_units() {
        assert!(problems(&json!({"type": "text", "text": "🍎".repeat(2500)})).is_empty());
        assert_eq!(
            problems(&json!({"type": "text", "text": "🍎".repeat(2501)})),
            ["messages[0].text"]
        );
    }

    #[test]
    fn one_to_five_messages_go_into_a_request() {
        let six = vec![json!({"type": "text", "text": "hi"}); 6];
        assert_eq!(check_messages(Some(&json!(six))).len(), 1);
        assert_eq!(check_messages(Some(&json!([]))).len(), 1);
        assert_eq!(check_messages(None).len(), 1);
    }

    #[test]
    fn a_flex_button_needs_an_action_with_a_label() {
        let flex = |button: Value| {
            json!({"type": "flex", "altText": "offer", "contents": {"type": "bubble",
                "body": {"type": "box", "layout": "vertical", "contents": [button]}}})
        };
        let path = "messages[0].contents.body.contents[0].action";
        assert_eq!(problems(&flex(json!({"type": "button"}))), [path]);
        assert_eq!(
            problems(&flex(
                json!({"type": "button", "action": {"type": "uri", "uri": "ftp://x", "label": "Go"}})
            )),
            [format!("{path}.uri")]
        );
        assert!(
            problems(&flex(
                json!({"type": "button", "action": {"type": "uri", "uri": "https://x.example", "label": "Go"}})
            ))
            .is_empty()
        );
    }

    #[test]
    fn a_carousel_takes_twelve_bubbles_and_no_more() {
        let carousel = |n: usize| {
            json!({"type": "flex", "altText": "rooms", "contents":
                {"type": "carousel", "contents": vec![json!({"type": "bubble"}); n]}})
        };
        assert!(problems(&carousel(12)).is_empty());
        assert_eq!(problems(&carousel(13)), ["messages[0].contents.contents"]);
    }

    #[test]
    fn a_template_with_a_title_has_room_for_sixty_characters() {
        let buttons = |title: Option<&str>| {
            let mut template = json!({"type": "buttons", "text": "x".repeat(100),
                "actions": [{"type": "message", "label": "ok", "text": "ok"}]});
            if let Some(title) = title {
                template["title"] = json!(title);
            }
            json!({"type": "template", "altText": "a", "template": template})
        };
        assert!(problems(&buttons(None)).is_empty());
        assert_eq!(problems(&buttons(Some("t"))), ["messages[0].template.text"]);
    }
}
