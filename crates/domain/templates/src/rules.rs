use crate::content::{Button, Card, TemplateContent, TemplateKind};
use crate::draft::{CardDraft, TemplateDraft};
use crate::variables::{VariableText, utf16};
use crate::{InteractionResult, Price, limits, urls};
use crm_kernel::{FieldError, Problems};
use unicode_segmentation::UnicodeSegmentation;

/// Checks a draft as a whole and puts it into its stored form: blanks around texts gone, cards
/// in their order and numbered 1..n, one vocabulary for every tap.
pub(crate) fn check(draft: TemplateDraft) -> Result<(String, TemplateContent), Vec<FieldError>> {
    let mut problems = Problems::default();
    refuse_what_makes_no_sense(&draft, &mut problems);

    let name = trimmed(draft.name).unwrap_or_default();
    if problems.check(!name.is_empty(), "name", "must not be empty") {
        check_chars(&name, limits::NAME, "name", &mut problems);
    }
    let content = written(draft.content);
    match (&content, draft.kind.has_cards()) {
        (Some(text), _) => check_text(text, "content", &mut problems),
        (None, false) => problems.add("content", "must not be empty"),
        (None, true) => {}
    }
    let notification_text = trimmed(draft.notification_text);
    match &notification_text {
        Some(text) => check_words(text, limits::NOTICE, "notification_text", &mut problems),
        None if draft.kind == TemplateKind::Text => {}
        None => problems.add("notification_text", "must not be empty"),
    }
    let preview_text = trimmed(draft.preview_text);
    if let Some(text) = &preview_text {
        check_words(text, limits::NOTICE, "preview_text", &mut problems);
    }
    if let Some(result) = &draft.interaction_result {
        check_result(result, limits::URL, "interaction_result", &mut problems);
    }
    if draft.kind == TemplateKind::TextButton {
        let count = draft.buttons.len();
        problems.check(
            (1..=limits::TEXT_BUTTONS).contains(&count),
            "buttons",
            "must have 1 to 4 entries",
        );
    }
    let buttons = check_buttons(draft.buttons, "buttons", &mut problems);
    let cards = check_cards(draft.kind, draft.cards, &mut problems);
    problems.into_result()?;

    let content = TemplateContent {
        kind: draft.kind,
        content,
        buttons,
        cards,
        notification_text,
        preview_text,
        interaction_tag_id: draft.interaction_tag_id,
        interaction_result: draft.interaction_result,
    };
    Ok((name, content))
}

fn refuse_what_makes_no_sense(draft: &TemplateDraft, problems: &mut Problems) {
    let kind = draft.kind;
    let text_only = kind == TemplateKind::Text;
    let misplaced = [
        ("content", kind.has_cards() && draft.content.is_some()),
        (
            "buttons",
            kind != TemplateKind::TextButton && !draft.buttons.is_empty(),
        ),
        (
            "carousel_items",
            !kind.has_cards() && !draft.cards.is_empty(),
        ),
        // a plain text has nothing to tap
        (
            "interaction_tag_id",
            text_only && draft.interaction_tag_id.is_some(),
        ),
        (
            "interaction_result",
            text_only
                && draft
                    .interaction_result
                    .as_ref()
                    .is_some_and(|result| *result != InteractionResult::None),
        ),
    ];
    for (field, wrong) in misplaced {
        if wrong {
            problems.add(field, format!("is not possible for {}", kind.as_str()));
        }
    }
}

fn check_cards(kind: TemplateKind, drafts: Vec<CardDraft>, problems: &mut Problems) -> Vec<Card> {
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

fn check_buttons(buttons: Vec<Button>, path: &str, problems: &mut Problems) -> Vec<Button> {
    buttons
        .into_iter()
        .enumerate()
        .map(|(i, button)| check_button(button, &format!("{path}[{i}]"), problems))
        .collect()
}

fn check_button(button: Button, path: &str, problems: &mut Problems) -> Button {
    let label = button.label.trim().to_owned();
    let at = format!("{path}.label");
    if problems.check(!label.is_empty(), &at, "must not be empty") {
        problems.check(
            label.graphemes(true).count() <= limits::LABEL_GRAPHEMES
                && label.chars().count() <= limits::LABEL_CHARS,
            &at,
            "must have at most 20 characters",
        );
        problems.check(
            !label.contains("{{"),
            &at,
            "variables are not possible in a label",
        );
    }
    if let Some(result) = &button.interaction_result {
        let at = format!("{path}.interaction_result");
        check_result(result, limits::URL, &at, problems);
    }
    Button { label, ..button }
}

fn check_result(
    result: &InteractionResult,
    longest_url: usize,
    path: &str,
    problems: &mut Problems,
) {
    let at = format!("{path}.value");
    let checked = match result {
        InteractionResult::None => Ok(()),
        InteractionResult::OpenUrl(url) => urls::check_link(url, longest_url),
        InteractionResult::TriggerImage(url) => urls::check_image(url, longest_url),
        InteractionResult::TriggerMessage(text) if text.trim().is_empty() => {
            Err("must not be empty".into())
        }
        InteractionResult::TriggerMessage(text) => {
            check_text(text, &at, problems);
            Ok(())
        }
    };
    if let Err(message) = checked {
        problems.add(at, message);
    }
}

/// A long text: within LINE's limit as written, and with the longest values stored.
fn check_text(text: &str, field: &str, problems: &mut Problems) {
    match VariableText::parse(text) {
        Err(error) => problems.add(field, error.to_string()),
        Ok(read) => {
            problems.check(
                utf16(text).max(read.longest_utf16()) <= limits::TEXT_UTF16,
                field,
                "must have at most 5000 characters, counting every variable at its longest",
            );
        }
    }
}

/// A short text that has a column of its own.
fn check_words(text: &str, longest: usize, field: &str, problems: &mut Problems) {
    check_chars(text, longest, field, problems);
    if let Err(error) = VariableText::parse(text) {
        problems.add(field, error.to_string());
    }
}

fn check_chars(text: &str, longest: usize, field: &str, problems: &mut Problems) {
    if text.chars().count() > longest {
        problems.add(field, format!("must have at most {longest} characters"));
    }
}

fn trimmed(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

/// A text whose blanks and line breaks are part of its layout: kept, unless there is nothing else.
fn written(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
