use crate::{
    ContentKind, Direction, MessageContent, MessageStatus, ReceivedMessage, SenderType, SentKind,
};
use chrono::{DateTime, Utc};
use crm_kernel::{CampaignId, MemberId, MessageId, TemplateId, UserId};
use uuid::Uuid;

/// A stored message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    id: MessageId,
    record: MessageRecord,
}

/// A message that is not stored yet, and so has no id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage(MessageRecord);

/// A message as storage keeps it; `reason` and `error_message` are written by
/// [`crate::MessageRepository::settle`] and shown by [`crate::MessageRow`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRecord {
    /// The guest.
    pub member_id: MemberId,
    /// The campaign it belongs to, if any.
    pub campaign_id: Option<CampaignId>,
    /// The template it was made of, if any.
    pub template_id: Option<TemplateId>,
    /// That template as it was then, as a document: taps on the message mean what they meant.
    pub frozen_template: Option<String>,
    /// What it says.
    pub content: MessageContent,
    /// What LINE tells of it besides; incoming ones only.
    pub details: Option<SentKind>,
    /// Who speaks to whom.
    pub direction: Direction,
    /// Who wrote it, if the hotel did.
    pub sender_type: Option<SenderType>,
    /// The member of staff who wrote it.
    pub sender_id: Option<UserId>,
    /// What became of it.
    pub status: MessageStatus,
    /// What LINE tells repetitions by; outgoing ones only.
    pub retry_key: Option<Uuid>,
    /// LINE's own id; incoming ones only.
    pub line_message_id: Option<String>,
    /// When it is to be sent; none = at once.
    pub scheduled_at: Option<DateTime<Utc>>,
    /// When LINE was first asked to carry it out, or was about to be.
    pub first_tried_at: Option<DateTime<Utc>>,
    /// Whether a try had no clear answer (yet): LINE may have carried it out.
    pub in_doubt: bool,
    /// When LINE took it.
    pub sent_at: Option<DateTime<Utc>>,
    /// When staff first saw it; incoming ones only.
    pub read_at: Option<DateTime<Utc>>,
    /// When the guest first tapped something on it; outgoing ones only.
    pub clicked_at: Option<DateTime<Utc>>,
    /// When it came in or was written.
    pub created_at: DateTime<Utc>,
}

impl MessageRecord {
    /// When this became part of what guest and hotel said to each other: when it came in, or
    /// LINE took it. None while it is planned or on its way, when it failed, and for what a
    /// campaign sent.
    #[must_use]
    pub fn said_at(&self) -> Option<DateTime<Utc>> {
        if self.sender_type == Some(SenderType::Campaign) {
            return None;
        }
        match self.status {
            MessageStatus::Received => Some(self.created_at),
            MessageStatus::Sent => Some(self.sent_at.unwrap_or(self.created_at)),
            MessageStatus::Pending | MessageStatus::Failed => None,
        }
    }

    /// Whether the guest wrote it and nobody read it.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        self.direction == Direction::Incoming && self.read_at.is_none()
    }

    /// Content that LINE keeps for us to fetch, if it has such.
    #[must_use]
    pub fn content_to_fetch(&self) -> Option<ContentKind> {
        self.details.as_ref().and_then(SentKind::content)
    }
}

impl NewMessage {
    /// What a guest sent.
    #[must_use]
    pub fn received(message: ReceivedMessage) -> Self {
        Self(MessageRecord {
            line_message_id: Some(message.line_message_id),
            status: MessageStatus::Received,
            direction: Direction::Incoming,
            details: message.incoming.clone().details(),
            ..blank(message.member_id, message.incoming.content(), message.at)
        })
    }

    /// What staff send by hand, at `scheduled_at`, or at once: then the first try follows.
    #[must_use]
    pub fn by_hand(
        member_id: MemberId,
        content: MessageContent,
        sender: Option<UserId>,
        retry_key: Uuid,
        scheduled_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Self {
        Self(MessageRecord {
            sender_type: Some(SenderType::Manual),
            sender_id: sender,
            retry_key: Some(retry_key),
            scheduled_at,
            first_tried_at: scheduled_at.is_none().then_some(now),
            in_doubt: scheduled_at.is_none(),
            ..blank(member_id, content, now)
        })
    }

    /// What a rule answers.
    #[must_use]
    pub fn by_rule(
        member_id: MemberId,
        content: MessageContent,
        template_id: Option<TemplateId>,
        retry_key: Uuid,
        now: DateTime<Utc>,
    ) -> Self {
        Self(MessageRecord {
            sender_type: Some(SenderType::Auto),
            template_id,
            retry_key: Some(retry_key),
            ..blank(member_id, content, now)
        })
    }

    /// The same, made of a template; `frozen` is the template's content as a document.
    #[must_use]
    pub fn made_of(mut self, template: TemplateId, frozen: String) -> Self {
        self.0.template_id = Some(template);
        self.0.frozen_template = Some(frozen);
        self
    }

    /// What to store.
    #[must_use]
    pub const fn record(&self) -> &MessageRecord {
        &self.0
    }
}

/// An outgoing message on its way, of nobody in particular.
const fn blank(member_id: MemberId, content: MessageContent, at: DateTime<Utc>) -> MessageRecord {
    MessageRecord {
        member_id,
        campaign_id: None,
        template_id: None,
        frozen_template: None,
        content,
        details: None,
        direction: Direction::Outgoing,
        sender_type: None,
        sender_id: None,
        status: MessageStatus::Pending,
        retry_key: None,
        line_message_id: None,
        scheduled_at: None,
        first_tried_at: None,
        in_doubt: false,
        sent_at: None,
        read_at: None,
        clicked_at: None,
        created_at: at,
    }
}

impl Message {
    /// A message as it was stored.
    #[must_use]
    pub const fn from_stored(id: MessageId, record: MessageRecord) -> Self {
        Self { id, record }
    }

    /// The id.
    #[must_use]
    pub const fn id(&self) -> MessageId {
        self.id
    }

    /// What is stored.
    #[must_use]
    pub const fn record(&self) -> &MessageRecord {
        &self.record
    }

    /// When it is due, or was.
    #[must_use]
    pub fn due_at(&self) -> DateTime<Utc> {
        self.record.scheduled_at.unwrap_or(self.record.created_at)
    }

    /// Whether it can still be taken back: it is planned, its time has not come, and LINE was
    /// not asked by a process whose clock is ahead.
    #[must_use]
    pub fn can_be_cancelled(&self, now: DateTime<Utc>) -> bool {
        self.record.status == MessageStatus::Pending
            && self.record.first_tried_at.is_none()
            && self.record.scheduled_at.is_some_and(|at| at > now)
    }
}
