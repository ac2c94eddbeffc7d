use crate::{
    Button, CardDraft, InteractionResult, NewTemplate, Price, TemplateContent, TemplateDraft,
    TemplateKind,
};

fn button(label: &str) -> Button {
    Button {
        label: label.into(),
        interaction_result: None,
        interaction_tag_id: None,
    }
}

fn card(image: &str) -> CardDraft {
    CardDraft {
        image_url: format!("https://cdn.hotel.com/{image}.jpg"),
        ..CardDraft::default()
    }
}

fn titled(title: &str) -> CardDraft {
    CardDraft {
        title: Some(title.into()),
        ..card("room")
    }
}

/// A draft of this kind that breaks no rule.
fn draft(kind: TemplateKind) -> TemplateDraft {
    let mut draft = TemplateDraft::new(kind);
    draft.name = Some("mid-autumn".into());
    match kind {
        TemplateKind::Text => draft.content = Some("hello".into()),
        TemplateKind::TextButton => {
            draft.content = Some("hello".into());
            draft.buttons = vec![button("book")];
        }
        TemplateKind::ImageClick => draft.cards = vec![card("a")],
        TemplateKind::ImageCard => draft.cards = vec![titled("Suite")],
    }
    if kind != TemplateKind::Text {
        draft.notification_text = Some("an offer".into());
    }
    draft
}

fn fields(draft: TemplateDraft) -> Vec<String> {
    match NewTemplate::check(draft) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.into_iter().map(|p| p.field).collect(),
    }
}

fn content(draft: TemplateDraft) -> TemplateContent {
    NewTemplate::check(draft).unwrap().into_parts().1
}

#[test]
fn a_minimal_template_of_each_kind_is_fine() {
    for kind in TemplateKind::ALL {
        assert_eq!(fields(draft(kind)), Vec::<String>::new(), "{kind:?}");
    }
}

#[test]
fn all_problems_are_told_together_under_the_names_the_client_used() {
    let mut wrong = draft(TemplateKind::ImageCard);
    wrong.name = None;
    wrong.notification_text = None;
    wrong.cards = vec![
        titled("fine"),
        CardDraft {
            image_url: "http://hotel.com/a.jpg".into(),
            price_minor: Some(-1),
            buttons: vec![button("book"), button("a label that is far too long")],
            ..CardDraft::default()
        },
    ];
    assert_eq!(
        fields(wrong),
        [
            "name",
            "notification_text",
            "carousel_items[1].image_url",
            "carousel_items[1].title",
            "carousel_items[1].price",
            "carousel_items[1].buttons[1].label",
        ]
    );
}

#[test]
fn what_makes_no_sense_for_a_kind_is_refused_by_name() {
    let mut text = draft(TemplateKind::Text);
    text.buttons = vec![button("a")];
    text.cards = vec![card("a")];
    text.interaction_tag_id = Some(1.into());
    text.interaction_result = Some(InteractionResult::TriggerMessage("hi".into()));
    assert_eq!(
        fields(text),
        [
            "buttons",
            "carousel_items",
            "interaction_tag_id",
            "interaction_result"
        ]
    );

    let mut empty = draft(TemplateKind::ImageClick);
    empty.content = Some(" ".into());
    assert!(fields(empty).is_empty());

    let mut click = draft(TemplateKind::ImageClick);
    click.content = Some("words".into());
    click.cards[0].title = Some("title".into());
    click.cards[0].buttons = vec![button("a")];
    assert_eq!(
        fields(click),
        [
            "content",
            "carousel_items[0].title",
            "carousel_items[0].buttons"
        ]
    );

    let mut cards = draft(TemplateKind::ImageCard);
    cards.cards[0].button = Some(button("a"));
    assert_eq!(fields(cards), ["carousel_items[0].button"]);
}

#[test]
fn a_notification_is_ignored_on_a_plain_text_and_required_elsewhere() {
    let mut text = draft(TemplateKind::Text);
    text.notification_text = Some("hello".into());
    assert!(fields(text).is_empty());
    let mut buttons = draft(TemplateKind::TextButton);
    buttons.notification_text = Some("  ".into());
    assert_eq!(fields(buttons), ["notification_text"]);
}

#[test]
fn there_are_one_to_four_buttons_and_one_to_twelve_cards() {
    for (count, fine) in [(0, false), (1, true), (4, true), (5, false)] {
        let mut some = draft(TemplateKind::TextButton);
        some.buttons = vec![button("a"); count];
        assert_eq!(fields(some).is_empty(), fine, "{count} buttons");
    }
    for (count, fine) in [(0, false), (1, true), (12, true), (13, false)] {
        let mut some = draft(TemplateKind::ImageCard);
        some.cards = vec![titled("a"); count];
        assert_eq!(fields(some).is_empty(), fine, "{count} cards");
    }
    for (count, fine) in [(3, true), (4, false)] {
        let mut some = draft(TemplateKind::ImageCard);
        some.cards[0].buttons = vec![button("a"); count];
        assert_eq!(fields(some).is_empty(), fine, "{count} buttons of a card");
    }
}

