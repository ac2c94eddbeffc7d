use crm_kernel::{DomainError, ErrorKind, FieldError, StoreError};
use thiserror::Error;

/// What can go wrong with conversations.
#[derive(Debug, Error)]
pub enum ConversationError {
    /// No member has this id.
    #[error("member not found")]
    MemberNotFound,
    /// No note of this conversation has this id.
    #[error("note not found")]
    NoteNotFound,
    /// Somebody else wrote the note.
    #[error("only whoever wrote a note, or an admin, may change it")]
    NotYours,
    /// The input breaks rules; each of them is named.
    #[error("the conversation's details are not valid")]
    Invalid(Vec<FieldError>),
    /// The storage failed.
    #[error("conversations could not be stored or read")]
    Store(#[from] StoreError),
}

impl ConversationError {
    /// One broken rule.
    pub(super) fn invalid(field: &str, message: &str) -> Self {
        Self::Invalid(vec![FieldError::new(field, message)])
    }

    /// The member is the only row pointed to that was not looked at before.
    pub(super) fn unknown_member(error: StoreError) -> Self {
        match error {
            StoreError::Reference => Self::MemberNotFound,
            other => other.into(),
        }
    }
}

impl DomainError for ConversationError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::MemberNotFound | Self::NoteNotFound => ErrorKind::NotFound,
            Self::NotYours => ErrorKind::Forbidden,
            Self::Invalid(_) => ErrorKind::Invalid,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::MemberNotFound => "member_not_found",
            Self::NoteNotFound => "note_not_found",
            Self::NotYours => "note_of_somebody_else",
            Self::Invalid(_) => "conversation_invalid",
            Self::Store(error) => error.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(fields) => fields.clone(),
            _ => Vec::new(),
        }
    }
}
