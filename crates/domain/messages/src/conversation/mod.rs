//! What the hotel keeps about a conversation besides its messages: whose it is, who looks after
//! it, and what colleagues note for each other.

mod assign;
mod error;
mod notes;
mod ports;
mod preview;
mod screens;

pub use error::ConversationError;
pub use notes::{MAX_NOTE_CHARS, NewNote, Note, NoteText};
pub use ports::{Colleague, ConversationQueries, ConversationRepository, ConversationsTx};
pub use preview::preview;
pub use screens::{
    AssignedTo, Conversation, ConversationFilter, ConversationMember, ConversationRow, LastMessage,
    LastSaid, NoteRow,
};

use crm_kernel::{Clock, Transactions};
use std::sync::Arc;

/// Everything that can be done with conversations as a whole.
#[derive(Clone)]
pub struct Conversations {
    store: Arc<dyn Transactions<dyn ConversationsTx>>,
    queries: Arc<dyn ConversationQueries>,
    clock: Arc<dyn Clock>,
}

impl Conversations {
    /// Conversations kept in `store` and shown through `queries`.
    #[must_use]
    pub fn new(
        store: Arc<dyn Transactions<dyn ConversationsTx>>,
        queries: Arc<dyn ConversationQueries>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            store,
            queries,
            clock,
        }
    }
}
