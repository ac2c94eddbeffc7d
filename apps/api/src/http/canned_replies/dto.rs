use crate::http::problem::ApiError;
use crate::http::wire::{MessageType, mapped, patch, required};
use chrono::{DateTime, Utc};
use crm_kernel::{Patch, TemplateId};
use crm_messages::{CannedReplyChanges, CannedReplyDraft, Shortcut};
use crm_workflows::FilledReply;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A reply to be kept ready.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "title": "早餐時間", "shortcut": "/早餐", "message_type": "text",
    "content": "{{last_name|貴賓}}您好，早餐時間為 07:00–10:00。"
}))]
pub(crate) struct CreateCannedReply {
    /// At most 100 characters.
    title: String,
    /// At most 30 characters without blanks; unique, whatever capitals or widths it is typed in.
    shortcut: Option<String>,
    /// `text` when not said.
    message_type: Option<MessageType>,
    /// The words, at most 5000 characters, with variables as in templates; of an image its https
    /// address or the `url` of an upload.
    content: Option<String>,
    /// For type `template` only.
    template_id: Option<i64>,
}

impl From<CreateCannedReply> for CannedReplyDraft {
    fn from(body: CreateCannedReply) -> Self {
        Self {
            title: body.title,
            shortcut: body.shortcut,
            message_type: body.message_type.unwrap_or(MessageType::Text).into(),
            content: body.content,
            template_id: body.template_id.map(TemplateId::new),
        }
    }
}

/// Changes to a reply: absent fields stay, null clears.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title": "早餐", "shortcut": null}))]
pub(crate) struct UpdateCannedReply {
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>)]
    title: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>)]
    shortcut: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<MessageType>)]
    message_type: Patch<MessageType>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>)]
    content: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<i64>)]
    template_id: Patch<i64>,
}

impl TryFrom<UpdateCannedReply> for CannedReplyChanges {
    type Error = ApiError;

    fn try_from(body: UpdateCannedReply) -> Result<Self, ApiError> {
        Ok(Self {
            title: body.title,
            shortcut: body.shortcut,
            message_type: required("message_type", body.message_type)?.map(Into::into),
            content: body.content,
            template_id: mapped(body.template_id, TemplateId::new),
        })
    }
}

/// A reply kept ready.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 1, "title": "早餐時間", "shortcut": "/早餐", "message_type": "text",
    "content": "{{last_name|貴賓}}您好，早餐時間為 07:00–10:00。", "template_id": null,
    "created_at": "2025-10-02T14:30:00Z", "updated_at": null
}))]
pub(crate) struct CannedReply {
    id: i64,
    title: String,
    shortcut: Option<String>,
    message_type: MessageType,
    /// The words as they were written, or an image's address; null for a template.
    content: Option<String>,
    template_id: Option<i64>,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

impl From<crm_messages::CannedReply> for CannedReply {
    fn from(reply: crm_messages::CannedReply) -> Self {
        let record = reply.record();
        let shortcut = record.shortcut.as_ref().map(Shortcut::as_str);
        Self {
            id: reply.id().get(),
            title: record.title.as_str().to_owned(),
            shortcut: shortcut.map(str::to_owned),
            message_type: record.content.kind().into(),
            content: record.content.body().map(str::to_owned),
            template_id: record.content.template_id().map(TemplateId::get),
            created_at: record.created_at,
            updated_at: record.updated_at,
        }
    }
}

/// A reply for one guest.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "message_type": "text", "content": "王您好，早餐時間為 07:00–10:00。", "template_id": null
}))]
pub(crate) struct CannedText {
    message_type: MessageType,
    /// The words, or an image's address; of a template its text, or its notification text.
    content: String,
    template_id: Option<i64>,
}

impl From<FilledReply> for CannedText {
    fn from(filled: FilledReply) -> Self {
        Self {
            message_type: filled.message_type.into(),
            content: filled.content,
            template_id: filled.template_id.map(TemplateId::get),
        }
    }
}
