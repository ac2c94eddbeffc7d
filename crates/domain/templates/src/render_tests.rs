use super::*;
use crate::{Button, Card, Price};

const BASE: &str = "https://crm.hotel.com";

pub(super) struct Links;

impl TapLinks for Links {
    fn base_url(&self) -> &str {
        BASE
    }
    fn url(&self, item: TapItem, _target: &str) -> String {
        format!("https://crm.hotel.com/t/{item}")
    }
    fn postback(&self, item: TapItem) -> String {
        format!("tap={item}")
    }
}

fn guest() -> Person {
    Person {
        display_name: Some("sunny".into()),
        first_name: Some("小明".into()),
        last_name: Some("王".into()),
        birthday_month: Some(9),
    }
}

pub(super) fn button(label: &str, result: Option<InteractionResult>, tag: Option<i64>) -> Button {
    Button {
        label: label.into(),
        interaction_result: result,
        interaction_tag_id: tag.map(Into::into),
    }
}

fn cards() -> TemplateContent {
    let card = |title: &str, result, tag: Option<i64>, buttons, sort_order| Card {
        id: None,
        image_url: "https://cdn.hotel.com/房.jpg".into(),
        title: Some(title.into()),
        description: Some("for {{last_name}}".into()),
        price: Price::from_minor(399_900),
        interaction_result: result,
        interaction_tag_id: tag.map(Into::into),
        sort_order,
        buttons,
    };
    let open = |url: &str| Some(InteractionResult::OpenUrl(url.into()));
    TemplateContent {
        kind: TemplateKind::ImageCard,
        notification_text: Some("{{first_name}}".into()),
        preview_text: Some("an offer".into()),
        interaction_tag_id: Some(5.into()),
        interaction_result: open("https://hotel.com"),
        content: None,
        cards: vec![
            card(
                "Suite",
                open("tel:+8862"),
                Some(6),
                vec![button("call", None, None)],
                1,
            ),
            card(
                "Room",
                None,
                None,
                vec![
                    button("book", None, Some(9)),
                    button("no", Some(InteractionResult::None), None),
                ],
                2,
            ),
        ],
        ..TemplateContent::text("")
    }
}

