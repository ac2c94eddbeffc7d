use super::{Conversation, ConversationFilter, ConversationRow, NewNote, Note, NoteRow, NoteText};
use crate::MessageRow;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, NoteId, Page, PageRequest, StoreError, Transaction, UserId};

/// A unit of work that can change what is kept about conversations.
pub trait ConversationsTx: Transaction {
    /// The conversations as this unit of work sees them.
    fn conversations(&mut self) -> &mut dyn ConversationRepository;
}

/// A member of staff, as far as conversations care.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colleague {
    /// Their id.
    pub id: UserId,
    /// Their full name, or their sign-in name where there is none.
    pub name: String,
    /// Whether they are active and their role may answer guests.
    pub may_answer: bool,
}

/// Conversations and notes, for decisions: finds lock the row until the unit of work ends.
///
/// The figures of a conversation are *kept*: [`crate::MessageRepository`] moves them together
/// with each row that it writes, and merging members unites them, so that nobody else has to
/// think of them. At the end of any unit of work they equal what [`Conversation`] says of the
/// member's rows. To add a method, write its promise in `tests/ports` first, then memory and
/// database.
#[async_trait]
pub trait ConversationRepository: Send {
    /// The conversation with this member, locked; `None` while nothing was ever written, planned
    /// or assigned.
    ///
    /// # Errors
    /// The storage's.
    async fn find(&mut self, member: MemberId) -> Result<Option<Conversation>, StoreError>;

    /// Gives the conversation to this user, or to nobody; it need not be there before.
    ///
    /// # Errors
    /// `Reference` when the member or the user does not exist, else the storage's.
    async fn assign(&mut self, member: MemberId, to: Option<UserId>) -> Result<(), StoreError>;

    /// A user, locked.
    ///
    /// # Errors
    /// The storage's.
    async fn colleague(&mut self, id: UserId) -> Result<Option<Colleague>, StoreError>;

    /// Stores a note and answers the id it got.
    ///
    /// # Errors
    /// `Reference` when the member or the author does not exist, else the storage's.
    async fn insert_note(&mut self, new: &NewNote) -> Result<NoteId, StoreError>;

    /// The note with this id, locked.
    ///
    /// # Errors
    /// The storage's.
    async fn find_note(&mut self, id: NoteId) -> Result<Option<Note>, StoreError>;

    /// Writes a note's words and when they changed. Answers whether there was one.
    ///
    /// # Errors
    /// The storage's.
    async fn rewrite_note(
        &mut self,
        id: NoteId,
        text: &NoteText,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// Deletes a note. Answers whether there was one.
    ///
    /// # Errors
    /// The storage's.
    async fn delete_note(&mut self, id: NoteId) -> Result<bool, StoreError>;
}

/// Conversations for screens; never while a unit of work is open.
///
/// To add a method, write its promise in `tests/ports` first, then the database; the memory
/// adapter has no queries.
#[async_trait]
pub trait ConversationQueries: Send + Sync {
    /// A page of the conversations in which anything was said and that match every part of the
    /// filter, the one in which something was said last first; at one moment the member with the
    /// higher id first.
    ///
    /// # Errors
    /// The storage's.
    async fn list(
        &self,
        filter: &ConversationFilter,
        page: PageRequest,
    ) -> Result<Page<ConversationRow>, StoreError>;

    /// A page of those rows of [`crate::MessageQueries::conversation`] whose content has every
    /// one of these words in it, in the same order. `%`, `_` and the like are ordinary signs,
    /// capitals of Latin letters do not count.
    ///
    /// # Errors
    /// The storage's.
    async fn search_thread(
        &self,
        member: MemberId,
        words: &[String],
        page: PageRequest,
    ) -> Result<Page<MessageRow>, StoreError>;

    /// A page of the notes about a conversation, the newest first; empty for nobody.
    ///
    /// # Errors
    /// The storage's.
    async fn notes(&self, member: MemberId, page: PageRequest)
    -> Result<Page<NoteRow>, StoreError>;

    /// One note.
    ///
    /// # Errors
    /// The storage's.
    async fn note(&self, id: NoteId) -> Result<Option<NoteRow>, StoreError>;
}
