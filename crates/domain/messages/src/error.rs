use crm_kernel::{DomainError, ErrorKind, FieldError, StoreError};
use thiserror::Error;

/// What can go wrong with messages.
#[derive(Debug, Error)]
pub enum MessageError {
    /// No message has this id.
    #[error("message not found")]
    NotFound,
    /// It is sent, failed, on its way, or came in: nothing is left to cancel.
    #[error("only a scheduled message whose time has not come can be cancelled")]
    NotScheduled,
    /// The input breaks rules; each of them is named.
    #[error("the message is not valid")]
    Invalid(Vec<FieldError>),
    /// The storage failed.
    #[error("messages could not be stored or read")]
    Store(#[from] StoreError),
}

impl DomainError for MessageError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::NotScheduled => ErrorKind::Conflict,
            Self::Invalid(_) => ErrorKind::Invalid,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "message_not_found",
            Self::NotScheduled => "message_not_scheduled",
            Self::Invalid(_) => "message_invalid",
            Self::Store(error) => error.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(fields) => fields.clone(),
            Self::NotFound | Self::NotScheduled | Self::Store(_) => Vec::new(),
        }
    }
}
