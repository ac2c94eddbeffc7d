//! What a draft names where: pictures, so that they are kept, and templates, so that they stay.

use crate::{Button, InteractionKind, InteractionResult, TemplateContent, TemplateDraft};
use crm_kernel::TemplateId;
use std::collections::BTreeSet;

impl TemplateDraft {
    /// Every text that may name an address among other words, with its field.
    pub(crate) fn texts(&self) -> Vec<(String, &str)> {
        let content = self.content.as_deref();
        let content = content.map(|text| ("content".to_owned(), text));
        let words = self.values(&[InteractionKind::TriggerMessage]);
        content.into_iter().chain(words).collect()
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
        let taps = self.values(&[InteractionKind::OpenUrl, InteractionKind::TriggerImage]);
        cards.flatten().chain(taps).collect()
    }

    /// Every template that a tap is answered with, with its field.
    pub(crate) fn templates(&self) -> Vec<(String, TemplateId)> {
        let taps = self.results().into_iter();
        taps.filter_map(|(field, result)| Some((field, result.template()?)))
            .collect()
    }

    fn values(&self, kinds: &[InteractionKind]) -> Vec<(String, &str)> {
        let taps = self.results().into_iter();
        taps.filter(|(_, result)| kinds.contains(&result.kind()))
            .map(|(field, result)| (field, result.value()))
            .collect()
    }

    /// What taps do, with the field of its value.
    fn results(&self) -> Vec<(String, &InteractionResult)> {
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
        let results = results.into_iter();
        results
            .filter_map(|(path, result)| Some((format!("{path}interaction_result.value"), result?)))
            .collect()
    }
}

impl TemplateContent {
    /// The templates that taps are answered with.
    #[must_use]
    pub fn answers(&self) -> BTreeSet<TemplateId> {
        let of = |buttons: &'_ [Button]| -> Vec<Option<InteractionResult>> {
            let buttons = buttons.iter();
            buttons.map(|b| b.interaction_result.clone()).collect()
        };
        let cards = self.cards.iter().flat_map(|card| {
            let mut results = of(&card.buttons);
            results.push(card.interaction_result.clone());
            results
        });
        of(&self.buttons)
            .into_iter()
            .chain(cards)
            .chain([self.interaction_result.clone()])
            .filter_map(|result| result?.template())
            .collect()
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
