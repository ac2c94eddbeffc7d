use crate::http::problem::ApiError;
use crate::http::wire::{InteractionKind, Money, TemplateType, mapped, patch, required};
use crm_kernel::{Patch, TagId};
use crm_templates::{CardDraft, TemplateChanges, TemplateDraft};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a tap does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"type": "open_url", "value": "https://hotel.com/offers"}))]
pub(crate) struct InteractionResult {
    #[serde(rename = "type")]
    kind: InteractionKind,
    /// The address, the text, or the id of the template to answer with; nothing for `none`.
    /// A picture may be the `url` of an upload, too.
    #[serde(default)]
    value: Option<String>,
}

impl From<InteractionResult> for crm_templates::InteractionResult {
    fn from(result: InteractionResult) -> Self {
        Self::new(result.kind.into(), result.value.unwrap_or_default())
    }
}

impl From<&crm_templates::InteractionResult> for InteractionResult {
    fn from(result: &crm_templates::InteractionResult) -> Self {
        Self {
            kind: result.kind().into(),
            value: Some(result.value().to_owned()),
        }
    }
}

/// A button; what it leaves out it takes from its card, then from the template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "label": "看優惠", "interaction_result": {"type": "open_url", "value": "https://hotel.com"},
    "interaction_tag_id": 6
}))]
pub(crate) struct Button {
    /// At most 20 characters as LINE counts them.
    label: String,
    #[serde(default)]
    interaction_result: Option<InteractionResult>,
    /// The tag that whoever taps it gets.
    #[serde(default)]
    interaction_tag_id: Option<i64>,
}

impl From<Button> for crm_templates::Button {
    fn from(button: Button) -> Self {
        Self {
            label: button.label,
            interaction_result: button.interaction_result.map(Into::into),
            interaction_tag_id: button.interaction_tag_id.map(TagId::new),
        }
    }
}

impl From<&crm_templates::Button> for Button {
    fn from(button: &crm_templates::Button) -> Self {
        Self {
            label: button.label.clone(),
            interaction_result: button.interaction_result.as_ref().map(Into::into),
            interaction_tag_id: button.interaction_tag_id.map(TagId::get),
        }
    }
}

/// A card of a template.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CardInput {
    /// Ignored, so that an answer can be sent back: cards are replaced as a whole.
    #[serde(default, rename = "id")]
    _id: Option<i64>,
    /// An https address, or the `url` of an uploaded picture.
    image_url: String,
    /// Required on `image_card`.
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    description: Option<String>,
    /// At most 2 decimals.
    #[serde(default)]
    price: Option<Money>,
    /// What a tap on the picture does.
    #[serde(default)]
    interaction_result: Option<InteractionResult>,
    /// Shorthand for an `open_url` result; not beside another one.
    #[serde(default)]
    action_url: Option<String>,
    /// The tag that whoever taps the picture gets.
    #[serde(default)]
    interaction_tag_id: Option<i64>,
    #[serde(default)]
    sort_order: Option<i32>,
    /// The one button of `image_click`.
    #[serde(default)]
    button: Option<Button>,
    /// Up to 3 buttons of `image_card`.
    #[serde(default)]
    buttons: Option<Vec<Button>>,
}

impl From<CardInput> for CardDraft {
    fn from(card: CardInput) -> Self {
        let interaction_result: Option<crm_templates::InteractionResult> =
            card.interaction_result.map(Into::into);
        // Answers say it both ways; sending one back is no contradiction.
        let action_url = card.action_url.filter(|url| {
            interaction_result != Some(crm_templates::InteractionResult::OpenUrl(url.clone()))
        });
        Self {
            image_url: card.image_url,
            title: card.title,
            description: card.description,
            price_minor: card.price.map(|Money(minor)| minor),
            interaction_result,
            action_url,
            interaction_tag_id: card.interaction_tag_id.map(TagId::new),
            sort_order: card.sort_order,
            button: card.button.map(Into::into),
            buttons: all(card.buttons.unwrap_or_default()),
        }
    }
}

fn all<T, U: From<T>>(items: Vec<T>) -> Vec<U> {
    items.into_iter().map(U::from).collect()
}

