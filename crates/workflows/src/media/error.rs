use crm_kernel::{DomainError, ErrorKind, GatewayError, StoreError};
use thiserror::Error;

/// Why content was not fetched or is not shown.
#[derive(Debug, Error)]
pub enum MediaError {
    /// The message has none, or there is no such message.
    #[error("the message has no content that we keep")]
    NotFound,
    /// It is being fetched.
    #[error("the content is not here yet")]
    Pending,
    /// It cannot be had.
    #[error("the content could not be fetched")]
    Failed,
    /// It was unsent, or LINE has deleted it.
    #[error("the content is gone")]
    Gone,
    /// LINE gave no clear answer.
    #[error(transparent)]
    Line(#[from] GatewayError),
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DomainError for MediaError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound | Self::Failed | Self::Gone => ErrorKind::NotFound,
            Self::Pending => ErrorKind::Conflict,
            Self::Line(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "media_not_found",
            Self::Pending => "media_pending",
            Self::Failed => "media_failed",
            Self::Gone => "media_gone",
            Self::Line(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}
