use crm_kernel::{DomainError, ErrorKind, FieldError, StoreError};
use thiserror::Error;

/// What can go wrong with replies kept ready.
#[derive(Debug, Error)]
pub enum CannedReplyError {
    /// No reply has this id.
    #[error("canned reply not found")]
    NotFound,
    /// The input breaks rules; each of them is named.
    #[error("the canned reply is not valid")]
    Invalid(Vec<FieldError>),
    /// Another reply has this shortcut.
    #[error("another canned reply has the same shortcut")]
    Duplicate,
    /// The storage failed.
    #[error("canned replies could not be stored or read")]
    Store(#[source] StoreError),
}

impl From<StoreError> for CannedReplyError {
    /// The friendly check before a write can lose a race; the key then says the same.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Duplicate {
                key: "canned_reply_shortcut",
            } => Self::Duplicate,
            other => Self::Store(other),
        }
    }
}

impl DomainError for CannedReplyError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Invalid(_) => ErrorKind::Invalid,
            Self::Duplicate => ErrorKind::Conflict,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "canned_reply_not_found",
            Self::Invalid(_) => "canned_reply_invalid",
            Self::Duplicate => "canned_reply_duplicate",
            Self::Store(error) => error.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(fields) => fields.clone(),
            Self::Duplicate => vec![FieldError::new(
                "shortcut",
                "is already used by another canned reply",
            )],
            Self::NotFound | Self::Store(_) => Vec::new(),
        }
    }
}
