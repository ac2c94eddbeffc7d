use crate::{
    Direction, FailReason, MediaView, MessageError, MessageStatus, MessageType, Messages,
    SenderType, SentKind,
};
use chrono::{DateTime, Utc};
use crm_kernel::{CampaignId, MemberId, MessageId, Page, PageRequest, UserId};

/// Which messages a list shows; every part narrows it, an empty part does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageFilter {
    /// Of this guest.
    pub member_id: Option<MemberId>,
    /// This way.
    pub direction: Option<Direction>,
    /// Created at this moment or later.
    pub from: Option<DateTime<Utc>>,
    /// Created before this moment.
    pub before: Option<DateTime<Utc>>,
}

/// A message on a screen.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageRow {
    /// The id; none for what a campaign sent, which is no message of its own.
    pub id: Option<MessageId>,
    /// The guest.
    pub member: MessageMember,
    /// The words, or a picture's address; of a campaign its title.
    pub content: String,
    /// What LINE tells of it besides.
    pub details: Option<SentKind>,
    /// Content that belongs to it.
    pub media: Option<MediaView>,
    /// Who speaks to whom.
    pub direction: Direction,
    /// Its form.
    pub message_type: MessageType,
    /// Who wrote it, if the hotel did.
    pub sender_type: Option<SenderType>,
    /// The member of staff who wrote it, unless they are deleted.
    pub sender: Option<MessageSender>,
    /// What became of it.
    pub status: MessageStatus,
    /// Why it failed.
    pub reason: Option<FailReason>,
    /// The failure in words.
    pub error_message: Option<String>,
    /// The campaign it belongs to.
    pub campaign_id: Option<CampaignId>,
    /// When it is to be sent.
    pub scheduled_at: Option<DateTime<Utc>>,
    /// When LINE took it.
    pub sent_at: Option<DateTime<Utc>>,
    /// When staff first saw it.
    pub read_at: Option<DateTime<Utc>>,
    /// When the guest first tapped something on it.
    pub clicked_at: Option<DateTime<Utc>>,
    /// When it came in or was written.
    pub created_at: DateTime<Utc>,
}

/// Words of guests do not belong in logs.
impl std::fmt::Debug for MessageRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MessageRow({:?}, {})", self.id, self.status.as_str())
    }
}

/// The guest of a message; how they are named follows from these pieces.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageMember {
    /// Their id.
    pub id: MemberId,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// The name they gave themself at LINE.
    pub display_name: Option<String>,
}

/// The member of staff who wrote a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageSender {
    /// Their id.
    pub id: UserId,
    /// Their full name, or their sign-in name where there is none.
    pub name: String,
}

impl Messages {
    /// A page of messages, newest first; without what campaigns sent.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(
        &self,
        filter: &MessageFilter,
        page: PageRequest,
    ) -> Result<Page<MessageRow>, MessageError> {
        Ok(self.queries.list(filter, page).await?)
    }

    /// A page of one guest's conversation, newest first, with what campaigns sent them.
    ///
    /// # Errors
    /// The store's.
    pub async fn conversation(
        &self,
        member: MemberId,
        page: PageRequest,
    ) -> Result<Page<MessageRow>, MessageError> {
        Ok(self.queries.conversation(member, page).await?)
    }

    /// One message.
    ///
    /// # Errors
    /// `message_not_found`, else the store's.
    pub async fn get(&self, id: MessageId) -> Result<MessageRow, MessageError> {
        self.queries.detail(id).await?.ok_or(MessageError::NotFound)
    }
}
