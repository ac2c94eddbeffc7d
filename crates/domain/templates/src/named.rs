//! What a draft says where, so that the pictures it names are kept.

use crate::{Button, InteractionResult, TemplateDraft};

impl TemplateDraft {
    /// Every text that may name an address among other words, with its field.
    pub(crate) fn texts(&self) -> Vec<(String, &str)> {
        let content = self.content.as_deref();
        let content = content.map(|text| ("content".to_owned(), text));
        content.into_iter().chain(self.taps(true)).collect()
    }

    /// Every address, with its field.
    pub(crate) fn addresses(&self) -> Vec<(String, &str)> {
        let cards = self.cards.iter().enumerate().flat_map(|(i, card)| {
            let at = |field: &str| format!("carousel_items[{i}].{field}");
            let link = card.action_url.as_deref().map(str::trim);
            [
                Some((at("image_url"), card.image_url.trim())),
                link.map(|url| (at("action_url"), url)),
            ]
        });
        cards.flatten().chain(self.taps(false)).collect()
    }

    /// What a tap answers with, if it is words or if it is an address.
    fn taps(&self, words: bool) -> Vec<(String, &str)> {
        let mut results = vec![(String::new(), self.interaction_result.as_ref())];
        results.extend(results_of(&self.buttons, "buttons"));
        for (i, card) in self.cards.iter().enumerate() {
            let path = format!("carousel_items[{i}].");
            results.extend(results_of(&card.buttons, &format!("{path}buttons")));
            if let Some(button) = &card.button {
                let result = button.interaction_result.as_ref();
                results.push((format!("{path}button."), result));
            }
            results.push((path, card.interaction_result.as_ref()));
        }
        let taps = results.into_iter().filter_map(|(path, result)| {
            let result = result?;
            let is_words = matches!(result, InteractionResult::TriggerMessage(_));
            let field = format!("{path}interaction_result.value");
            (is_words == words).then(|| (field, result.value()))
        });
        taps.collect()
    }
}

fn results_of<'a>(
    buttons: &'a [Button],
    path: &str,
) -> impl Iterator<Item = (String, Option<&'a InteractionResult>)> {
    let results = buttons
        .iter()
        .map(|button| button.interaction_result.as_ref());
    let named = results.enumerate();
    named.map(move |(i, result)| (format!("{path}[{i}]."), result))
}
