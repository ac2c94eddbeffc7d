//! The record of what guests and the hotel wrote to each other (document 000 §3.2.12): what came
//! in, what staff and rules answered, and what became of it.
//!
//! An outgoing message is stored before LINE is asked, as *pending* under the retry key of its
//! first try, and settled once: *sent* or *failed*. Campaign sends have a ledger of their own; a
//! conversation shows them among the messages. Asking LINE is a story of `crm-workflows`.

mod cancel;
mod canned;
mod content;
mod conversation;
mod error;
mod forget;
mod incoming;
mod jobs;
mod live;
mod media;
mod media_ports;
mod media_type;
mod message;
mod ports;
mod read;
mod schedule;
mod screens;
mod sent;
mod status;
mod unsend;

pub use canned::{
    CannedContent, CannedReplies, CannedRepliesTx, CannedReply, CannedReplyChanges,
    CannedReplyDraft, CannedReplyError, CannedReplyQueries, CannedReplyRecord,
    CannedReplyRepository, Shortcut, Title, Wording,
};
pub use content::{MAX_IMAGE_CHARS, MAX_TEXT_UTF16, MessageContent, MessageType};
pub use conversation::{
    AssignedTo, Colleague, Conversation, ConversationError, ConversationFilter, ConversationMember,
    ConversationQueries, ConversationRepository, ConversationRow, Conversations, ConversationsTx,
    LastMessage, LastSaid, MAX_NOTE_CHARS, NewNote, Note, NoteRow, NoteText, preview,
};
pub use error::MessageError;
pub use incoming::{Incoming, ReceivedMessage};
pub use jobs::{DeliverMessage, FetchMedia, RemoveMedia, SweepMedia};
pub use live::{ConversationChange, conversation_updated, message_received, settle_in};
pub use media::{
    ContentKind, MediaEnd, MediaFailure, MediaFile, MediaState, MediaView, MessageMedia,
};
pub use media_ports::{
    Bytes, MediaQueries, MediaRepository, MediaStore, MediaTx, PATHS_AT_ONCE, WriteError, Written,
};
pub use media_type::{HEAD_BYTES, UNKNOWN_TYPE, media_type};
pub use message::{Message, MessageRecord, NewMessage};
pub use ports::{MessageQueries, MessageRepository, MessagesTx};
pub use schedule::check_schedule;
pub use screens::{MessageFilter, MessageMember, MessageRow, MessageSender};
pub use sent::{
    Elsewhere, Emoji, ImageSet, Mention, Picture, Place, Recording, SentFile, SentKind, Sticker,
    TextParts,
};
pub use status::{Direction, FailReason, MessageStatus, SenderType, Settlement};
pub use unsend::UNSENT;

use crm_kernel::{Clock, Transactions};
use std::sync::Arc;

/// Everything that can be done with the record but sending.
#[derive(Clone)]
pub struct Messages {
    store: Arc<dyn Transactions<dyn MessagesTx>>,
    queries: Arc<dyn MessageQueries>,
    clock: Arc<dyn Clock>,
}

impl Messages {
    /// Messages kept in `store` and shown through `queries`.
    #[must_use]
    pub fn new(
        store: Arc<dyn Transactions<dyn MessagesTx>>,
        queries: Arc<dyn MessageQueries>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            store,
            queries,
            clock,
        }
    }
}
