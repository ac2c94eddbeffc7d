use super::detail::{Figures, Speed};
use crate::http::extract::{Allowed, BearerToken, CampaignsRead, Id};
use crate::http::problem::{ApiError, Problems};
use crate::http::progress::{Watch, events};
use crate::http::streams::{Streams, event_stream};
use crate::http::wire::CampaignStatus;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use crm_bootstrap::Crm;
use crm_campaigns::StatusReason;
use crm_kernel::CampaignId;
use serde::Serialize;
use utoipa::ToSchema;

/// How far a campaign has come: the `data` of an event.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "campaign_id": 1, "status": "sending", "status_reason": null, "status_message": null,
    "recipient_count": 1000, "pending_count": 480, "sent_count": 500, "failed_count": 0,
    "skipped_count": 20, "opened_count": 3, "clicked_count": 3, "converted_count": 0,
    "open_rate": 0.6, "click_rate": 0.6, "conversion_rate": 0.0, "rate_per_second": 50.0, "eta_seconds": 10
}))]
pub(crate) struct CampaignProgress {
    campaign_id: i64,
    status: CampaignStatus,
    /// Why it stopped, for programs.
    status_reason: Option<&'static str>,
    /// Why it stopped, for people.
    status_message: Option<&'static str>,
    #[serde(flatten)]
    figures: Figures,
    #[serde(flatten)]
    speed: Speed,
}

/// Progress as JSON.
pub(crate) fn written(progress: &crm_campaigns::CampaignProgress) -> String {
    let progress = CampaignProgress {
        campaign_id: progress.id.get(),
        status: progress.status.into(),
        status_reason: progress.reason.map(StatusReason::as_str),
        status_message: progress.reason.map(StatusReason::message),
        figures: (&progress.counts).into(),
        speed: progress.pace.into(),
    };
    // Numbers and words of ours always are JSON.
    serde_json::to_string(&progress).unwrap_or_default()
}

/// One event of the stream, as server-sent events go.
#[derive(ToSchema)]
#[schema(example = json!({
    "id": "1795297324345", "event": "campaign.progress",
    "data": "{\"campaign_id\":6,\"status\":\"sending\",\"sent_count\":600}"
}))]
#[expect(dead_code, reason = "describes lines that are written one by one")]
pub(crate) struct ProgressEvent {
    /// When it was, in milliseconds since 1970.
    id: Option<String>,
    /// `campaign.progress`
    event: Option<String>,
    /// A JSON object: status, figures, rate and time left.
    data: Option<String>,
}

/// How far a campaign has come, as server-sent events `campaign.progress`: one at once, then one
/// whenever something changed, at most one a second. Ends when the campaign has ended, when the
/// token expires, and when the server stops. A comment every 15 seconds is a sign of life.
#[utoipa::path(
    tag = "campaigns",
    security(("bearer" = [])),
    params(
        ("id" = i64, Path, description = "The campaign"),
        (
            "Last-Event-ID" = Option<String>, Header,
            description = "The last event seen; whatever it is, the present state comes first"
        ),
    ),
    responses(
        (
            status = 200, description = "Events until the campaign has ended",
            body = ProgressEvent, content_type = "text/event-stream"
        ),
        Problems
    ),
)]
#[get("/campaigns/{id}/events")]
pub(super) async fn campaign_events(
    _user: Allowed<CampaignsRead>,
    id: Id<CampaignId>,
    token: BearerToken,
    crm: Data<Crm>,
    streams: Data<Streams>,
) -> Result<HttpResponse, ApiError> {
    let watch = Watch::begin(&streams, &crm, token.0, id.0).await?;
    Ok(event_stream(events(watch, written)))
}
