use super::details::MessageDetails;
use crate::http::wire::{
    MediaState, MessageDirection, MessageStatus, MessageType, Moment, SenderType,
};
use chrono::{DateTime, Utc};
use crm_kernel::{CampaignId, HotelTime, MemberId, MessageId, TemplateId};
use crm_members::shown_name;
use crm_messages::{FailReason, MediaFailure, MediaView, MessageRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A message to a guest.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "member_id": 1, "content": "感謝您的詢問...", "message_type": "text", "scheduled_at": null
}))]
pub(crate) struct SendMessage {
    member_id: i64,
    /// The words, at most 5000 characters; of an image its https address or the `url` of an
    /// upload. Not for a template.
    content: Option<String>,
    /// `text` when not said.
    message_type: Option<MessageType>,
    /// For type `template`: which one, as it is now.
    template_id: Option<i64>,
    /// When to send it, at most a year ahead; at once when not said.
    scheduled_at: Option<Moment>,
}

impl SendMessage {
    pub(super) fn into_command(self, hotel: HotelTime) -> crm_workflows::SendMessage {
        crm_workflows::SendMessage {
            member_id: MemberId::new(self.member_id),
            content: self.content.unwrap_or_default(),
            message_type: self.message_type.unwrap_or(MessageType::Text).into(),
            template_id: self.template_id.map(TemplateId::new),
            scheduled_at: self.scheduled_at.map(|at| at.utc(hotel)),
        }
    }
}

/// A message between the hotel and a guest.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 1, "member_id": 1, "member": {"id": 1, "name": "王小明"}, "content": "您好，請問平日有商務房的優惠嗎？",
    "direction": "incoming", "message_type": "text", "sender_type": null, "sender": null,
    "status": "received", "reason": null, "error_message": null, "campaign_id": null,
    "details": null, "media": null, "scheduled_at": null, "sent_at": null,
    "read_at": "2025-10-02T14:32:00Z", "clicked_at": null,
    "created_at": "2025-10-02T14:30:00Z"
}))]
pub(crate) struct Message {
    /// Negative for what a campaign sent, which only a conversation shows: minus the campaign's.
    id: i64,
    member_id: i64,
    member: MessageMember,
    /// The words, or an image's address; of a template its text or notification text as the guest
    /// reads it, of a campaign its title.
    content: String,
    direction: MessageDirection,
    message_type: MessageType,
    /// Who wrote it; null when the guest did.
    sender_type: Option<SenderType>,
    /// The user who wrote it.
    sender: Option<MessageSender>,
    status: MessageStatus,
    /// Why it failed, for programs.
    reason: Option<&'static str>,
    /// The same for people.
    error_message: Option<String>,
    campaign_id: Option<i64>,
    /// What LINE tells of a guest's message besides its words; null where there is nothing to
    /// tell, and once it is unsent.
    details: Option<MessageDetails>,
    /// The picture, video, sound or file that belongs to it.
    media: Option<MessageMedia>,
    scheduled_at: Option<DateTime<Utc>>,
    /// When LINE took it.
    sent_at: Option<DateTime<Utc>>,
    /// When staff first saw what the guest wrote.
    read_at: Option<DateTime<Utc>>,
    /// When the guest first tapped something on what we sent them.
    clicked_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

/// The guest of a message.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessageMember {
    id: i64,
    /// How they are named on screens.
    name: Option<String>,
}

/// A user who wrote a message.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessageSender {
    id: i64,
    name: String,
}

/// A picture, video, sound or file that a guest sent.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "state": "stored", "content_type": "image/jpeg", "size": 48_213, "reason": null,
    "url": "/api/v1/messages/1/media"
}))]
pub(crate) struct MessageMedia {
    state: MediaState,
    /// What it is, as found in it; once stored.
    content_type: Option<String>,
    /// Bytes; once stored.
    size: Option<u64>,
    /// Why it failed: `too_large`, `not_prepared`, `line_unavailable`, `line_rejected`,
    /// `not_stored`.
    reason: Option<&'static str>,
    /// Where it can be had; once stored.
    url: Option<String>,
}

impl MessageMedia {
    fn new(message: i64, media: MediaView) -> Self {
        let is_stored = media.state == crm_messages::MediaState::Stored;
        Self {
            state: media.state.into(),
            content_type: media.content_type,
            size: media.bytes,
            reason: media.failure.map(MediaFailure::as_str),
            url: is_stored.then(|| format!("/api/v1/messages/{message}/media")),
        }
    }
}

impl From<MessageRow> for Message {
    fn from(row: MessageRow) -> Self {
        let member = row.member;
        let campaign = row.campaign_id.map(CampaignId::get);
        // One campaign sends a guest one message.
        let id = row.id.map_or(-campaign.unwrap_or_default(), MessageId::get);
        Self {
            id,
            member_id: member.id.get(),
            member: MessageMember {
                id: member.id.get(),
                name: shown_name(
                    member.first_name.as_deref(),
                    member.last_name.as_deref(),
                    member.display_name.as_deref(),
                ),
            },
            content: row.content,
            direction: row.direction.into(),
            message_type: row.message_type.into(),
            sender_type: row.sender_type.map(Into::into),
            sender: row.sender.map(|sender| MessageSender {
                id: sender.id.get(),
                name: sender.name,
            }),
            status: row.status.into(),
            reason: row.reason.map(FailReason::as_str),
            error_message: row.error_message,
            campaign_id: campaign,
            details: row.details.and_then(MessageDetails::of),
            media: row.media.map(|media| MessageMedia::new(id, media)),
            scheduled_at: row.scheduled_at,
            sent_at: row.sent_at,
            read_at: row.read_at,
            clicked_at: row.clicked_at,
            created_at: row.created_at,
        }
    }
}
