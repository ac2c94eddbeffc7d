use crate::{Message, MessageFilter, MessageRow, NewMessage, Settlement};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, MessageId, Page, PageRequest, StoreError, Transaction};

/// A unit of work that can write the conversation record.
pub trait MessagesTx: Transaction {
    /// The messages as this unit of work sees them.
    fn messages(&mut self) -> &mut dyn MessageRepository;
}

/// Messages, for decisions. Whoever needs a member and a message locks the member first.
///
/// One rule is unique: `message_line_message` (LINE's message id; rows without one do not meet).
/// Members go with their messages, campaigns and users leave theirs behind without the id.
/// Every method moves the kept figures of the conversation ([`crate::ConversationRepository`])
/// together with the row, so that whoever writes a message need not think of them.
/// To add a method, write its promise in `tests/ports` first, then memory and database.
#[async_trait]
pub trait MessageRepository: Send {
    /// Stores an outgoing message and answers the id it got.
    ///
    /// # Errors
    /// `Reference` when the member, the sender or the campaign does not exist, else the
    /// storage's.
    async fn insert(&mut self, new: &NewMessage) -> Result<MessageId, StoreError>;

    /// Stores an incoming message, with content to be fetched if it has such, and answers the id
    /// it got; `None` when a message with its
    /// LINE message id is stored already, by whatever unit of work: then nothing changes, and
    /// the unit of work stays usable.
    ///
    /// # Errors
    /// `Reference` when the member does not exist, else the storage's.
    async fn receive(&mut self, new: &NewMessage) -> Result<Option<MessageId>, StoreError>;

    /// Puts `left` in the place of what a guest sent under this id of LINE's, with everything that
    /// LINE told of it. Answers the message and whose it is; `None` when there is none.
    ///
    /// # Errors
    /// The storage's.
    async fn unsend(
        &mut self,
        line_message_id: &str,
        left: &str,
    ) -> Result<Option<(MessageId, MemberId)>, StoreError>;

    /// Whose message it is; locks nothing, so that the member can be locked next.
    ///
    /// # Errors
    /// The storage's.
    async fn member_of(&mut self, id: MessageId) -> Result<Option<MemberId>, StoreError>;

    /// The message with this id, locked until the unit of work ends.
    ///
    /// # Errors
    /// The storage's.
    async fn find(&mut self, id: MessageId) -> Result<Option<Message>, StoreError>;

    /// Marks a pending message as about to be tried: `first_tried_at` is `at` unless it is set
    /// already, and it is in doubt until told otherwise. Answers whether it was pending; else,
    /// or when it is gone, nothing changes. Whoever asks LINE commits this before.
    ///
    /// # Errors
    /// The storage's.
    async fn begin_try(&mut self, id: MessageId, at: DateTime<Utc>) -> Result<bool, StoreError>;

    /// Notes that no try of a pending message was carried out: it is no longer in doubt. Else,
    /// or when it is gone, nothing changes.
    ///
    /// # Errors
    /// The storage's.
    async fn was_not_carried_out(&mut self, id: MessageId) -> Result<(), StoreError>;

    /// Ends a message that is pending, by a guarded update (`… WHERE status = 'pending'`):
    /// `Sent` writes status and `sent_at`, `Failed` status, `reason` and `error_message`. Answers
    /// whether it was pending; else, or when it is gone, nothing changes.
    ///
    /// # Errors
    /// The storage's.
    async fn settle(&mut self, id: MessageId, how: &Settlement) -> Result<bool, StoreError>;

    /// Marks a message as tapped by its guest, the first time only. Answers whether it was the
    /// first; else, or when it is gone, nothing changes.
    ///
    /// # Errors
    /// The storage's.
    async fn clicked(&mut self, id: MessageId, at: DateTime<Utc>) -> Result<bool, StoreError>;

    /// Deletes a message. Answers whether there was one.
    ///
    /// # Errors
    /// The storage's.
    async fn delete(&mut self, id: MessageId) -> Result<bool, StoreError>;

    /// Writes `read_at = at` on the member's incoming messages that have none; answers how many.
    ///
    /// # Errors
    /// The storage's.
    async fn mark_read(&mut self, member: MemberId, at: DateTime<Utc>) -> Result<u64, StoreError>;
}

/// Messages for screens; never while a unit of work is open. Names are joined in: the member's
/// three, and of the sender (rows with a `sender_id`) `full_name`, else `username`.
///
/// To add a method, write its promise in `tests/ports` first, then the database; the memory
/// adapter has no queries.
#[async_trait]
pub trait MessageQueries: Send + Sync {
    /// A page of the messages that match every part of the filter, by `created_at`, the newest
    /// first; of two at one moment the one with the higher id first. `from` is included, `before`
    /// is not. Rows of `messages` only, planned ones included.
    ///
    /// # Errors
    /// The storage's.
    async fn list(
        &self,
        filter: &MessageFilter,
        page: PageRequest,
    ) -> Result<Page<MessageRow>, StoreError>;

    /// A page of everything said between one member and the hotel, the newest first; empty for
    /// nobody. It is the union of
    ///
    /// - the member's rows of `messages`, and
    /// - the member's rows of `campaign_recipients` that LINE accepted (`sent_at` is set), each
    ///   as a row without id: `content` = the campaign's title, outgoing, `template`, sender type
    ///   `campaign`, no sender, status `sent`, `campaign_id` set, `created_at` = `sent_at`, all
    ///   else empty.
    ///
    /// Ordered by `created_at` descending; at one moment messages before campaigns, messages by
    /// id descending, campaigns by campaign id descending. `total` counts both.
    ///
    /// # Errors
    /// The storage's.
    async fn conversation(
        &self,
        member: MemberId,
        page: PageRequest,
    ) -> Result<Page<MessageRow>, StoreError>;

    /// Whether there is an incoming message of the member that nobody has read yet.
    ///
    /// # Errors
    /// The storage's.
    async fn has_unread(&self, member: MemberId) -> Result<bool, StoreError>;

    /// One row of `messages`.
    ///
    /// # Errors
    /// The storage's.
    async fn detail(&self, id: MessageId) -> Result<Option<MessageRow>, StoreError>;

    /// The template that a message was made of, as a document; `None` for one made of none, and
    /// for one that is gone.
    ///
    /// # Errors
    /// The storage's.
    async fn frozen_template(&self, id: MessageId) -> Result<Option<String>, StoreError>;
}
