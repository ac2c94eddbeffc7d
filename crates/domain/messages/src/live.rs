//! What screens that show conversations are told.

use crate::status::words;
use crate::{MessagesTx, Settlement};
use chrono::{DateTime, Utc};
use crm_kernel::{LiveEvent, MemberId, MessageId, StoreError};

/// Whoever may read conversations.
const AUDIENCE: &str = "messages:read";

words! {
    /// What changed about a conversation besides what was said in it.
    ConversationChange {
        /// Staff read what the guest wrote.
        Read = "read",
        /// A message was planned.
        Planned = "planned",
        /// A planned message was taken back.
        Withdrawn = "withdrawn",
        /// Somebody else looks after it, or nobody.
        Assigned = "assigned",
        /// An internal note was written, changed or deleted.
        Noted = "noted",
        /// What the guest sent was fetched from LINE, or cannot be.
        Content = "content",
        /// The guest took back what they had sent.
        Unsent = "unsent",
    }
}

/// `message.received`: a guest wrote or sent something.
#[must_use]
pub fn message_received(member: MemberId, message: MessageId, at: DateTime<Utc>) -> LiveEvent {
    about_message("message.received", member, message, at)
}

/// `conversation.updated`: the conversation is to be fetched again.
#[must_use]
pub fn conversation_updated(
    member: MemberId,
    change: ConversationChange,
    at: DateTime<Utc>,
) -> LiveEvent {
    LiveEvent::new("conversation.updated", AUDIENCE, at)
        .about(member)
        .with("change", change.as_str())
}

/// Ends a message that is pending, and tells `message.sent` or `message.failed`. Answers whether
/// it was pending; else nothing changes and nothing is told.
///
/// # Errors
/// The store's.
pub async fn settle_in(
    tx: &mut dyn MessagesTx,
    id: MessageId,
    how: &Settlement,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    if !tx.messages().settle(id, how).await? {
        return Ok(false);
    }
    if let Some(member) = tx.messages().member_of(id).await? {
        tx.live().announce(match how {
            Settlement::Sent { .. } => about_message("message.sent", member, id, at),
            Settlement::Failed { reason, .. } => {
                about_message("message.failed", member, id, at).with("reason", reason.as_str())
            }
        });
    }
    Ok(true)
}

fn about_message(
    kind: &'static str,
    member: MemberId,
    message: MessageId,
    at: DateTime<Utc>,
) -> LiveEvent {
    LiveEvent::new(kind, AUDIENCE, at)
        .about(member)
        .with("message_id", message.get())
}
