use super::audience::{Condition, TargetAudience};
use crate::http::answer::{ApiResult, Envelope, success};
use crate::http::extract::{Allowed, CampaignsRead, Id, Query, Valid};
use crate::http::problem::{ApiError, Problems};
use crate::http::templates::AsMember;
use actix_web::web::Data;
use actix_web::{get, post};
use crm_bootstrap::Crm;
use crm_campaigns::{Audience, AudienceEstimate, CampaignError, TriggerCondition};
use crm_kernel::{CampaignId, FieldError};
use crm_workflows::{CampaignPreview, QuotaView, SendingError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Whom a send would reach now.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "estimated_recipients": 96, "skipped": {"blocked": 3, "opted_out": 1}, "without_line": 12
}))]
pub(crate) struct Estimate {
    /// Who would be sent to.
    estimated_recipients: i64,
    /// Who would be kept back, per reason.
    skipped: BTreeMap<&'static str, i64>,
    /// Who fits the audience and has no LINE account.
    without_line: i64,
}

impl From<AudienceEstimate> for Estimate {
    fn from(estimate: AudienceEstimate) -> Self {
        Self {
            estimated_recipients: estimate.eligible,
            skipped: estimate
                .skipped
                .into_iter()
                .map(|(reason, count)| (reason.as_str(), count))
                .collect(),
            without_line: estimate.without_line,
        }
    }
}

/// LINE's monthly quota.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"type": "limited", "limit": 3000, "used": 120, "remaining": 2880}))]
pub(crate) struct Quota {
    /// `limited`, or `none` without a limit.
    #[serde(rename = "type")]
    kind: &'static str,
    limit: Option<u64>,
    /// Approximately.
    used: u64,
    remaining: Option<u64>,
}

impl From<QuotaView> for Quota {
    fn from(quota: QuotaView) -> Self {
        Self {
            kind: if quota.limit.is_some() {
                "limited"
            } else {
                "none"
            },
            limit: quota.limit,
            used: quota.used,
            remaining: quota.remaining,
        }
    }
}

/// What a send would do.
#[derive(Serialize, ToSchema)]
pub(crate) struct Preview {
    /// LINE's own message objects, exactly as they would be sent.
    #[schema(value_type = Vec<Object>)]
    messages: Vec<Value>,
    #[serde(flatten)]
    estimate: Estimate,
    /// Null when LINE cannot be asked now.
    quota: Option<Quota>,
}

impl From<CampaignPreview> for Preview {
    fn from(preview: CampaignPreview) -> Self {
        Self {
            messages: preview.messages.0,
            estimate: preview.estimate.into(),
            quota: preview.quota.map(Into::into),
        }
    }
}

/// The LINE messages a campaign becomes, and whom they would reach.
#[utoipa::path(
    tag = "campaigns",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The campaign"), AsMember),
    responses((status = 200, description = "What a send would do", body = Envelope<Preview>), Problems),
)]
#[get("/campaigns/{id}/preview")]
pub(super) async fn preview_campaign(
    _user: Allowed<CampaignsRead>,
    id: Id<CampaignId>,
    member: Query<AsMember>,
    crm: Data<Crm>,
) -> ApiResult<Preview> {
    let preview = crm.sending.preview(id.0, member.0.member_id).await?;
    Ok(success(preview.into()))
}

/// An audience to be counted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EstimateAudience {
    target_audience: TargetAudience,
    #[serde(default)]
    trigger_condition: Option<Condition>,
}

/// Count an audience without writing a campaign.
#[utoipa::path(
    tag = "campaigns",
    security(("bearer" = [])),
    request_body = EstimateAudience,
    responses((status = 200, description = "Whom it would reach", body = Envelope<Estimate>), Problems),
)]
#[post("/campaigns/audience-estimate")]
pub(super) async fn estimate_audience(
    _user: Allowed<CampaignsRead>,
    body: Valid<EstimateAudience>,
    crm: Data<Crm>,
) -> ApiResult<Estimate> {
    let audience: Audience = body.0.target_audience.try_into()?;
    let condition: Option<TriggerCondition> = body.0.trigger_condition.map(Into::into);
    match crm.sending.estimate(&audience, condition.as_ref()).await {
        Ok(estimate) => Ok(success(estimate.into())),
        // Here the ids come from the body, not from a campaign that was fine once.
        Err(SendingError::Campaign(CampaignError::AudienceTagMissing(tags))) => {
            let fields = tags
                .into_iter()
                .map(|tag| FieldError::new(audience.field_of(tag), "no such tag"))
                .collect();
            Err(ApiError::invalid(fields))
        }
        Err(SendingError::Campaign(CampaignError::AudienceCampaignMissing(campaigns))) => {
            let fields = campaigns
                .into_iter()
                .map(|id| FieldError::new(audience.field_of_campaign(id), "no such campaign"))
                .collect();
            Err(ApiError::invalid(fields))
        }
        Err(error) => Err(error.into()),
    }
}
