use super::taps::{check_button, check_buttons, check_result};
use super::{check_words, trimmed};
use crate::content::{Card, TemplateKind};
use crate::draft::CardDraft;
use crate::{InteractionResult, Price, limits, urls};
use crm_kernel::Problems;

pub(super) fn check_cards(
    kind: TemplateKind,
    drafts: Vec<CardDraft>,
    problems: &mut Problems,
) -> Vec<Card> {
    if !kind.has_cards() {
        return Vec::new();
    }
    problems.check(
        (1..=limits::CARDS).contains(&drafts.len()),
        "carousel_items",
        "must have 1 to 12 entries",
    );
    let mut cards: Vec<(i32, Card)> = Vec::new();
    for (i, draft) in drafts.into_iter().enumerate() {
        let place = draft.sort_order.unwrap_or(i32::MAX);
        let path = format!("carousel_items[{i}]");
        cards.push((place, check_card(kind, draft, &path, problems)));
    }
    // stable: equal places keep the order they were written in
    cards.sort_by_key(|(place, _)| *place);
    (1..)
        .zip(cards)
        .map(|(sort_order, (_, card))| Card { sort_order, ..card })
        .collect()
}

fn check_card(kind: TemplateKind, draft: CardDraft, path: &str, problems: &mut Problems) -> Card {
    let at = |field: &str| format!("{path}.{field}");
    let image_url = draft.image_url.trim().to_owned();
    if let Err(message) = urls::check_image(&image_url, limits::CARD_URL) {
        problems.add(at("image_url"), message);
    }
    let title = trimmed(draft.title);
    let description = trimmed(draft.description);
    if kind == TemplateKind::ImageClick {
        for (field, given) in [
            ("title", title.is_some()),
            ("description", description.is_some()),
            ("price", draft.price_minor.is_some()),
            ("buttons", !draft.buttons.is_empty()),
        ] {
            problems.check(!given, &at(field), "is not possible for image_click");
        }
    } else {
        problems.check(title.is_some(), &at("title"), "must not be empty");
        problems.check(
            draft.button.is_none(),
            &at("button"),
            "is not possible for image_card, which has buttons",
        );
    }
    if let Some(text) = &title {
        check_words(text, limits::TITLE, &at("title"), problems);
    }
    if let Some(text) = &description {
        check_words(text, limits::DESCRIPTION, &at("description"), problems);
    }
    let price = draft.price_minor.and_then(|minor| {
        let range = Price::from_minor(minor).ok_or("must be between 0 and 99999999.99");
        problems.keep(&at("price"), range)
    });
    let interaction_result =
        check_card_result(draft.interaction_result, draft.action_url, path, problems);
    problems.check(
        draft.buttons.len() <= limits::CARD_BUTTONS,
        &at("buttons"),
        "must have at most 3 entries",
    );
    let mut buttons = check_buttons(draft.buttons, &at("buttons"), problems);
    buttons.extend(
        draft
            .button
            .map(|button| check_button(button, &at("button"), problems)),
    );
    Card {
        id: None,
        image_url,
        title,
        description,
        price,
        interaction_result,
        interaction_tag_id: draft.interaction_tag_id,
        sort_order: 0,
        buttons,
    }
}

fn check_card_result(
    result: Option<InteractionResult>,
    action_url: Option<String>,
    path: &str,
    problems: &mut Problems,
) -> Option<InteractionResult> {
    if let Some(result) = &result {
        let at = format!("{path}.interaction_result");
        check_result(result, limits::CARD_URL, &at, problems);
    }
    let Some(url) = trimmed(action_url) else {
        return result;
    };
    let at = format!("{path}.action_url");
    let short = InteractionResult::OpenUrl(url);
    if result.as_ref().is_some_and(|result| *result != short) {
        problems.add(at, "is not possible beside an interaction_result");
        return result;
    }
    if let Err(message) = urls::check_link(short.value(), limits::CARD_URL) {
        problems.add(at, message);
    }
    Some(short)
}
