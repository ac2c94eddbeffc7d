use crate::CampaignStatus;
use crm_kernel::{CampaignId, DomainError, ErrorKind, FieldError, StoreError, TagId};
use serde_json::{Value, json};
use thiserror::Error;

/// What can go wrong with campaigns.
#[derive(Debug, Error)]
pub enum CampaignError {
    /// No campaign of that id.
    #[error("no such campaign")]
    NotFound,
    /// Fields that break a rule.
    #[error("the campaign is not valid")]
    Invalid(Vec<FieldError>),
    /// Its status forbids it.
    #[error("a {} campaign cannot be {action}", status.as_str())]
    WrongState {
        /// Where it stands.
        status: CampaignStatus,
        /// What was asked for, as a participle.
        action: &'static str,
    },
    /// It has no condition that somebody could come to fulfil.
    #[error("a campaign without a trigger condition cannot be activated")]
    TriggerMissing,
    /// Nobody failed in a way that may be tried again.
    #[error("there is nobody to try again")]
    NothingToRetry,
    /// Nobody would get it.
    #[error("nobody fits the audience")]
    AudienceEmpty,
    /// Tags that it names are gone.
    #[error("tags of the audience do not exist any more")]
    AudienceTagMissing(Vec<TagId>),
    /// Campaigns that it names are gone.
    #[error("campaigns of the audience do not exist any more")]
    AudienceCampaignMissing(Vec<CampaignId>),
    /// LINE's quota does not suffice.
    #[error("the audience needs {needed} messages and {remaining} remain this month")]
    QuotaInsufficient {
        /// Messages needed.
        needed: u64,
        /// Messages left.
        remaining: u64,
    },
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DomainError for CampaignError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Invalid(_) => ErrorKind::Invalid,
            Self::WrongState { .. }
            | Self::TriggerMissing
            | Self::NothingToRetry
            | Self::AudienceEmpty
            | Self::AudienceTagMissing(_)
            | Self::AudienceCampaignMissing(_)
            | Self::QuotaInsufficient { .. } => ErrorKind::Conflict,
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "campaign_not_found",
            Self::Invalid(_) => "campaign_invalid",
            Self::WrongState { .. } => "campaign_wrong_state",
            Self::TriggerMissing => "trigger_missing",
            Self::NothingToRetry => "nothing_to_retry",
            Self::AudienceEmpty => "audience_empty",
            Self::AudienceTagMissing(_) => "audience_tag_missing",
            Self::AudienceCampaignMissing(_) => "audience_campaign_missing",
            Self::QuotaInsufficient { .. } => "quota_insufficient",
            Self::Store(e) => e.code(),
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
            Self::WrongState { status, .. } => Some(json!({ "status": status.as_str() })),
            Self::AudienceTagMissing(tags) => Some(json!({ "tag_ids": tags })),
            Self::AudienceCampaignMissing(ids) => Some(json!({ "campaign_ids": ids })),
            Self::QuotaInsufficient { needed, remaining } => {
                Some(json!({ "needed": needed, "remaining": remaining }))
            }
            _ => None,
        }
    }
}