#[test]
fn taps_are_numbered_card_by_card_and_inherit_what_they_leave_out() {
    let told: Vec<_> = cards()
        .taps()
        .into_iter()
        .map(|tap| {
            (
                tap.item.get(),
                tap.result.value().to_owned(),
                tap.tag.map(crm_kernel::TagId::get),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (1, "tel:+8862".to_owned(), Some(6)),
            (2, "tel:+8862".to_owned(), Some(6)),
            (3, "https://hotel.com".to_owned(), Some(5)),
            (4, "https://hotel.com".to_owned(), Some(9)),
            (5, String::new(), Some(5)),
        ]
    );
    assert_eq!(
        cards().tap(TapItem::new(4)).unwrap().label.as_deref(),
        Some("book")
    );
    assert_eq!(cards().tap(TapItem::new(6)), None);
}

#[test]
fn a_card_is_rendered_with_its_price_its_words_and_where_its_taps_lead() {
    let messages = cards().render(&guest(), &Links).unwrap();
    let [OutgoingMessage::Cards { alt_text, cards }] = messages.as_slice() else {
        panic!("one message with cards, not {messages:?}");
    };
    assert_eq!(alt_text, "小明");
    assert_eq!(cards[0].image_url, "https://cdn.hotel.com/%E6%88%BF.jpg");
    assert_eq!(cards[0].description.as_deref(), Some("for 王"));
    assert_eq!(cards[0].price_text.as_deref(), Some("NT$ 3,999"));
    assert_eq!(
        cards[0].action,
        Some(TapAction::OpenUrl {
            url: "tel:+8862".into()
        })
    );
    assert_eq!(
        cards[1].action,
        Some(TapAction::OpenUrl {
            url: "https://crm.hotel.com/t/3".into()
        })
    );
    assert_eq!(
        cards[1].buttons[1].action,
        TapAction::Postback {
            data: "tap=5".into(),
            display_text: Some("no".into())
        }
    );
}

#[test]
fn the_notification_falls_back_when_nothing_is_left_of_it() {
    let messages = cards().render(&Person::default(), &Links).unwrap();
    assert!(matches!(&messages[0],
        OutgoingMessage::Cards { alt_text, .. } if alt_text == "an offer"));
}

#[test]
fn a_picture_without_a_result_still_tells_us_of_its_taps() {
    let mut content = cards();
    content.interaction_result = None;
    let messages = content.render(&guest(), &Links).unwrap();
    assert!(matches!(&messages[0], OutgoingMessage::Cards { cards, .. }
        if cards[1].action == Some(TapAction::Postback { data: "tap=3".into(), display_text: None })));
}

#[test]
fn a_text_that_ends_up_empty_or_too_long_fails_this_guest_with_the_reason() {
    let only_name = TemplateContent::text("{{first_name}}");
    assert_eq!(
        only_name
            .render(&Person::default(), &Links)
            .unwrap_err()
            .to_string(),
        "content is empty once filled in"
    );
    assert!(only_name.render(&guest(), &Links).is_ok());
    let endless = Person {
        first_name: Some("明".repeat(5001)),
        ..guest()
    };
    assert_eq!(
        only_name.render(&endless, &Links).unwrap_err().to_string(),
        "content has more than 5000 characters once filled in"
    );
}

#[test]
fn variables_and_counted_links_make_a_message_personal_and_postbacks_do_not() {
    assert!(TemplateContent::text("{{name|guest}}").is_personal());
    assert!(!TemplateContent::text("hello").is_personal());
    let mut buttons = TemplateContent {
        kind: TemplateKind::TextButton,
        notification_text: Some("offer".into()),
        buttons: vec![button(
            "yes",
            Some(InteractionResult::TriggerMessage(
                "{{name}}, welcome".into(),
            )),
            None,
        )],
        ..TemplateContent::text("hello")
    };
    assert!(!buttons.is_personal());
    buttons.interaction_result = Some(InteractionResult::OpenUrl("tel:+8862".into()));
    buttons.buttons.push(button("call", None, None));
    assert!(!buttons.is_personal());
    buttons.buttons[1].interaction_result =
        Some(InteractionResult::OpenUrl("https://hotel.com".into()));
    assert!(buttons.is_personal());
}

#[test]
fn a_tap_is_answered_for_the_guest_who_tapped() {
    let text = InteractionResult::TriggerMessage("{{name|you}}, welcome".into());
    assert_eq!(
        text.answer(&guest(), BASE).unwrap(),
        Some(OutgoingMessage::Text {
            text: "王小明, welcome".into()
        })
    );
    assert_eq!(
        InteractionResult::None.answer(&guest(), BASE).unwrap(),
        None
    );
}

#[test]
fn an_uploaded_picture_is_shown_by_an_address_that_line_can_load() {
    let upload = |ending: &str| format!("/static/uploads/images/templates/2026_a-1.{ending}");
    let shown = |ending: &str| format!("{BASE}{}", upload(ending));
    let mut content = cards();
    content.cards[0].image_url = upload("webp");
    content.cards[1].image_url = upload("png");
    let messages = content.render(&guest(), &Links).unwrap();
    let [OutgoingMessage::Cards { cards, .. }] = messages.as_slice() else {
        panic!("one message with cards, not {messages:?}");
    };
    assert_eq!(cards[0].image_url, shown("jpg"));
    assert_eq!(cards[1].image_url, shown("png"));
    let answer = InteractionResult::TriggerImage(upload("webp"));
    assert_eq!(
        answer.answer(&guest(), BASE).unwrap(),
        Some(OutgoingMessage::Image {
            url: shown("jpg"),
            preview_url: shown("jpg"),
        })
    );
    assert_eq!(content.cards[0].image_url, upload("webp"));
}
