use crate::http::problem::ApiError;
use crate::http::wire::{Day, Moment, TriggerType, mapped, patch, required};
use crm_kernel::{Patch, TemplateId};
use serde::Deserialize;
use utoipa::ToSchema;

/// A rule to be created.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "新自動回應", "trigger_type": "keyword", "content": "回應內容",
    "keywords": ["關鍵字1", "關鍵字2"], "is_active": true
}))]
pub(crate) struct CreateAutoResponse {
    /// At most 100 characters.
    name: String,
    trigger_type: TriggerType,
    /// What it says, if one text is enough; otherwise the first of `messages`.
    content: Option<String>,
    /// What it says: 1 to 5 texts.
    messages: Option<Vec<String>>,
    /// A template it says after the texts.
    template_id: Option<i64>,
    /// What a keyword rule listens for: 1 to 20 words of at most 50 characters.
    keywords: Option<Vec<String>>,
    /// Whether it answers at once; `true` when not said.
    is_active: Option<bool>,
    /// Whether it may answer by a message that is paid for when LINE takes no free answer any
    /// more; `false` when not said.
    allow_push: Option<bool>,
    /// First minute of a time rule's hours, `HH:MM` in hotel time.
    #[schema(example = "22:00")]
    trigger_time_start: Option<String>,
    /// Last minute of a time rule's hours; one before the first is on the next day.
    #[schema(example = "06:59")]
    trigger_time_end: Option<String>,
    /// First hotel day of a time rule.
    date_start: Option<Day>,
    /// Last hotel day of a time rule.
    date_end: Option<Day>,
}

impl From<CreateAutoResponse> for crm_auto_responses::CreateAutoResponse {
    fn from(body: CreateAutoResponse) -> Self {
        Self {
            name: body.name,
            trigger_type: body.trigger_type.into(),
            content: body.content,
            messages: body.messages,
            template_id: body.template_id.map(TemplateId::new),
            keywords: body.keywords,
            is_active: body.is_active.unwrap_or(true),
            allow_push: body.allow_push.unwrap_or(false),
            trigger_time_start: body.trigger_time_start,
            trigger_time_end: body.trigger_time_end,
            date_start: body.date_start.map(|day| day.0),
            date_end: body.date_end.map(|day| day.0),
        }
    }
}

/// Changes to a rule: absent fields stay, null clears; lists are replaced as a whole.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"content": "新的回應內容", "keywords": ["優惠", "折扣"]}))]
pub(crate) struct UpdateAutoResponse {
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>)]
    name: Patch<String>,
    /// May be repeated, not changed.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<TriggerType>)]
    trigger_type: Patch<TriggerType>,
    /// The first text; without `messages` the other texts stay.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>)]
    content: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<Vec<String>>)]
    messages: Patch<Vec<String>>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<i64>)]
    template_id: Patch<i64>,
    /// All keywords; a word that stays keeps its count.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<Vec<String>>)]
    keywords: Patch<Vec<String>>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<bool>)]
    is_active: Patch<bool>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<bool>)]
    allow_push: Patch<bool>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>)]
    trigger_time_start: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>)]
    trigger_time_end: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<Day>)]
    date_start: Patch<Day>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<Day>)]
    date_end: Patch<Day>,
}

impl TryFrom<UpdateAutoResponse> for crm_auto_responses::UpdateAutoResponse {
    type Error = ApiError;

    fn try_from(body: UpdateAutoResponse) -> Result<Self, ApiError> {
        Ok(Self {
            name: body.name,
            trigger_type: required("trigger_type", body.trigger_type)?.map(Into::into),
            content: body.content,
            messages: body.messages,
            template_id: mapped(body.template_id, TemplateId::new),
            keywords: body.keywords,
            is_active: required("is_active", body.is_active)?,
            allow_push: required("allow_push", body.allow_push)?,
            trigger_time_start: body.trigger_time_start,
            trigger_time_end: body.trigger_time_end,
            date_start: mapped(body.date_start, |day| day.0),
            date_end: mapped(body.date_end, |day| day.0),
        })
    }
}

/// Whether a rule answers.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"is_active": false}))]
pub(crate) struct ToggleAutoResponse {
    pub(super) is_active: bool,
}

/// A text that a guest might write.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "請問有優惠嗎", "at": "2026-10-10T23:30:00+08:00"}))]
pub(crate) struct TryText {
    pub(super) text: String,
    /// When they would write it; now when not said.
    pub(super) at: Option<Moment>,
}
