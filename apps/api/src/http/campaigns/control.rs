use super::detail::{CampaignDetail, shown};
use crate::http::answer::{ApiResult, Envelope, accepted, success};
use crate::http::extract::{Allowed, CampaignsSend, Id};
use crate::http::problem::Problems;
use crate::http::wire::CampaignStatus;
use actix_web::post;
use actix_web::web::Data;
use chrono::{DateTime, Utc};
use crm_bootstrap::Crm;
use crm_campaigns::Campaign;
use crm_kernel::CampaignId;
use serde::Serialize;
use utoipa::ToSchema;

/// A campaign whose plan is frozen; it goes on in the background.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "campaign_id": 1, "status": "sending", "recipient_count": 100, "pending_count": 96,
    "sent_count": 0, "failed_count": 0, "skipped_count": 4, "sent_at": "2026-10-08T10:30:00Z"
}))]
pub(crate) struct Sending {
    campaign_id: i64,
    status: CampaignStatus,
    /// Everybody planned, skipped ones included.
    recipient_count: i64,
    pending_count: i64,
    /// Accepted by LINE so far.
    sent_count: i64,
    failed_count: i64,
    skipped_count: i64,
    sent_at: Option<DateTime<Utc>>,
}

impl From<Campaign> for Sending {
    fn from(campaign: Campaign) -> Self {
        let counts = campaign.counts();
        Self {
            campaign_id: campaign.id().get(),
            status: campaign.status().into(),
            recipient_count: counts.recipients,
            pending_count: counts.pending(),
            sent_count: counts.sent,
            failed_count: counts.failed,
            skipped_count: counts.skipped,
            sent_at: campaign.record().sent_at,
        }
    }
}

/// Send a draft or scheduled campaign now.
#[utoipa::path(
    tag = "campaigns",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The campaign")),
    responses((status = 202, description = "On its way", body = Envelope<Sending>), Problems),
)]
#[post("/campaigns/{id}/send")]
pub(super) async fn send_campaign(
    user: Allowed<CampaignsSend>,
    id: Id<CampaignId>,
    crm: Data<Crm>,
) -> ApiResult<Sending> {
    let campaign = crm.sending.send_now(&user.actor(), id.0).await?;
    Ok(accepted(campaign.into()))
}

/// Stop a campaign that is being sent; it can be resumed.
#[utoipa::path(
    tag = "campaigns",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The campaign")),
    responses((status = 200, description = "Paused", body = Envelope<CampaignDetail>), Problems),
)]
#[post("/campaigns/{id}/pause")]
pub(super) async fn pause_campaign(
    user: Allowed<CampaignsSend>,
    id: Id<CampaignId>,
    crm: Data<Crm>,
) -> ApiResult<CampaignDetail> {
    crm.campaigns.pause(&user.actor(), id.0).await?;
    Ok(success(shown(&crm, id.0).await?))
}

/// Go on with a paused campaign.
#[utoipa::path(
    tag = "campaigns",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The campaign")),
    responses((status = 200, description = "Resumed", body = Envelope<CampaignDetail>), Problems),
)]
#[post("/campaigns/{id}/resume")]
pub(super) async fn resume_campaign(
    user: Allowed<CampaignsSend>,
    id: Id<CampaignId>,
    crm: Data<Crm>,
) -> ApiResult<CampaignDetail> {
    crm.campaigns.resume(&user.actor(), id.0).await?;
    Ok(success(shown(&crm, id.0).await?))
}

/// End a campaign for good; whoever was not sent to is skipped.
#[utoipa::path(
    tag = "campaigns",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The campaign")),
    responses((status = 200, description = "Cancelled", body = Envelope<CampaignDetail>), Problems),
)]
#[post("/campaigns/{id}/cancel")]
pub(super) async fn cancel_campaign(
    user: Allowed<CampaignsSend>,
    id: Id<CampaignId>,
    crm: Data<Crm>,
) -> ApiResult<CampaignDetail> {
    crm.campaigns.cancel(&user.actor(), id.0).await?;
    Ok(success(shown(&crm, id.0).await?))
}
