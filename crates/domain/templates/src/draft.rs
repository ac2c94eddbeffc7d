use crate::{Button, Card, InteractionResult, Template, TemplateKind};
use crm_kernel::TagId;

/// A template as a client wrote it, not yet checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateDraft {
    /// Its form.
    pub kind: TemplateKind,
    /// What the back office calls it.
    pub name: Option<String>,
    /// Words of `text` and `text_button`.
    pub content: Option<String>,
    /// Buttons of `text_button`.
    pub buttons: Vec<Button>,
    /// Cards of the image kinds (`carousel_items`).
    pub cards: Vec<CardDraft>,
    /// What a notification shows.
    pub notification_text: Option<String>,
    /// What our own preview shows.
    pub preview_text: Option<String>,
    /// Tag of every tap without one.
    pub interaction_tag_id: Option<TagId>,
    /// Result of every tap without one.
    pub interaction_result: Option<InteractionResult>,
}

impl TemplateDraft {
    /// An empty draft of this kind.
    #[must_use]
    pub const fn new(kind: TemplateKind) -> Self {
        Self {
            kind,
            name: None,
            content: None,
            buttons: Vec::new(),
            cards: Vec::new(),
            notification_text: None,
            preview_text: None,
            interaction_tag_id: None,
            interaction_result: None,
        }
    }

    /// Every tag it names, with the field that names it.
    pub(crate) fn tags(&self) -> Vec<(String, TagId)> {
        let mut tags = Vec::new();
        let mut note = |path: String, tag: Option<TagId>| {
            if let Some(tag) = tag {
                tags.push((format!("{path}interaction_tag_id"), tag));
            }
        };
        note(String::new(), self.interaction_tag_id);
        for (i, button) in self.buttons.iter().enumerate() {
            note(format!("buttons[{i}]."), button.interaction_tag_id);
        }
        for (i, card) in self.cards.iter().enumerate() {
            note(format!("carousel_items[{i}]."), card.interaction_tag_id);
            if let Some(button) = &card.button {
                note(
                    format!("carousel_items[{i}].button."),
                    button.interaction_tag_id,
                );
            }
            for (j, button) in card.buttons.iter().enumerate() {
                note(
                    format!("carousel_items[{i}].buttons[{j}]."),
                    button.interaction_tag_id,
                );
            }
        }
        tags
    }
}

impl From<&Template> for TemplateDraft {
    fn from(template: &Template) -> Self {
        let content = template.content().clone();
        Self {
            kind: content.kind,
            name: Some(template.name().to_owned()),
            content: content.content,
            buttons: content.buttons,
            cards: content
                .cards
                .into_iter()
                .map(|card| CardDraft::of(content.kind, card))
                .collect(),
            notification_text: content.notification_text,
            preview_text: content.preview_text,
            interaction_tag_id: content.interaction_tag_id,
            interaction_result: content.interaction_result,
        }
    }
}

/// A card as a client wrote it, not yet checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CardDraft {
    /// Its picture: an address, or the path of an upload.
    pub image_url: String,
    /// Headline.
    pub title: Option<String>,
    /// A few words.
    pub description: Option<String>,
    /// Hundredths of a dollar.
    pub price_minor: Option<i64>,
    /// What a tap on the picture does.
    pub interaction_result: Option<InteractionResult>,
    /// Shorthand for an `open_url` result (document 000 §3.2.8); not both.
    pub action_url: Option<String>,
    /// Tag of a tap on the picture.
    pub interaction_tag_id: Option<TagId>,
    /// Wanted place; cards without one keep their order behind those with one.
    pub sort_order: Option<i32>,
    /// The one button of `image_click`.
    pub button: Option<Button>,
    /// The buttons of `image_card`.
    pub buttons: Vec<Button>,
}

impl CardDraft {
    fn of(kind: TemplateKind, card: Card) -> Self {
        let mut buttons = card.buttons;
        let button = (kind == TemplateKind::ImageClick)
            .then(|| buttons.pop())
            .flatten();
        Self {
            image_url: card.image_url,
            title: card.title,
            description: card.description,
            price_minor: card.price.map(crate::Price::minor),
            interaction_result: card.interaction_result,
            action_url: None,
            interaction_tag_id: card.interaction_tag_id,
            sort_order: Some(i32::from(card.sort_order)),
            button,
            buttons,
        }
    }
}
