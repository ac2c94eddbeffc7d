use crate::WireMessages;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_auto_responses::AutoResponsesTx;
use crm_kernel::{
    AutoResponseId, InboundEventId, KeywordId, MemberId, MessageId, ReplyId, StoreError,
    Transaction,
};
use crm_members::MembersTx;
use crm_messages::{FailReason, MessagesTx};
use uuid::Uuid;

/// A unit of work over answers.
pub trait ReplyTx: Transaction {
    /// The answers.
    fn replies(&mut self) -> &mut dyn ReplyRepository;
}

/// The unit of work in which an answer ends.
pub trait AnswerTx: MembersTx + MessagesTx + AutoResponsesTx + ReplyTx {}
impl<T: MembersTx + MessagesTx + AutoResponsesTx + ReplyTx + ?Sized> AnswerTx for T {}

/// An answer that is not stored yet.
#[derive(Clone, Debug, PartialEq)]
pub struct NewReply {
    /// The event it answers; one event has one answer.
    pub event: InboundEventId,
    /// The guest.
    pub member: MemberId,
    /// The rule that answers; none for a tap.
    pub rule: Option<AutoResponseId>,
    /// The keyword that won.
    pub keyword: Option<KeywordId>,
    /// What it can be said by for nothing.
    pub token: Option<String>,
    /// Until when LINE takes the token.
    pub token_until: Option<DateTime<Utc>>,
    /// Whether it may be pushed when the token is gone.
    pub allow_push: bool,
    /// What LINE tells repetitions of a push by.
    pub retry_key: Uuid,
    /// What is said.
    pub words: WireMessages,
    /// The conversation's rows of it.
    pub messages: Vec<MessageId>,
    /// Whether a try may have been carried out of which nothing is known (yet).
    pub in_doubt: bool,
    /// When LINE delivered what it answers.
    pub at: DateTime<Utc>,
}

/// An answer on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The row.
    pub id: ReplyId,
    /// What is stored of it.
    pub record: NewReply,
    /// When it was first pushed.
    pub pushed_at: Option<DateTime<Utc>>,
}

/// How an answer reached LINE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyWay {
    /// By the reply token.
    Reply,
    /// By a push, which is paid for.
    Push,
}

impl ReplyWay {
    /// The stored word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Push => "push",
        }
    }
}

/// How an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyEnd {
    /// LINE took it.
    Sent(ReplyWay),
    /// It will not be said.
    Failed(FailReason),
}

/// Answers. Every method fails with [`StoreError`] of the storage only. To add one, write its
/// promise in `tests/ports` first, then memory and database.
#[async_trait]
pub trait ReplyRepository: Send {
    /// Stores a pending answer.
    async fn insert(&mut self, new: &NewReply) -> Result<ReplyId, StoreError>;

    /// A pending answer, locked; `None` when it is settled or gone.
    async fn find_pending(&mut self, id: ReplyId) -> Result<Option<Reply>, StoreError>;

    /// Marks a pending answer as about to be tried: it is in doubt until told otherwise. Whoever
    /// asks LINE commits this before.
    async fn begin_try(&mut self, id: ReplyId) -> Result<(), StoreError>;

    /// Notes that no try of a pending answer was carried out.
    async fn was_not_carried_out(&mut self, id: ReplyId) -> Result<(), StoreError>;

    /// Marks a pending answer as about to be pushed: `pushed_at` is `at` unless it is set
    /// already. Answers whether it was pending. Whoever asks LINE commits this before.
    async fn begin_push(&mut self, id: ReplyId, at: DateTime<Utc>) -> Result<bool, StoreError>;

    /// Ends a pending answer; answers whether it was pending.
    async fn settle(
        &mut self,
        id: ReplyId,
        end: ReplyEnd,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
}
