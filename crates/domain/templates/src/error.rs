use crm_kernel::{DomainError, ErrorKind, FieldError, StoreError, TemplateId};
use serde_json::{Value, json};
use thiserror::Error;

/// What can go wrong with templates.
#[derive(Debug, Error)]
pub enum TemplateError {
    /// No template has this id.
    #[error("template {0} does not exist")]
    NotFound(TemplateId),
    /// The wording breaks a rule.
    #[error("the template breaks a rule")]
    Invalid(Vec<FieldError>),
    /// Something was written with it.
    #[error("the template is in use")]
    InUse {
        /// Titles of campaigns.
        campaigns: Vec<String>,
        /// Names of rules that answer by themselves; filled in by a story that knows rules.
        auto_responses: Vec<String>,
        /// Titles of replies kept ready; filled in likewise.
        canned_replies: Vec<String>,
        /// Names of templates with taps that are answered with it.
        templates: Vec<String>,
    },
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DomainError for TemplateError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound(_) => ErrorKind::NotFound,
            Self::Invalid(_) => ErrorKind::Invalid,
            Self::InUse { .. } => ErrorKind::Conflict,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "template_not_found",
            Self::Invalid(_) => "template_invalid",
            Self::InUse { .. } => "template_in_use",
            Self::Store(error) => error.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(fields) => fields.clone(),
            Self::Store(error) => error.fields(),
            Self::NotFound(_) | Self::InUse { .. } => Vec::new(),
        }
    }

    fn details(&self) -> Option<Value> {
        match self {
            Self::InUse {
                campaigns,
                auto_responses,
                canned_replies,
                templates,
            } => Some(json!({
                "campaigns": campaigns,
                "auto_responses": auto_responses,
                "canned_replies": canned_replies,
                "templates": templates,
            })),
            Self::Store(error) => error.details(),
            Self::NotFound(_) | Self::Invalid(_) => None,
        }
    }
}