/// A template to be written.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "type": "image_card",
    "name": "中秋優惠模板",
    "notification_text": "中秋特別優惠來了！",
    "preview_text": "點擊查看詳情",
    "interaction_tag_id": 5,
    "carousel_items": [{
        "image_url": "https://cdn.hotel.com/001.jpg",
        "title": "商務優惠方案",
        "description": "週一至週四 8 折",
        "price": 3200,
        "action_url": "https://hotel.com/offers/business",
        "interaction_tag_id": 6,
        "sort_order": 1
    }]
}))]
pub(crate) struct CreateTemplate {
    #[serde(rename = "type")]
    kind: TemplateType,
    #[serde(default)]
    name: Option<String>,
    /// The words of `text` and `text_button`.
    #[serde(default)]
    content: Option<String>,
    /// The 1–4 buttons of `text_button`.
    #[serde(default)]
    buttons: Option<Vec<Button>>,
    /// The 1–12 cards of `image_click` and `image_card`.
    #[serde(default)]
    carousel_items: Option<Vec<CardInput>>,
    /// What a notification shows; required on all types but `text`.
    #[serde(default)]
    notification_text: Option<String>,
    /// What our own preview shows.
    #[serde(default)]
    preview_text: Option<String>,
    /// The tag of every tap that has none of its own.
    #[serde(default)]
    interaction_tag_id: Option<i64>,
    /// The result of every tap that has none of its own.
    #[serde(default)]
    interaction_result: Option<InteractionResult>,
}

impl From<CreateTemplate> for TemplateDraft {
    fn from(body: CreateTemplate) -> Self {
        Self {
            kind: body.kind.into(),
            name: body.name,
            content: body.content,
            buttons: all(body.buttons.unwrap_or_default()),
            cards: all(body.carousel_items.unwrap_or_default()),
            notification_text: body.notification_text,
            preview_text: body.preview_text,
            interaction_tag_id: body.interaction_tag_id.map(TagId::new),
            interaction_result: body.interaction_result.map(Into::into),
        }
    }
}

/// Changes to a template: absent fields stay, null clears, lists are replaced as a whole.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "中秋優惠模板 2", "preview_text": null}))]
pub(crate) struct UpdateTemplate {
    #[serde(default, rename = "type", deserialize_with = "patch")]
    #[schema(value_type = Option<TemplateType>)]
    kind: Patch<TemplateType>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>)]
    name: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>)]
    content: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<Vec<Button>>)]
    buttons: Patch<Vec<Button>>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<Vec<CardInput>>)]
    carousel_items: Patch<Vec<CardInput>>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>)]
    notification_text: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>)]
    preview_text: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<i64>)]
    interaction_tag_id: Patch<i64>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<InteractionResult>)]
    interaction_result: Patch<InteractionResult>,
}

impl TryFrom<UpdateTemplate> for TemplateChanges {
    type Error = ApiError;

    fn try_from(body: UpdateTemplate) -> Result<Self, ApiError> {
        Ok(Self {
            kind: required("type", body.kind)?.map(Into::into),
            name: body.name,
            content: body.content,
            buttons: mapped(body.buttons, all),
            cards: mapped(body.carousel_items, all),
            notification_text: body.notification_text,
            preview_text: body.preview_text,
            interaction_tag_id: mapped(body.interaction_tag_id, TagId::new),
            interaction_result: mapped(body.interaction_result, Into::into),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn card(more: &serde_json::Value) -> CardDraft {
        let mut card = json!({"image_url": "https://cdn.hotel.com/1.jpg"});
        if let (Some(card), Some(more)) = (card.as_object_mut(), more.as_object()) {
            card.extend(more.clone());
        }
        serde_json::from_value::<CardInput>(card).unwrap().into()
    }

    #[test]
    fn an_answer_sent_back_says_the_same_twice_and_contradicts_nothing() {
        let open = |url: &str| json!({"type": "open_url", "value": url});
        let same =
            card(&json!({"interaction_result": open("https://a"), "action_url": "https://a"}));
        assert_eq!(same.action_url, None);
        let other =
            card(&json!({"interaction_result": open("https://a"), "action_url": "https://b"}));
        assert_eq!(other.action_url.as_deref(), Some("https://b"));
    }

    #[test]
    fn a_price_is_read_to_the_cent() {
        assert_eq!(card(&json!({"price": 3200.5})).price_minor, Some(320_050));
        assert_eq!(card(&json!({"price": null})).price_minor, None);
        let text = json!({"image_url": "https://a", "price": "3200"});
        assert!(serde_json::from_value::<CardInput>(text).is_err());
    }
}
