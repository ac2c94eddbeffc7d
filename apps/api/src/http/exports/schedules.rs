use super::viewer;
use crate::http::answer::{ApiResult, EmptyEnvelope, Envelope, PageOf, created, done, success};
use crate::http::extract::{Allowed, ExportsCreate, Id, Paging, Query, Valid};
use crate::http::problem::{ApiError, Problems};
use crate::http::wire::{ExportFormat, Frequency, ReportType, patch, required};
use actix_web::web::Data;
use actix_web::{delete, get, post, put};
use chrono::{DateTime, Utc};
use crm_bootstrap::Crm;
use crm_exports::{ScheduleDraft, UpdateSchedule};
use crm_kernel::{ExportId, Patch, ReportScheduleId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A report to be made by the calendar.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "report_type": "overview", "format": "pdf", "frequency": "weekly", "weekday": 1, "hour": 8
}))]
pub(crate) struct CreateReportSchedule {
    /// Not `campaign_recipients`.
    report_type: ReportType,
    format: ExportFormat,
    /// `weekly` is about the seven days before, `monthly` about the month before.
    frequency: Frequency,
    /// 1 (Monday) to 7; of a weekly report.
    weekday: Option<u32>,
    /// 1 to 28; of a monthly report.
    day: Option<u32>,
    /// 0 to 23, by the hotel's clock.
    hour: u32,
    /// Whether it is made at present; yes, when not said.
    is_active: Option<bool>,
}

impl From<CreateReportSchedule> for ScheduleDraft {
    fn from(body: CreateReportSchedule) -> Self {
        Self {
            report: body.report_type.into(),
            format: body.format.into(),
            frequency: body.frequency.into(),
            weekday: body.weekday,
            day: body.day,
            hour: body.hour,
            is_active: body.is_active.unwrap_or(true),
        }
    }
}

/// Changes to such a report: absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"hour": 9, "is_active": false}))]
pub(crate) struct UpdateReportSchedule {
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<ReportType>)]
    report_type: Patch<ReportType>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<ExportFormat>)]
    format: Patch<ExportFormat>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<Frequency>)]
    frequency: Patch<Frequency>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<u32>)]
    weekday: Patch<u32>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<u32>)]
    day: Patch<u32>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<u32>)]
    hour: Patch<u32>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<bool>)]
    is_active: Patch<bool>,
}

impl TryFrom<UpdateReportSchedule> for UpdateSchedule {
    type Error = ApiError;

    fn try_from(body: UpdateReportSchedule) -> Result<Self, ApiError> {
        Ok(Self {
            report: required("report_type", body.report_type)?.map(Into::into),
            format: required("format", body.format)?.map(Into::into),
            frequency: required("frequency", body.frequency)?.map(Into::into),
            weekday: body.weekday,
            day: body.day,
            hour: required("hour", body.hour)?,
            is_active: required("is_active", body.is_active)?,
        })
    }
}

/// A report that is made by the calendar.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 3, "report_type": "overview", "format": "pdf", "frequency": "weekly", "weekday": 1,
    "day": null, "hour": 8, "is_active": true, "next_run_at": "2025-10-13T00:00:00Z",
    "last_run_at": "2025-10-06T00:00:00Z", "last_export_id": 42, "created_by": 1,
    "created_at": "2025-10-01T03:00:00Z", "updated_at": null
}))]
pub(crate) struct ReportSchedule {
    id: i64,
    report_type: ReportType,
    format: ExportFormat,
    frequency: Frequency,
    weekday: Option<u32>,
    day: Option<u32>,
    hour: u32,
    is_active: bool,
    /// The next time; null while it is not made.
    next_run_at: Option<DateTime<Utc>>,
    /// The last time that came.
    last_run_at: Option<DateTime<Utc>>,
    /// The export of that time.
    last_export_id: Option<i64>,
    /// Whose exports they are.
    created_by: Option<i64>,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

impl From<crm_exports::ReportSchedule> for ReportSchedule {
    fn from(schedule: crm_exports::ReportSchedule) -> Self {
        let new = schedule.new;
        let draft = ScheduleDraft::from(&new);
        Self {
            id: schedule.id.get(),
            report_type: new.report.into(),
            format: new.format.into(),
            frequency: draft.frequency.into(),
            weekday: draft.weekday,
            day: draft.day,
            hour: draft.hour,
            is_active: new.is_active,
            next_run_at: new.next_at,
            last_run_at: schedule.last_at,
            last_export_id: schedule.last_export.map(ExportId::get),
            created_by: new.created_by.map(UserId::get),
            created_at: new.created_at,
            updated_at: schedule.updated_at,
        }
    }
}

/// The reports that are made by the calendar, the newest first: one's own, and to admins
/// everybody's.
#[utoipa::path(
    tag = "exports",
    security(("bearer" = [])),
    params(Paging),
    responses((status = 200, description = "A page", body = Envelope<PageOf<ReportSchedule>>), Problems),
)]
#[get("/report-schedules")]
pub(super) async fn list_report_schedules(
    user: Allowed<ExportsCreate>,
    paging: Query<Paging>,
    crm: Data<Crm>,
) -> ApiResult<PageOf<ReportSchedule>> {
    let page = crm.exports.schedules(viewer(&user), paging.0.0).await?;
    Ok(success(PageOf::of(page, ReportSchedule::from)))
}

/// Have a report made by the calendar. Each is in the list of exports when its time has come; none
/// of them has identity numbers, not even masked.
#[utoipa::path(
    tag = "exports",
    security(("bearer" = [])),
    request_body = CreateReportSchedule,
    responses((status = 201, description = "Created", body = Envelope<ReportSchedule>), Problems),
)]
#[post("/report-schedules")]
pub(super) async fn create_report_schedule(
    user: Allowed<ExportsCreate>,
    body: Valid<CreateReportSchedule>,
    crm: Data<Crm>,
) -> ApiResult<ReportSchedule> {
    let draft = body.0.into();
    let schedule = crm.exports.create_schedule(viewer(&user), draft).await?;
    let location = format!("/api/v1/report-schedules/{}", schedule.id);
    Ok(created(location, schedule.into()))
}

/// Change when or how a report is made; absent fields stay. Another frequency needs its day.
#[utoipa::path(
    tag = "exports",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The schedule")),
    request_body = UpdateReportSchedule,
    responses((status = 200, description = "Changed", body = Envelope<ReportSchedule>), Problems),
)]
#[put("/report-schedules/{id}")]
pub(super) async fn update_report_schedule(
    user: Allowed<ExportsCreate>,
    id: Id<ReportScheduleId>,
    body: Valid<UpdateReportSchedule>,
    crm: Data<Crm>,
) -> ApiResult<ReportSchedule> {
    let (viewer, changes) = (viewer(&user), body.0.try_into()?);
    let schedule = crm.exports.update_schedule(viewer, id.0, changes).await?;
    Ok(success(schedule.into()))
}

/// Have a report made no more; exports that were made stay.
#[utoipa::path(
    tag = "exports",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The schedule")),
    responses((status = 200, description = "Deleted", body = EmptyEnvelope), Problems),
)]
#[delete("/report-schedules/{id}")]
pub(super) async fn delete_report_schedule(
    user: Allowed<ExportsCreate>,
    id: Id<ReportScheduleId>,
    crm: Data<Crm>,
) -> ApiResult<()> {
    crm.exports.delete_schedule(viewer(&user), id.0).await?;
    Ok(done())
}