#[test]
fn texts_are_counted_as_their_limits_count_them() {
    let with = |text: String| {
        let mut some = draft(TemplateKind::Text);
        some.content = Some(text);
        fields(some)
    };
    assert!(with("王".repeat(5000)).is_empty());
    assert_eq!(with("😀".repeat(2501)), ["content"]);
    // with the longest name it would not fit
    assert_eq!(with("a".repeat(4990) + "{{name}}"), ["content"]);

    let mut labels = draft(TemplateKind::TextButton);
    labels.buttons = vec![button(&"👨‍👩‍👧".repeat(20)), button(&"a".repeat(21))];
    assert_eq!(fields(labels), ["buttons[1].label"]);

    let mut words = draft(TemplateKind::ImageCard);
    words.name = Some("字".repeat(101));
    words.notification_text = Some("字".repeat(100));
    words.preview_text = Some("字".repeat(101));
    words.cards[0].title = Some("字".repeat(100));
    words.cards[0].description = Some("字".repeat(201));
    assert_eq!(
        fields(words),
        ["name", "preview_text", "carousel_items[0].description"]
    );
}

#[test]
fn an_unknown_variable_is_told_where_it_stands() {
    let mut some = draft(TemplateKind::ImageCard);
    some.notification_text = Some("{{name}} and {{nick}}".into());
    some.cards[0].title = Some("{{title}}".into());
    some.cards[0].interaction_result = Some(InteractionResult::TriggerMessage("{{room}}".into()));
    let problems = NewTemplate::check(some).unwrap_err();
    assert_eq!(problems[0].field, "notification_text");
    assert!(problems[0].message.contains("{{nick}}"));
    assert_eq!(problems[1].field, "carousel_items[0].title");
    assert_eq!(
        problems[2].field,
        "carousel_items[0].interaction_result.value"
    );
}

#[test]
fn results_must_lead_somewhere() {
    let with = |result| {
        let mut some = draft(TemplateKind::TextButton);
        some.buttons[0].interaction_result = Some(result);
        fields(some)
    };
    assert!(with(InteractionResult::None).is_empty());
    assert!(with(InteractionResult::OpenUrl("tel:+88621234".into())).is_empty());
    let at = ["buttons[0].interaction_result.value"];
    assert_eq!(with(InteractionResult::OpenUrl("javascript:x".into())), at);
    assert_eq!(with(InteractionResult::TriggerMessage(" ".into())), at);
    assert_eq!(
        with(InteractionResult::TriggerImage("http://h.tw/a".into())),
        at
    );
}

#[test]
fn a_picture_may_be_an_upload_and_is_kept_as_it_was_given() {
    let upload = "/static/uploads/images/templates/2026_a-1.webp";
    let with = |picture: &str| {
        let mut draft = draft(TemplateKind::ImageCard);
        draft.cards[0].image_url = picture.into();
        draft.cards[0].buttons = vec![Button {
            interaction_result: Some(InteractionResult::TriggerImage(picture.into())),
            ..button("look")
        }];
        draft
    };
    let kept = content(with(upload));
    assert_eq!(kept.cards[0].image_url, upload);
    let answer = kept.cards[0].buttons[0].interaction_result.as_ref();
    assert_eq!(answer.unwrap().value(), upload);
    for wrong in ["/rooms/a.jpg", "/static/uploads/images/templates/../a.jpg"] {
        let at = [
            "carousel_items[0].image_url",
            "carousel_items[0].buttons[0].interaction_result.value",
        ];
        assert_eq!(fields(with(wrong)), at, "{wrong}");
    }
}

#[test]
fn an_action_url_is_short_for_open_url_and_stands_alone() {
    let mut short = draft(TemplateKind::ImageClick);
    short.cards[0].action_url = Some("https://hotel.com/offer".into());
    assert_eq!(
        content(short.clone()).cards[0].interaction_result,
        Some(InteractionResult::OpenUrl("https://hotel.com/offer".into()))
    );
    short.cards[0].interaction_result = Some(InteractionResult::None);
    assert_eq!(fields(short), ["carousel_items[0].action_url"]);
}

#[test]
fn cards_are_put_in_order_and_numbered_without_gaps() {
    let mut some = draft(TemplateKind::ImageCard);
    let place = |title: &str, sort_order| CardDraft {
        sort_order,
        ..titled(title)
    };
    some.cards = vec![
        place("last", None),
        place("second", Some(7)),
        place("first", Some(-3)),
        place("third", Some(7)),
    ];
    let cards = content(some).cards;
    let order: Vec<_> = cards
        .iter()
        .map(|card| (card.sort_order, card.title.as_deref().unwrap()))
        .collect();
    assert_eq!(
        order,
        [(1, "first"), (2, "second"), (3, "third"), (4, "last")]
    );
}

#[test]
fn a_checked_template_is_trimmed_where_blanks_mean_nothing() {
    let mut some = draft(TemplateKind::ImageCard);
    some.cards[0].title = Some("  Suite ".into());
    some.cards[0].description = Some("   ".into());
    some.cards[0].price_minor = Some(320_000);
    let card = content(some).cards.remove(0);
    assert_eq!(card.title.as_deref(), Some("Suite"));
    assert_eq!(card.description, None);
    assert_eq!(card.price, Price::from_minor(320_000));
}
