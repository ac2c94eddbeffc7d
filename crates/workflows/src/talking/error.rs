use crm_kernel::{DomainError, ErrorKind, FieldError, GatewayError, MessageId, StoreError};
use serde_json::{Value, json};
use thiserror::Error;

/// What can go wrong with a message by hand.
#[derive(Debug, Error)]
pub enum TalkingError {
    /// The input breaks rules; each of them is named.
    #[error("the message is not valid")]
    Invalid(Vec<FieldError>),
    /// The guest has no LINE account.
    #[error("the member has no LINE account")]
    NoLine,
    /// The guest blocked the account, or left.
    #[error("the member has blocked the account")]
    Blocked,
    /// All sending is stopped; nothing was stored.
    #[error("all sending is stopped")]
    Stopped,
    /// LINE did not take the message; it is stored as failed.
    #[error("LINE did not take the message: {source}")]
    Line {
        /// The stored message.
        message_id: MessageId,
        /// LINE's answer.
        source: GatewayError,
    },
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DomainError for TalkingError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Invalid(_) => ErrorKind::Invalid,
            Self::NoLine | Self::Blocked | Self::Stopped => ErrorKind::Conflict,
            Self::Line {
                source: GatewayError::Rejected { .. },
                ..
            } => ErrorKind::Conflict,
            Self::Line { .. } => ErrorKind::Unavailable,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "message_invalid",
            Self::NoLine => "member_has_no_line",
            Self::Blocked => "member_blocked",
            Self::Stopped => "sending_stopped",
            Self::Line { source, .. } => match source {
                GatewayError::Rejected { .. } => "message_rejected",
                GatewayError::QuotaExhausted => "quota_exhausted",
                GatewayError::Unauthorized => "line_credentials",
                GatewayError::RateLimited { .. } => "line_rate_limited",
                GatewayError::Unavailable { .. } | GatewayError::NotFound => "line_unavailable",
            },
            Self::Store(error) => error.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(fields) => fields.clone(),
            _ => Vec::new(),
        }
    }

    fn details(&self) -> Option<Value> {
        match self {
            Self::Line { message_id, .. } => Some(json!({ "message_id": message_id })),
            _ => None,
        }
    }
}
