use crate::{InteractionResult, Price};
use crm_kernel::{CardId, TagId};
use serde::{Deserialize, Serialize};

/// The four forms a template can have (document 000 §3.2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateKind {
    /// Words only.
    Text,
    /// Words with 1–4 buttons.
    TextButton,
    /// 1–12 pictures to tap, each with at most one button.
    ImageClick,
    /// 1–12 cards with title, description, price and up to 3 buttons.
    ImageCard,
}

impl TemplateKind {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Text,
        Self::TextButton,
        Self::ImageClick,
        Self::ImageCard,
    ];

    /// The name used in the API and in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::TextButton => "text_button",
            Self::ImageClick => "image_click",
            Self::ImageCard => "image_card",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether it consists of cards.
    #[must_use]
    pub const fn has_cards(self) -> bool {
        matches!(self, Self::ImageClick | Self::ImageCard)
    }
}

/// A button as it was written. What it leaves out it takes from its card, then from the
/// template: see [`TemplateContent::taps`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What it says, at most 20 grapheme clusters.
    pub label: String,
    /// What a tap does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interaction_result: Option<InteractionResult>,
    /// The tag that whoever taps it gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interaction_tag_id: Option<TagId>,
}

/// A card as it was written. What it leaves out it takes from the template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Its row; `None` until stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<CardId>,
    /// Its picture: an address, or the path of an upload.
    pub image_url: String,
    /// Headline; always there on `image_card`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// A few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// In hundredths of a dollar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// What a tap on the picture does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interaction_result: Option<InteractionResult>,
    /// The tag that whoever taps the picture gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interaction_tag_id: Option<TagId>,
    /// Its place, 1..n without gaps.
    pub sort_order: u16,
    /// At most one on `image_click`, at most three on `image_card`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
}

/// Everything that is needed to render a template.
///
/// It is a document: stored with a campaign as JSON when its send starts, and read again by
/// later versions of the product, so fields may be added but never change their meaning.
/// Contents come from [`NewTemplate::check`](crate::NewTemplate::check) or from storage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateContent {
    /// Its form.
    #[serde(rename = "type")]
    pub kind: TemplateKind,
    /// The words of `text` and `text_button`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// The buttons of `text_button`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
    /// The cards of the image kinds, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<Card>,
    /// What a notification shows; always there on the interactive kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification_text: Option<String>,
    /// What our own preview shows; LINE has no second field for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview_text: Option<String>,
    /// The tag of every tap that has none of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interaction_tag_id: Option<TagId>,
    /// The result of every tap that has none of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interaction_result: Option<InteractionResult>,
}

impl TemplateContent {
    /// A plain text, as used where no template was written.
    #[must_use]
    pub fn text(content: impl Into<String>) -> Self {
        Self {
            kind: TemplateKind::Text,
            content: Some(content.into()),
            buttons: Vec::new(),
            cards: Vec::new(),
            notification_text: None,
            preview_text: None,
            interaction_tag_id: None,
            interaction_result: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_frozen_content_is_read_again_whatever_later_versions_add() {
        let frozen = json!({
            "type": "image_card",
            "notification_text": "offer",
            "quick_replies": ["from a later version"],
            "cards": [{"image_url": "https://h.tw/a.jpg", "title": "Suite", "price": 320_000,
                       "sort_order": 1, "badge": "new", "buttons": [{"label": "Book", "icon": 1}]}],
        });
        let content: TemplateContent = serde_json::from_value(frozen).unwrap();
        assert_eq!(content.cards[0].price, Price::from_minor(320_000));
        let again = serde_json::to_string(&content).unwrap();
        assert_eq!(
            serde_json::from_str::<TemplateContent>(&again).unwrap(),
            content
        );
    }
}
