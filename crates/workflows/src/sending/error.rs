use crate::EncodeError;
use crm_campaigns::{CampaignError, StatusReason};
use crm_kernel::{DomainError, ErrorKind, FieldError, GatewayError, StoreError};
use crm_templates::RenderError;
use serde_json::{Value, json};
use thiserror::Error;

/// What can go wrong with a send.
#[derive(Debug, Error)]
pub enum SendingError {
    /// The campaign does not allow it.
    #[error(transparent)]
    Campaign(#[from] CampaignError),
    /// The template cannot be rendered.
    #[error("the template cannot be rendered: {0}")]
    Render(#[from] RenderError),
    /// The message breaks a limit of LINE's.
    #[error("LINE would refuse the message: {0}")]
    Encode(#[from] EncodeError),
    /// LINE refuses the message.
    #[error("LINE refuses the message: {message}")]
    Refused {
        /// LINE's words.
        message: String,
        /// The properties it names.
        properties: Vec<String>,
    },
    /// LINE does not answer, or refuses us.
    #[error("LINE could not be asked: {0}")]
    Line(#[source] GatewayError),
    /// A stored document cannot be read back.
    #[error("a stored document is damaged")]
    Damaged(#[source] serde_json::Error),
    /// The template was changed again and again while the send was being prepared.
    #[error("the template is being changed; try again")]
    TemplateChanged,
    /// All sending is stopped.
    #[error("all sending is stopped")]
    Stopped,
    /// No such template.
    #[error("no such template")]
    TemplateNotFound,
    /// No such member.
    #[error("no such member")]
    MemberNotFound,
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SendingError {
    /// What it says about the campaign itself, where no repetition would mend it.
    pub(super) fn as_reason(&self) -> Option<StatusReason> {
        match self {
            Self::Campaign(CampaignError::AudienceEmpty) => Some(StatusReason::AudienceEmpty),
            Self::Campaign(CampaignError::AudienceTagMissing(_)) => {
                Some(StatusReason::AudienceTagMissing)
            }
            Self::Campaign(CampaignError::AudienceCampaignMissing(_)) => {
                Some(StatusReason::AudienceCampaignMissing)
            }
            Self::Campaign(CampaignError::QuotaInsufficient { .. }) => {
                Some(StatusReason::QuotaInsufficient)
            }
            Self::Encode(_) | Self::Render(_) | Self::Refused { .. } => {
                Some(StatusReason::MessageRejected)
            }
            _ => None,
        }
    }

    pub(super) fn is_no_such_campaign(&self) -> bool {
        matches!(self, Self::Campaign(CampaignError::NotFound))
    }
}

impl From<GatewayError> for SendingError {
    fn from(error: GatewayError) -> Self {
        match error {
            GatewayError::Rejected {
                message,
                properties,
            } => Self::Refused {
                message,
                properties,
            },
            other => Self::Line(other),
        }
    }
}

impl DomainError for SendingError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Campaign(e) => e.kind(),
            Self::Render(_) | Self::Encode(_) | Self::Refused { .. } | Self::Stopped => {
                ErrorKind::Conflict
            }
            Self::Line(_) | Self::TemplateChanged => ErrorKind::Unavailable,
            Self::Damaged(_) => ErrorKind::Internal,
            Self::TemplateNotFound | Self::MemberNotFound => ErrorKind::NotFound,
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Campaign(e) => e.code(),
            Self::Render(_) => "template_not_renderable",
            Self::Encode(_) | Self::Refused { .. } => "message_rejected",
            Self::Line(GatewayError::Unauthorized) => "line_credentials",
            Self::Line(_) => "line_unavailable",
            Self::Damaged(_) => "internal",
            Self::TemplateChanged => "template_changed",
            Self::Stopped => "sending_stopped",
            Self::TemplateNotFound => "template_not_found",
            Self::MemberNotFound => "member_not_found",
            Self::Store(e) => e.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Campaign(e) => e.fields(),
            _ => Vec::new(),
        }
    }

    fn details(&self) -> Option<Value> {
        match self {
            Self::Campaign(e) => e.details(),
            Self::Encode(e) => Some(json!({ "properties": [e.property] })),
            Self::Refused { properties, .. } => Some(json!({ "properties": properties })),
            _ => None,
        }
    }
}
