use crate::{Button, CardDraft, InteractionResult, Template, TemplateDraft, TemplateKind};
use crm_kernel::{Patch, TagId};

/// A partial update: what is not mentioned stays; a list is replaced as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateChanges {
    /// Another form; fields that make no sense for it must be cleared in the same update.
    pub kind: Option<TemplateKind>,
    /// What the back office calls it.
    pub name: Patch<String>,
    /// Words of `text` and `text_button`.
    pub content: Patch<String>,
    /// Buttons of `text_button`.
    pub buttons: Patch<Vec<Button>>,
    /// Cards of the image kinds (`carousel_items`).
    pub cards: Patch<Vec<CardDraft>>,
    /// What a notification shows.
    pub notification_text: Patch<String>,
    /// What our own preview shows.
    pub preview_text: Patch<String>,
    /// Tag of every tap without one.
    pub interaction_tag_id: Patch<TagId>,
    /// Result of every tap without one.
    pub interaction_result: Patch<InteractionResult>,
}

impl TemplateChanges {
    /// The template as it would be written after the update, to be checked as a whole.
    #[must_use]
    pub fn apply(self, template: &Template) -> TemplateDraft {
        let now = TemplateDraft::from(template);
        TemplateDraft {
            kind: self.kind.unwrap_or(now.kind),
            name: self.name.apply(now.name),
            content: self.content.apply(now.content),
            buttons: self.buttons.apply(Some(now.buttons)).unwrap_or_default(),
            cards: self.cards.apply(Some(now.cards)).unwrap_or_default(),
            notification_text: self.notification_text.apply(now.notification_text),
            preview_text: self.preview_text.apply(now.preview_text),
            interaction_tag_id: self.interaction_tag_id.apply(now.interaction_tag_id),
            interaction_result: self.interaction_result.apply(now.interaction_result),
        }
    }
}
