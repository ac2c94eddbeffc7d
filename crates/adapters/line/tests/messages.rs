//! What our messages look like to LINE, and where its limits stop them.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod kinds;

use crm_line::encode;
use crm_templates::{
    OutgoingMessage, RenderedButton, RenderedCard, TapAction, TemplateDraft, TemplateKind,
};
use kinds::{cards, picture, rendered, suite, text, text_button};
use serde_json::{Value, json};

fn wire(messages: &[OutgoingMessage]) -> Value {
    serde_json::to_value(encode(messages).unwrap()).unwrap()
}

/// The order of keys depends on what else is built; the file's does not.
fn snapshot(name: &str, draft: TemplateDraft) {
    insta::with_settings!({sort_maps => true, prepend_module_to_snapshot => false}, {
        insta::assert_json_snapshot!(name, wire(&rendered(draft)));
    });
}

fn refused(message: OutgoingMessage) -> String {
    encode(&[message]).unwrap_err().to_string()
}

fn with_buttons(text: &str, label: &str, action: TapAction) -> OutgoingMessage {
    OutgoingMessage::TextWithButtons {
        text: text.into(),
        alt_text: "alt".into(),
        buttons: vec![RenderedButton {
            label: label.into(),
            action,
        }],
    }
}

fn opens(url: String) -> TapAction {
    TapAction::OpenUrl { url }
}

#[test]
fn a_text_is_a_text() {
    assert_eq!(
        wire(&rendered(text())),
        json!([{"type": "text", "text": "Dear 王小明"}])
    );
}

#[test]
fn words_with_buttons_are_a_bubble() {
    snapshot("words_with_buttons", text_button());
}

#[test]
fn one_picture_to_tap_is_a_bubble_of_the_picture_alone() {
    let draft = cards(TemplateKind::ImageClick, vec![picture()]);
    snapshot("one_picture", draft);
}

#[test]
fn several_cards_are_a_carousel_of_equal_bubbles() {
    let mut second = suite();
    second.buttons.clear();
    second.description = None;
    let draft = cards(TemplateKind::ImageCard, vec![suite(), second]);
    snapshot("several_cards", draft);
}

#[test]
fn a_picture_is_a_picture() {
    let image = OutgoingMessage::Image {
        url: "https://h.tw/a.jpg".into(),
        preview_url: "https://h.tw/b.jpg".into(),
    };
    assert_eq!(
        wire(&[image]),
        json!([{
            "type": "image",
            "originalContentUrl": "https://h.tw/a.jpg",
            "previewImageUrl": "https://h.tw/b.jpg",
        }])
    );
}

#[test]
fn one_to_five_messages_go_at_once() {
    let hello = OutgoingMessage::Text {
        text: "hello".into(),
    };
    assert!(encode(&vec![hello.clone(); 5]).is_ok());
    for count in [0, 6] {
        let error = encode(&vec![hello.clone(); count]).unwrap_err();
        assert_eq!(error.property, "messages");
    }
}

#[test]
fn every_limit_is_told_with_its_place() {
    let long = "字".repeat(5001);
    assert_eq!(
        refused(OutgoingMessage::Text { text: long.clone() }),
        "messages[0].text: must have at most 5000 characters"
    );
    assert_eq!(
        refused(with_buttons(&long, "a", opens("https://h.tw".into()))),
        "messages[0].contents.body.contents[0].text: must have at most 5000 characters"
    );
    let at = "messages[0].contents.footer.contents[0].action";
    for (label, action, expected) in [
        (
            "a label that is too long",
            opens("https://h.tw".into()),
            format!("{at}.label: must have at most 20 characters"),
        ),
        (
            "a",
            opens(format!("https://h.tw/{}", "a".repeat(1000))),
            format!("{at}.uri: must have at most 1000 characters"),
        ),
        (
            "a",
            TapAction::Postback {
                data: "d".repeat(301),
                display_text: None,
            },
            format!("{at}.data: must have at most 300 characters"),
        ),
        (
            "a",
            TapAction::Postback {
                data: "d".into(),
                display_text: Some("t".repeat(301)),
            },
            format!("{at}.displayText: must have at most 300 characters"),
        ),
    ] {
        assert_eq!(refused(with_buttons("hi", label, action)), expected);
    }
}

#[test]
fn cards_end_at_twelve_and_at_fifty_thousand_bytes() {
    let card = |description: String| RenderedCard {
        image_url: "https://h.tw/a.jpg".into(),
        title: Some("title".into()),
        description: Some(description),
        price_text: None,
        action: None,
        buttons: Vec::new(),
    };
    let all = |cards| OutgoingMessage::Cards {
        alt_text: "alt".into(),
        cards,
    };
    assert!(encode(&[all(vec![card("a".into()); 12])]).is_ok());
    assert_eq!(
        refused(all(vec![card("a".into()); 13])),
        "messages[0].contents.contents: must have 1 to 12 entries"
    );
    assert!(
        refused(all(vec![card("字".repeat(1500)); 12])).starts_with("messages[0].contents: takes")
    );
    assert!(
        refused(all(vec![card("\u{1}".repeat(5000))])).starts_with("messages[0].contents: takes")
    );
}
