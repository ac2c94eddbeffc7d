mod cards;
mod taps;

use crate::content::{TemplateContent, TemplateKind};
use crate::draft::TemplateDraft;
use crate::variables::{VariableText, utf16};
use crate::{InteractionResult, limits};
use cards::check_cards;
use crm_kernel::{FieldError, Problems};
use taps::{check_buttons, check_result};

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
        // A form with an empty field in it is meant well.
        (
            "content",
            kind.has_cards() && written(draft.content.clone()).is_some(),
        ),
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
