//! What holds for every template and every guest.

use super::tests::{Links, button};
use super::*;
use crate::{Button, CardDraft, NewTemplate, TemplateDraft};
use proptest::prelude::*;

fn words() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{0,30}",
        "😀{0,60}",
        Just("{{name|dear guest}}".to_owned()),
        Just("{{display_name}}".to_owned()),
        "a{0,2000}",
    ];
    proptest::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

fn results() -> impl Strategy<Value = Option<InteractionResult>> {
    prop_oneof![
        Just(None),
        Just(Some(InteractionResult::None)),
        Just(Some(InteractionResult::OpenUrl(
            "https://hotel.com/房?a={b}".into()
        ))),
        "tel:[0-9]{1,999}".prop_map(|url| Some(InteractionResult::OpenUrl(url))),
        words().prop_map(|text| Some(InteractionResult::TriggerMessage(text))),
    ]
}

fn buttons_of(most: usize) -> impl Strategy<Value = Vec<Button>> {
    let one = ("\\PC{0,24}", results()).prop_map(|(label, result)| button(&label, result, None));
    proptest::collection::vec(one, 0..=most)
}

fn drafts() -> impl Strategy<Value = TemplateDraft> {
    let card = (
        proptest::option::of(words()),
        proptest::option::of(words()),
        proptest::option::of(-1_i64..10_000_000),
        results(),
        buttons_of(3),
    )
        .prop_map(
            |(title, description, price_minor, interaction_result, buttons)| CardDraft {
                image_url: "https://cdn.hotel.com/a.jpg".into(),
                title,
                description,
                price_minor,
                interaction_result,
                buttons,
                ..CardDraft::default()
            },
        );
    (
        proptest::sample::select(TemplateKind::ALL.to_vec()),
        words(),
        words(),
        results(),
        buttons_of(4),
        proptest::collection::vec(card, 1..4),
    )
        .prop_map(|(kind, content, notice, result, buttons, cards)| {
            let mut draft = TemplateDraft::new(kind);
            draft.name = Some("any".into());
            draft.notification_text = Some(notice);
            if kind.has_cards() {
                draft.cards = cards;
            } else {
                draft.content = Some(content);
            }
            if kind == TemplateKind::TextButton {
                draft.buttons = buttons;
            }
            if kind == TemplateKind::ImageClick {
                for card in &mut draft.cards {
                    (card.title, card.description, card.price_minor) = (None, None, None);
                    card.button = card.buttons.pop();
                    card.buttons.clear();
                }
            }
            if kind != TemplateKind::Text {
                draft.interaction_result = result;
            }
            draft
        })
}

fn assert_within_limits(message: &OutgoingMessage) {
    let check_buttons = |buttons: &[RenderedButton]| {
        for button in buttons {
            assert!(!button.label.is_empty() && utf16(&button.label) <= 2 * limits::LABEL_CHARS);
            if let TapAction::OpenUrl { url } = &button.action {
                assert!(url.is_ascii() && url.len() <= limits::URL);
            }
        }
    };
    match message {
        OutgoingMessage::Text { text } => {
            assert!((1..=limits::TEXT_UTF16).contains(&utf16(text)));
        }
        OutgoingMessage::TextWithButtons {
            text,
            alt_text,
            buttons,
        } => {
            assert!((1..=limits::TEXT_UTF16).contains(&utf16(text)));
            assert!((1..=limits::ALT_TEXT_UTF16).contains(&utf16(alt_text)));
            assert!((1..=limits::TEXT_BUTTONS).contains(&buttons.len()));
            check_buttons(buttons);
        }
        OutgoingMessage::Cards { alt_text, cards } => {
            assert!((1..=limits::ALT_TEXT_UTF16).contains(&utf16(alt_text)));
            assert!((1..=limits::CARDS).contains(&cards.len()));
            for card in cards {
                check_buttons(&card.buttons);
            }
        }
        OutgoingMessage::Image { .. } => panic!("no template is a picture alone"),
    }
}

proptest! {
    #[test]
    fn whatever_is_valid_renders_within_lines_limits_or_says_why_not(
        draft in drafts(), display in "\\PC{0,200}", first in "\\PC{0,200}", month in 1_u8..=12,
    ) {
        if let Ok(template) = NewTemplate::check(draft) {
            let person = Person {
                display_name: Some(display), first_name: Some(first), last_name: None,
                birthday_month: Some(month),
            };
            if let Ok(messages) = template.content().render(&person, &Links) {
                messages.iter().for_each(assert_within_limits);
            }
        }
    }

    #[test]
    fn a_content_is_the_same_after_it_was_frozen(draft in drafts()) {
        if let Ok(template) = NewTemplate::check(draft) {
            let frozen = serde_json::to_string(template.content()).unwrap();
            let read: TemplateContent = serde_json::from_str(&frozen).unwrap();
            prop_assert_eq!(&read, template.content());
        }
    }
}
