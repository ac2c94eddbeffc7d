use crate::MAX_RULES;
use crm_kernel::{DomainError, ErrorKind, FieldError, StoreError};
use thiserror::Error;

/// What can go wrong with rules that answer by themselves.
#[derive(Debug, Error)]
pub enum AutoResponseError {
    /// No rule has this id.
    #[error("auto-response not found")]
    NotFound,
    /// There are as many rules as an installation may have.
    #[error("there are {MAX_RULES} auto-responses already; delete one that is not needed")]
    TooMany,
    /// The input breaks rules; each of them is named.
    #[error("the auto-response's details are not valid")]
    Invalid(Vec<FieldError>),
    /// The storage failed.
    #[error("auto-responses could not be stored or read")]
    Store(#[source] StoreError),
}

impl From<StoreError> for AutoResponseError {
    /// The template is the only row that a rule points to.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Reference => {
                Self::Invalid(vec![FieldError::new("template_id", "does not exist")])
            }
            other => Self::Store(other),
        }
    }
}

impl DomainError for AutoResponseError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::TooMany => ErrorKind::Conflict,
            Self::Invalid(_) => ErrorKind::Invalid,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "auto_response_not_found",
            Self::TooMany => "auto_response_limit",
            Self::Invalid(_) => "auto_response_invalid",
            Self::Store(error) => error.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(fields) => fields.clone(),
            Self::NotFound | Self::TooMany | Self::Store(_) => Vec::new(),
        }
    }
}
