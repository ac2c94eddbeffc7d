use crate::EncodeError;
use crm_kernel::{DomainError, ErrorKind, FieldError, GatewayError, MessageId, StoreError};
use crm_templates::RenderError;
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
    /// The template cannot become a message for this guest; nothing was stored.
    #[error("the template cannot be rendered for this guest: {0}")]
    Render(#[from] RenderError),
    /// LINE would refuse it for what it says; nothing was stored.
    #[error(transparent)]
    Encode(#[from] EncodeError),
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
            Self::NoLine | Self::Blocked | Self::Stopped | Self::Render(_) | Self::Encode(_) => {
                ErrorKind::Conflict
            }
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
            Self::Render(_) => "template_not_renderable",
            Self::Encode(_) => "message_rejected",
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
            Self::Encode(error) => Some(json!({ "properties": [error.property] })),
            _ => None,
        }
    }
}
