use crate::http::answer::{ApiResult, Envelope, PageOf, accepted, success};
use crate::http::extract::{Allowed, FromQuery, Id, Paging, PmsManage, Query, QueryReader, Valid};
use crate::http::problem::Problems;
use crate::http::wire::{Day, SyncMode, SyncStatus, SyncType};
use actix_web::web::Data;
use actix_web::{get, post};
use chrono::{DateTime, Utc};
use crm_bootstrap::Crm;
use crm_kernel::SyncRunId;
use crm_members::{SyncFault, SyncRun};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What to take over.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"sync_type": "members", "force": false}))]
pub(crate) struct StartSync {
    sync_type: SyncType,
    /// Everything, and not only what changed since the last run.
    #[serde(default)]
    force: bool,
}

/// A run and how far it has come.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "task_id": "42", "sync_type": "members", "mode": "incremental", "status": "completed",
    "synced_count": 256, "failed_count": 2, "created_count": 12, "updated_count": 40,
    "unchanged_count": 204, "review_count": 3, "ignored_count": 1, "processed_rows": 262,
    "total_rows": null, "pages": 2, "since": "2025-10-08T08:45:00Z",
    "until": "2025-10-08T10:00:00Z", "business_date": "2025-10-08", "reason": null,
    "message": null, "file_name": null, "dry_run": false, "requested_by": 1,
    "created_at": "2025-10-08T10:00:00Z", "started_at": "2025-10-08T10:00:00Z",
    "completed_at": "2025-10-08T10:05:00Z"
}))]
pub(crate) struct SyncTask {
    task_id: String,
    sync_type: SyncType,
    mode: SyncMode,
    status: SyncStatus,
    /// Rows created, changed or confirmed.
    synced_count: u64,
    /// Bad rows; see the errors.
    failed_count: u64,
    created_count: u64,
    updated_count: u64,
    /// Rows that said what was known already, or were older than what was.
    unchanged_count: u64,
    /// Rows that wait for a person.
    review_count: u64,
    /// Rows passed over: no persons, ignored for good, erased.
    ignored_count: u64,
    /// Rows read so far.
    processed_rows: u64,
    /// Rows there are; told of files only.
    total_rows: Option<u64>,
    pages: u64,
    /// The beginning of the window; null is everything.
    since: Option<DateTime<Utc>>,
    /// Its end, by the clock of the hotel's own system.
    until: Option<DateTime<Utc>>,
    /// The day that the hotel's own system had.
    business_date: Option<Day>,
    /// Why it failed.
    reason: Option<String>,
    /// More about it, for people.
    message: Option<String>,
    file_name: Option<String>,
    /// Whether members and stays stay as they are.
    dry_run: bool,
    /// The user; null is the clock.
    requested_by: Option<i64>,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    /// When it was completed or failed.
    completed_at: Option<DateTime<Utc>>,
}

impl From<SyncRun> for SyncTask {
    fn from(run: SyncRun) -> Self {
        let counts = run.counts;
        let file = run.new.file;
        Self {
            task_id: run.id.to_string(),
            sync_type: run.new.kind.into(),
            mode: run.new.mode.into(),
            status: run.status.into(),
            synced_count: counts.synced(),
            failed_count: counts.failed,
            created_count: counts.created,
            updated_count: counts.updated,
            unchanged_count: counts.unchanged,
            review_count: counts.review,
            ignored_count: counts.ignored,
            processed_rows: counts.rows(),
            total_rows: file.as_ref().map(|file| file.total_rows),
            pages: run.pages,
            since: run.since,
            until: run.until,
            business_date: run.business_date.map(Day),
            reason: run.reason,
            message: run.message,
            dry_run: file.as_ref().is_some_and(|file| file.dry_run),
            file_name: file.map(|file| file.name),
            requested_by: run.new.requested_by.map(crm_kernel::UserId::get),
            created_at: run.new.created_at,
            started_at: run.started_at,
            completed_at: run.finished_at,
        }
    }
}

