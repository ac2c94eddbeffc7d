use crm_kernel::{DomainError, ErrorKind, FieldError, StoreError};
use thiserror::Error;

/// What can go wrong with figures.
#[derive(Debug, Error)]
pub enum AnalyticsError {
    /// The question breaks rules; each of them is named.
    #[error("the question is not valid")]
    Invalid(Vec<FieldError>),
    /// There is no such campaign.
    #[error("there is no such campaign")]
    CampaignNotFound,
    /// The figures could not be read.
    #[error("figures could not be read")]
    Store(#[from] StoreError),
}

impl AnalyticsError {
    /// One broken rule.
    #[must_use]
    pub fn invalid(field: &str, message: &str) -> Self {
        Self::Invalid(vec![FieldError::new(field, message)])
    }
}

impl DomainError for AnalyticsError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Invalid(_) => ErrorKind::Invalid,
            Self::CampaignNotFound => ErrorKind::NotFound,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "analytics_invalid",
            Self::CampaignNotFound => "campaign_not_found",
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
