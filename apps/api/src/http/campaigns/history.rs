use super::detail::Creator;
use crate::http::answer::{ApiResult, Envelope, PageOf, success};
use crate::http::extract::{Allowed, CampaignsRead, Id, Paging, Query};
use crate::http::problem::Problems;
use crate::http::wire::CampaignEventKind;
use actix_web::get;
use actix_web::web::Data;
use chrono::{DateTime, Utc};
use crm_bootstrap::Crm;
use crm_campaigns::StatusReason;
use crm_kernel::{CampaignId, Facts};
use serde::Serialize;
use utoipa::ToSchema;

/// Something that happened to a campaign.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 31, "at": "2026-10-08T10:30:00Z", "kind": "started",
    "user": {"id": 2, "username": "mei.lin", "full_name": "林美"},
    "reason": null, "message": null, "details": {"planned": 1000, "skipped": 12}
}))]
pub(crate) struct CampaignEvent {
    id: i64,
    at: DateTime<Utc>,
    kind: CampaignEventKind,
    /// Who did it; null where no user did: a schedule, or LINE's answer.
    user: Option<Creator>,
    /// Why, for programs.
    reason: Option<&'static str>,
    /// Why, for people.
    message: Option<&'static str>,
    /// Figures and times that belong to it.
    #[schema(value_type = Object)]
    details: Facts,
}

impl From<crm_campaigns::CampaignEvent> for CampaignEvent {
    fn from(event: crm_campaigns::CampaignEvent) -> Self {
        Self {
            id: event.id,
            at: event.at,
            kind: event.kind.into(),
            user: event.user.map(Into::into),
            reason: event.reason.map(StatusReason::as_str),
            message: event.reason.map(StatusReason::message),
            details: event.facts,
        }
    }
}

/// What happened to a campaign and who did it, the newest first.
#[utoipa::path(
    tag = "campaigns",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The campaign"), Paging),
    responses((status = 200, description = "A page", body = Envelope<PageOf<CampaignEvent>>), Problems),
)]
#[get("/campaigns/{id}/history")]
pub(super) async fn campaign_history(
    _user: Allowed<CampaignsRead>,
    id: Id<CampaignId>,
    paging: Query<Paging>,
    crm: Data<Crm>,
) -> ApiResult<PageOf<CampaignEvent>> {
    let page = crm.campaigns.history(id.0, paging.0.0).await?;
    Ok(success(PageOf::of(page, CampaignEvent::from)))
}
