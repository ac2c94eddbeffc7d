use crm_kernel::{DomainError, ErrorKind, StoreError};
use crm_members::MemberError;
use crm_messages::MessageError;
use crm_tags::TagError;
use thiserror::Error;

/// Why an event could not be handled.
#[derive(Debug, Error)]
pub enum InboundError {
    /// No event has this id.
    #[error("there is no such event")]
    NotFound,
    /// Only a dead event can be handled again.
    #[error("only a dead event can be handled again")]
    NotDead,
    /// The member could not be written.
    #[error(transparent)]
    Member(#[from] MemberError),
    /// The tag could not be written.
    #[error(transparent)]
    Tag(#[from] TagError),
    /// The message could not be written.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DomainError for InboundError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::NotDead => ErrorKind::Conflict,
            Self::Member(e) => e.kind(),
            Self::Tag(e) => e.kind(),
            Self::Message(e) => e.kind(),
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "event_not_found",
            Self::NotDead => "event_not_dead",
            Self::Member(e) => e.code(),
            Self::Tag(e) => e.code(),
            Self::Message(e) => e.code(),
            Self::Store(e) => e.code(),
        }
    }
}
