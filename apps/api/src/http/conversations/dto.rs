use crate::http::problem::ApiError;
use crate::http::wire::{LineState, MessageDirection, MessageType, SenderType, Word, patch};
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, Patch, UserId};
use crm_members::shown_name;
use crm_messages::{Colleague, ConversationRow, MessageSender, NoteRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A conversation in the list.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "member": {"id": 1, "name": "王小明", "picture_url": null, "line_state": "following"},
    "last_message": {"id": 7, "preview": "您好，請問平日有商務房的優惠嗎？", "direction": "incoming",
        "message_type": "text", "sender_type": null, "at": "2025-10-02T14:30:00Z"},
    "last_incoming_at": "2025-10-02T14:30:00Z", "unread_count": 1, "needs_answer": true,
    "assigned_to": {"id": 2, "name": "陳小美"}
}))]
pub(crate) struct Conversation {
    member: ConversationMember,
    last_message: LastMessage,
    /// When the guest last wrote.
    last_incoming_at: Option<DateTime<Utc>>,
    /// What the guest wrote and nobody read.
    unread_count: u64,
    /// Whether the guest spoke last.
    needs_answer: bool,
    /// The user who looks after it.
    assigned_to: Option<Colleagued>,
}

/// The guest of a conversation.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConversationMember {
    id: i64,
    /// How they are named on screens.
    name: Option<String>,
    picture_url: Option<String>,
    /// Whether messages arrive; null without a LINE account.
    line_state: Option<LineState>,
}

/// The last that was said.
#[derive(Serialize, ToSchema)]
pub(crate) struct LastMessage {
    id: i64,
    /// Its words in one line of at most 80 characters; `[image]` for a picture.
    preview: String,
    direction: MessageDirection,
    message_type: MessageType,
    /// Who wrote it; null when the guest did.
    sender_type: Option<SenderType>,
    at: DateTime<Utc>,
}

/// A user, by name.
#[derive(Serialize, ToSchema)]
#[schema(as = ConversationUser)]
pub(crate) struct Colleagued {
    id: i64,
    name: String,
}

impl From<MessageSender> for Colleagued {
    fn from(user: MessageSender) -> Self {
        Self {
            id: user.id.get(),
            name: user.name,
        }
    }
}

impl From<ConversationRow> for Conversation {
    fn from(row: ConversationRow) -> Self {
        let needs_answer = row.needs_answer();
        let member = row.member;
        let state = member.line_state.as_deref();
        Self {
            member: ConversationMember {
                id: member.id.get(),
                name: shown_name(
                    member.first_name.as_deref(),
                    member.last_name.as_deref(),
                    member.display_name.as_deref(),
                ),
                picture_url: member.picture_url,
                line_state: state.and_then(LineState::from_word),
            },
            last_message: LastMessage {
                id: row.last.id.get(),
                preview: row.last.preview,
                direction: row.last.direction.into(),
                message_type: row.last.message_type.into(),
                sender_type: row.last.sender_type.map(Into::into),
                at: row.last.at,
            },
            last_incoming_at: row.last_incoming_at,
            unread_count: row.unread_count,
            needs_answer,
            assigned_to: row.assigned_to.map(Into::into),
        }
    }
}

/// How many messages were marked.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"read": 2}))]
pub(crate) struct Marked {
    /// Messages that nobody had read before.
    pub(super) read: u64,
}

/// Who is to look after a conversation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"user_id": 2}))]
pub(crate) struct Assign {
    /// An active user who may answer guests; null for nobody.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<i64>, required)]
    user_id: Patch<i64>,
}

impl Assign {
    pub(super) fn user_id(self) -> Result<Option<UserId>, ApiError> {
        match self.user_id {
            Patch::Keep => Err(ApiError::invalid_field("user_id", "is required")),
            Patch::Clear => Ok(None),
            Patch::Set(id) => Ok(Some(UserId::new(id))),
        }
    }
}

/// Who looks after a conversation.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"member_id": 1, "assigned_to": {"id": 2, "name": "陳小美"}}))]
pub(crate) struct Assignment {
    member_id: i64,
    assigned_to: Option<Colleagued>,
}

impl Assignment {
    pub(super) fn of(member: MemberId, colleague: Option<Colleague>) -> Self {
        Self {
            member_id: member.get(),
            assigned_to: colleague.map(|user| Colleagued {
                id: user.id.get(),
                name: user.name,
            }),
        }
    }
}

/// What to note.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"content": "想要安靜的房間"}))]
pub(crate) struct WriteNote {
    /// At most 2000 characters.
    pub(super) content: String,
}

/// A note for colleagues; the guest never sees it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 1, "member_id": 1, "author": {"id": 2, "name": "陳小美"}, "content": "想要安靜的房間",
    "created_at": "2025-10-02T14:30:00Z", "updated_at": null
}))]
pub(crate) struct ConversationNote {
    id: i64,
    member_id: i64,
    /// Who wrote it; null when they are deleted.
    author: Option<Colleagued>,
    content: String,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

impl From<NoteRow> for ConversationNote {
    fn from(row: NoteRow) -> Self {
        Self {
            id: row.id.get(),
            member_id: row.member_id.get(),
            author: row.author.map(Into::into),
            content: row.text.as_str().to_owned(),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