/// What is wrong with a row, or with one field of it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "row": 17, "key": "HFD000000000006693", "field": "birth_dat", "reason": "is no date",
    "is_warning": true
}))]
pub(crate) struct SyncError {
    /// Its place in the run, from 1; of a file its number as a spreadsheet shows it.
    row: u64,
    /// By what the hotel's own system finds it: guest or order number.
    key: String,
    field: String,
    reason: String,
    /// Whether only the field was dropped, and the row lives.
    is_warning: bool,
}

impl From<SyncFault> for SyncError {
    fn from(fault: SyncFault) -> Self {
        Self {
            row: fault.row,
            key: fault.key,
            field: fault.field,
            reason: fault.reason,
            is_warning: fault.is_warning,
        }
    }
}

/// Which runs.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListSyncs {
    /// What they take over
    #[param(inline)]
    sync_type: Option<SyncType>,
    /// How far they have come
    #[param(inline)]
    status: Option<SyncStatus>,
}

impl FromQuery for ListSyncs {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            sync_type: query.word("sync_type"),
            status: query.word("status"),
        }
    }
}

/// Take over what the hotel's own system says, in the background.
///
/// Of a type only one run is open at a time: a second request is answered 409 `sync_running` with
/// the open one's `task_id` in `details`.
#[utoipa::path(
    tag = "pms",
    security(("bearer" = [])),
    request_body = StartSync,
    responses((status = 202, description = "It will be taken over", body = Envelope<SyncTask>), Problems),
)]
#[post("/pms/sync")]
pub(super) async fn start_sync(
    user: Allowed<PmsManage>,
    body: Valid<StartSync>,
    crm: Data<Crm>,
) -> ApiResult<SyncTask> {
    let StartSync { sync_type, force } = body.0;
    let run = crm
        .pms
        .request(&user.actor(), sync_type.into(), force)
        .await?;
    Ok(accepted(run.into()))
}

/// How far a run has come.
#[utoipa::path(
    tag = "pms",
    security(("bearer" = [])),
    params(("task_id" = String, Path, description = "The task")),
    responses((status = 200, description = "The run", body = Envelope<SyncTask>), Problems),
)]
#[get("/pms/sync-status/{task_id}")]
pub(super) async fn sync_status(
    _user: Allowed<PmsManage>,
    id: Id<SyncRunId>,
    crm: Data<Crm>,
) -> ApiResult<SyncTask> {
    Ok(success(crm.pms.status(id.0).await?.into()))
}

/// The runs there were, the newest first.
#[utoipa::path(
    tag = "pms",
    security(("bearer" = [])),
    params(ListSyncs, Paging),
    responses((status = 200, description = "A page", body = Envelope<PageOf<SyncTask>>), Problems),
)]
#[get("/pms/syncs")]
pub(super) async fn list_syncs(
    _user: Allowed<PmsManage>,
    query: Query<ListSyncs>,
    paging: Query<Paging>,
    crm: Data<Crm>,
) -> ApiResult<PageOf<SyncTask>> {
    let (kind, status) = (query.0.sync_type, query.0.status);
    let page = crm
        .pms
        .runs(kind.map(Into::into), status.map(Into::into), paging.0.0)
        .await?;
    Ok(success(PageOf::of(page, SyncTask::from)))
}

/// What is wrong with the rows of a run, in their order; of very many the first ones.
#[utoipa::path(
    tag = "pms",
    security(("bearer" = [])),
    params(("task_id" = String, Path, description = "The task"), Paging),
    responses((status = 200, description = "A page", body = Envelope<PageOf<SyncError>>), Problems),
)]
#[get("/pms/syncs/{task_id}/errors")]
pub(super) async fn list_sync_errors(
    _user: Allowed<PmsManage>,
    id: Id<SyncRunId>,
    paging: Query<Paging>,
    crm: Data<Crm>,
) -> ApiResult<PageOf<SyncError>> {
    let page = crm.pms.faults(id.0, paging.0.0).await?;
    Ok(success(PageOf::of(page, SyncError::from)))
}
