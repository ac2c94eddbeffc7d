use crate::http::answer::{ApiResult, Envelope, success};
use crate::http::extract::{Allowed, PmsManage};
use crate::http::problem::Problems;
use crate::http::wire::SyncType;
use actix_web::get;
use actix_web::web::Data;
use chrono::{DateTime, Utc};
use crm_bootstrap::Crm;
use crm_members::SyncMark;
use crm_workflows::PmsOverview;
use serde::Serialize;
use utoipa::ToSchema;

/// How it stands with the hotel's own system.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "configured": true,
    "sync_types": [{
        "sync_type": "members", "last_completed_at": "2025-10-08T07:00:11Z",
        "synced_until": "2025-10-08T07:00:00Z", "running_task_id": null, "failed_in_row": 3,
        "alert": true, "alert_message": "the last 3 runs failed; see their reasons"
    }],
    "open_reviews": 4
}))]
pub(crate) struct PmsStatus {
    /// Whether there is a system to ask.
    configured: bool,
    sync_types: Vec<SyncStanding>,
    /// Rows of which a person must say whose they are.
    open_reviews: u64,
}

/// Where a type stands, over all its runs.
#[derive(Serialize, ToSchema)]
pub(crate) struct SyncStanding {
    sync_type: SyncType,
    last_completed_at: Option<DateTime<Utc>>,
    /// Up to when every change was taken over, by the clock of the hotel's own system.
    synced_until: Option<DateTime<Utc>>,
    running_task_id: Option<String>,
    /// Runs in a row that failed.
    failed_in_row: u64,
    /// Whether somebody should look after it: three runs in a row failed.
    alert: bool,
    /// The same in words.
    alert_message: Option<String>,
}

impl From<SyncMark> for SyncStanding {
    fn from(mark: SyncMark) -> Self {
        let alert = mark.is_alarming();
        let failed = mark.failed_in_row;
        Self {
            sync_type: mark.kind.into(),
            last_completed_at: mark.completed_at,
            synced_until: mark.until,
            running_task_id: mark.open_run.map(|id| id.to_string()),
            failed_in_row: failed,
            alert,
            alert_message: alert
                .then(|| format!("the last {failed} runs failed; see their reasons")),
        }
    }
}

impl From<PmsOverview> for PmsStatus {
    fn from(overview: PmsOverview) -> Self {
        Self {
            configured: overview.is_configured,
            sync_types: overview.marks.into_iter().map(Into::into).collect(),
            open_reviews: overview.open_reviews,
        }
    }
}

/// Whether the hotel's own system can be asked, and how its runs fare.
#[utoipa::path(
    tag = "pms",
    security(("bearer" = [])),
    responses((status = 200, description = "How it stands", body = Envelope<PmsStatus>), Problems),
)]
#[get("/pms/status")]
pub(super) async fn pms_status(_user: Allowed<PmsManage>, crm: Data<Crm>) -> ApiResult<PmsStatus> {
    Ok(success(crm.pms.overview().await?.into()))
}
