use super::check_text;
use crate::content::Button;
use crate::{InteractionResult, limits, urls};
use crm_kernel::Problems;
use unicode_segmentation::UnicodeSegmentation;

pub(super) fn check_buttons(
    buttons: Vec<Button>,
    path: &str,
    problems: &mut Problems,
) -> Vec<Button> {
    buttons
        .into_iter()
        .enumerate()
        .map(|(i, button)| check_button(button, &format!("{path}[{i}]"), problems))
        .collect()
}

pub(super) fn check_button(button: Button, path: &str, problems: &mut Problems) -> Button {
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

pub(super) fn check_result(
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
        InteractionResult::TriggerTemplate(_) if result.template().is_none() => {
            Err("must be the id of a template".into())
        }
        // Whether there is one is asked later.
        InteractionResult::TriggerTemplate(_) => Ok(()),
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
