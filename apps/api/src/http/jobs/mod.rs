//! Background work that failed for good, for operators.

use super::answer::{ApiResult, EmptyEnvelope, Envelope, PageOf, done, success};
use super::extract::{Allowed, FromQuery, Id, JobsManage, Paging, Query, QueryReader};
use super::problem::{ApiError, Problems};
use super::wire::Word;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{get, post};
use chrono::{DateTime, Utc};
use crm_bootstrap::Crm;
use crm_kernel::{JobId, Page};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

/// Dead jobs looked at; whoever has more has another problem than paging.
const MOST: u32 = 10_000;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_jobs).service(retry_job);
}

/// The only state in which jobs are listed.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum JobStatus {
    /// Given up after its last attempt.
    Dead,
}

impl Word for JobStatus {
    const WORDS: &'static [&'static str] = &["dead"];

    fn from_word(text: &str) -> Option<Self> {
        (text == "dead").then_some(Self::Dead)
    }
}

/// Which jobs.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListJobs {
    /// Only dead jobs are listed
    #[param(inline)]
    status: Option<JobStatus>,
    /// What they do
    #[param(example = "campaigns.send")]
    kind: Option<String>,
}

impl FromQuery for ListJobs {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            status: query.word("status"),
            kind: query.text("kind"),
        }
    }
}

/// A job that was given up.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 7, "kind": "campaigns.send", "lane": "sending", "status": "dead", "attempts": 5,
    "last_error": "storage is unavailable", "run_at": "2026-10-08T10:30:00Z"
}))]
pub(crate) struct Job {
    id: i64,
    /// What it does.
    kind: String,
    lane: String,
    status: JobStatus,
    attempts: i32,
    last_error: Option<String>,
    /// When it was due.
    run_at: Option<DateTime<Utc>>,
}

/// A page of dead jobs, newest first.
#[utoipa::path(
    tag = "jobs",
    security(("bearer" = [])),
    params(ListJobs, Paging),
    responses((status = 200, description = "A page", body = Envelope<PageOf<Job>>), Problems),
)]
#[get("/jobs")]
async fn list_jobs(
    _user: Allowed<JobsManage>,
    query: Query<ListJobs>,
    paging: Query<Paging>,
    crm: Data<Crm>,
) -> ApiResult<PageOf<Job>> {
    let status = query.0.status.unwrap_or(JobStatus::Dead);
    let mut jobs: Vec<Job> = crm
        .database
        .dead_jobs(MOST)
        .await?
        .into_iter()
        .map(|row| Job {
            id: row.id,
            kind: row.name,
            lane: row.lane,
            status,
            attempts: row.attempts,
            last_error: row.last_error,
            run_at: DateTime::from_timestamp_millis(row.run_at),
        })
        .collect();
    if let Some(kind) = query.0.kind {
        jobs.retain(|job| job.kind == kind);
    }
    let request = paging.0.0;
    let total = jobs.len() as u64;
    let before = usize::try_from(request.offset()).unwrap_or(usize::MAX);
    let size = usize::try_from(request.page_size()).unwrap_or(usize::MAX);
    let page = Page {
        items: jobs.into_iter().skip(before).take(size).collect(),
        total,
        request,
    };
    Ok(success(PageOf::of(page, |job: Job| job)))
}

/// Start a dead job again, with all its attempts.
#[utoipa::path(
    tag = "jobs",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The job")),
    responses((status = 200, description = "Due again", body = EmptyEnvelope), Problems),
)]
#[post("/jobs/{id}/retry")]
async fn retry_job(user: Allowed<JobsManage>, id: Id<JobId>, crm: Data<Crm>) -> ApiResult<()> {
    let now = crm.clock.now();
    if !crm.database.revive_job(&user.actor(), id.0, now).await? {
        return Err(ApiError::new(
            StatusCode::NOT_FOUND,
            "job_not_found",
            "no dead job has this id",
        ));
    }
    Ok(done())
}
