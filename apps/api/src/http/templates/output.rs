use super::input::{Button, InteractionResult};
use crate::http::wire::{Money, TemplateType};
use chrono::{DateTime, Utc};
use crm_kernel::{CardId, TagId};
use crm_templates::TemplateKind;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A template in the list.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 1, "name": "中秋優惠模板", "type": "image_card",
    "created_at": "2025-09-01T00:00:00Z", "updated_at": null
}))]
pub(crate) struct TemplateRow {
    id: i64,
    name: String,
    #[serde(rename = "type")]
    kind: TemplateType,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

impl From<crm_templates::TemplateRow> for TemplateRow {
    fn from(row: crm_templates::TemplateRow) -> Self {
        Self {
            id: row.id.get(),
            name: row.name,
            kind: row.kind.into(),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// A template with its cards.
#[derive(Serialize, ToSchema)]
pub(crate) struct Template {
    id: i64,
    #[serde(rename = "type")]
    kind: TemplateType,
    name: String,
    /// The words of `text` and `text_button`.
    content: Option<String>,
    buttons: Vec<Button>,
    /// What a notification shows.
    notification_text: Option<String>,
    /// What our own preview shows.
    preview_text: Option<String>,
    /// The tag of every tap that has none of its own.
    interaction_tag_id: Option<i64>,
    /// The result of every tap that has none of its own.
    interaction_result: Option<InteractionResult>,
    carousel_items: Vec<Card>,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

impl From<crm_templates::Template> for Template {
    fn from(template: crm_templates::Template) -> Self {
        let content = template.content();
        Self {
            id: template.id().get(),
            kind: content.kind.into(),
            name: template.name().to_owned(),
            content: content.content.clone(),
            buttons: content.buttons.iter().map(Into::into).collect(),
            notification_text: content.notification_text.clone(),
            preview_text: content.preview_text.clone(),
            interaction_tag_id: content.interaction_tag_id.map(TagId::get),
            interaction_result: content.interaction_result.as_ref().map(Into::into),
            carousel_items: content
                .cards
                .iter()
                .map(|card| Card::new(content.kind, card))
                .collect(),
            created_at: template.created_at(),
            updated_at: template.updated_at(),
        }
    }
}

/// A card of a template.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 1, "image_url": "https://cdn.hotel.com/001.jpg", "title": "商務優惠方案",
    "description": "週一至週四 8 折", "price": 3200,
    "action_url": "https://hotel.com/offers/business",
    "interaction_result": {"type": "open_url", "value": "https://hotel.com/offers/business"},
    "interaction_tag_id": 6, "sort_order": 1, "buttons": []
}))]
pub(crate) struct Card {
    id: Option<i64>,
    image_url: String,
    title: Option<String>,
    description: Option<String>,
    price: Option<Money>,
    /// The address of an `open_url` result once more.
    action_url: Option<String>,
    interaction_result: Option<InteractionResult>,
    interaction_tag_id: Option<i64>,
    sort_order: u16,
    /// The one button of `image_click`.
    #[serde(skip_serializing_if = "Option::is_none")]
    button: Option<Button>,
    /// The buttons of `image_card`.
    #[serde(skip_serializing_if = "Option::is_none")]
    buttons: Option<Vec<Button>>,
}

impl Card {
    fn new(kind: TemplateKind, card: &crm_templates::Card) -> Self {
        let has_many = kind == TemplateKind::ImageCard;
        let result = card.interaction_result.as_ref();
        Self {
            id: card.id.map(CardId::get),
            image_url: card.image_url.clone(),
            title: card.title.clone(),
            description: card.description.clone(),
            price: card.price.map(|price| Money(price.minor())),
            action_url: match result {
                Some(crm_templates::InteractionResult::OpenUrl(url)) => Some(url.clone()),
                _ => None,
            },
            interaction_result: result.map(Into::into),
            interaction_tag_id: card.interaction_tag_id.map(TagId::get),
            sort_order: card.sort_order,
            button: card.buttons.first().filter(|_| !has_many).map(Into::into),
            buttons: has_many.then(|| card.buttons.iter().map(Into::into).collect()),
        }
    }
}

/// What a template becomes.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"messages": [{"type": "text", "text": "歡迎光臨"}]}))]
pub(crate) struct TemplatePreview {
    /// LINE's own message objects, exactly as they would be sent.
    #[schema(value_type = Vec<Object>)]
    pub(crate) messages: Vec<Value>,
}
