use super::{ConversationError, Conversations, NoteText};
use crate::{Direction, MessageRow, MessageSender, MessageType, SenderType};
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, MessageId, NoteId, Page, PageRequest, UserId};

/// What is kept about the conversation with one guest. A message *was said* from the moment it
/// came in, or LINE took it ([`crate::MessageRecord::said_at`]): planned and failed ones were
/// not, and what campaigns sent belongs to no conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// The guest.
    pub member_id: MemberId,
    /// The last that was said; at one moment that of the higher id.
    pub last: Option<LastSaid>,
    /// When the guest last wrote.
    pub last_incoming_at: Option<DateTime<Utc>>,
    /// What the guest wrote and nobody read.
    pub unread_count: u64,
    /// The colleague who looks after it.
    pub assigned_to: Option<UserId>,
}

/// The last that was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastSaid {
    /// The message.
    pub id: MessageId,
    /// When it was said.
    pub at: DateTime<Utc>,
    /// By whom: an incoming one waits for an answer.
    pub direction: Direction,
}

/// Which conversations a list shows; every part narrows it, an empty part does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConversationFilter {
    /// Guests found by this text, as in the list of members.
    pub search: Option<String>,
    /// With anything unread, or with nothing.
    pub unread: Option<bool>,
    /// Those in which the guest spoke last, or in which the hotel did.
    pub needs_answer: Option<bool>,
    /// Of this colleague, or nobody's.
    pub assigned_to: Option<AssignedTo>,
}

/// Who looks after a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssignedTo {
    /// Nobody in particular.
    Nobody,
    /// This user.
    User(UserId),
}

/// A conversation in a list.
#[derive(Clone, PartialEq, Eq)]
pub struct ConversationRow {
    /// The guest.
    pub member: ConversationMember,
    /// The last that was said.
    pub last: LastMessage,
    /// When the guest last wrote.
    pub last_incoming_at: Option<DateTime<Utc>>,
    /// What the guest wrote and nobody read.
    pub unread_count: u64,
    /// The colleague who looks after it.
    pub assigned_to: Option<MessageSender>,
}

/// Words of guests do not belong in logs.
impl std::fmt::Debug for ConversationRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ConversationRow({}, …)", self.member.id)
    }
}

impl ConversationRow {
    /// Whether the guest spoke last.
    #[must_use]
    pub fn needs_answer(&self) -> bool {
        self.last.direction == Direction::Incoming
    }
}

/// The guest of a conversation; how they are named follows from these pieces.
#[derive(Clone, PartialEq, Eq)]
pub struct ConversationMember {
    /// Their id.
    pub id: MemberId,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// The name they gave themself at LINE.
    pub display_name: Option<String>,
    /// Their picture at LINE.
    pub picture_url: Option<String>,
    /// The stored word for whether messages arrive; none without a LINE account.
    pub line_state: Option<String>,
}

/// The last that was said, for a list.
#[derive(Clone, PartialEq, Eq)]
pub struct LastMessage {
    /// The message.
    pub id: MessageId,
    /// One short line of it ([`super::preview`]).
    pub preview: String,
    /// Who spoke.
    pub direction: Direction,
    /// Its form.
    pub message_type: MessageType,
    /// Who wrote it, if the hotel did.
    pub sender_type: Option<SenderType>,
    /// When it was said.
    pub at: DateTime<Utc>,
}

/// A note on a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteRow {
    /// The id.
    pub id: NoteId,
    /// Whose conversation it is about.
    pub member_id: MemberId,
    /// Who wrote it, unless they are deleted.
    pub author: Option<MessageSender>,
    /// Its words.
    pub text: NoteText,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When its words changed.
    pub updated_at: Option<DateTime<Utc>>,
}

/// Words looked for in a thread at most.
const MOST_WORDS: usize = 10;

impl Conversations {
    /// A page of conversations, the latest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(
        &self,
        filter: &ConversationFilter,
        page: PageRequest,
    ) -> Result<Page<ConversationRow>, ConversationError> {
        Ok(self.queries.list(filter, page).await?)
    }

    /// What was said between one guest and the hotel with all these words in it, newest first;
    /// of very many words the first ten.
    ///
    /// # Errors
    /// The store's.
    pub async fn search_thread(
        &self,
        member: MemberId,
        search: &str,
        page: PageRequest,
    ) -> Result<Page<MessageRow>, ConversationError> {
        let words = search.split_whitespace().take(MOST_WORDS);
        let words: Vec<String> = words.map(str::to_owned).collect();
        Ok(self.queries.search_thread(member, &words, page).await?)
    }

    /// A page of the notes about one guest's conversation, newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn notes(
        &self,
        member: MemberId,
        page: PageRequest,
    ) -> Result<Page<NoteRow>, ConversationError> {
        Ok(self.queries.notes(member, page).await?)
    }

    /// One note.
    ///
    /// # Errors
    /// `note_not_found`, else the store's.
    pub async fn note(&self, id: NoteId) -> Result<NoteRow, ConversationError> {
        let note = self.queries.note(id).await?;
        note.ok_or(ConversationError::NoteNotFound)
    }
}
