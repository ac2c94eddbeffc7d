use super::SentKind;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{InboundEventId, Job, Lane, StoreError, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// One event of a webhook request, read tolerantly: whatever we do not know is kept as it came.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct InboundEvent {
    /// LINE's `webhookEventId`, or a hash of the event where it has none. The same event, sent
    /// again, has the same.
    pub id: String,
    /// The guest, if the event is about one.
    pub line_uid: Option<String>,
    /// When it happened, by LINE's clock; unchanged by redelivery.
    pub at: DateTime<Utc>,
    /// For an answer that costs nothing.
    pub reply_token: Option<String>,
    /// Whether LINE says it delivers it again; the first delivery may have been lost.
    #[serde(default)]
    pub redelivered: bool,
    /// What happened.
    pub what: What,
    /// The whole event as it came.
    pub raw: Value,
}

impl fmt::Debug for InboundEvent {
    // Without what the guest wrote.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InboundEvent({}, {})", self.id, self.what.name())
    }
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum What {
    /// Added or unblocked the account.
    Follow {
        /// Unblocked it, as far as LINE can tell.
        #[serde(default)]
        unblocked: bool,
    },
    /// Blocked the account.
    Unfollow,
    /// Wrote or sent something.
    Message {
        /// LINE's id of the message, the same when it is delivered again; none if it has none
        /// that can be kept.
        #[serde(default)]
        id: Option<String>,
        /// What kind of thing.
        #[serde(default)]
        sent: SentKind,
        /// The words, if it was text.
        text: Option<String>,
    },
    /// Tapped something that carries data.
    Postback {
        /// The data.
        data: String,
    },
    /// Took back what they had sent.
    Unsend {
        /// LINE's id of the message; none if it has none that can be kept.
        #[serde(default)]
        message_id: Option<String>,
    },
    /// Anything else; kept, not acted upon.
    Other {
        /// LINE's name for it.
        kind: String,
    },
}

impl What {
    /// The name stored.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Follow { .. } => "follow",
            Self::Unfollow => "unfollow",
            Self::Message { .. } => "message",
            Self::Postback { .. } => "postback",
            Self::Unsend { .. } => "unsend",
            Self::Other { kind } => kind,
        }
    }
}

/// Act upon a stored event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandleInboundEvent {
    /// Which event.
    pub event_id: InboundEventId,
}

impl Job for HandleInboundEvent {
    const NAME: &'static str = "inbound.handle_event";
    const LANE: Lane = Lane::Interactive;
}

/// A unit of work over inbound events.
pub trait InboundTx: Transaction {
    /// The events.
    fn inbound(&mut self) -> &mut dyn InboundRepository;
}

/// Stored events. Every method fails with [`StoreError`] of the storage only.
#[async_trait]
pub trait InboundRepository: Send {
    /// Stores an event; `None` when it was stored before.
    async fn insert(
        &mut self,
        event: &InboundEvent,
        now: DateTime<Utc>,
    ) -> Result<Option<InboundEventId>, StoreError>;

    /// An event that waits to be handled, locked; `None` when it was handled or never stored.
    async fn find_waiting(
        &mut self,
        id: InboundEventId,
    ) -> Result<Option<InboundEvent>, StoreError>;

    /// Forgets what a guest's events say and whose they are; that they were delivered stays
    /// known, so that a redelivery changes nothing.
    async fn forget(&mut self, line_uid: &str) -> Result<(), StoreError>;

    /// Marks it as handled.
    async fn handled(&mut self, id: InboundEventId, now: DateTime<Utc>) -> Result<(), StoreError>;
}
