use crate::sql::known;
use chrono::{DateTime, NaiveDate, Utc};
use crm_exports::{
    About, Export, ExportFormat, ExportStatus, Failure, Frequency, NewExport, NewSchedule,
    ReportSchedule, ReportType, Rhythm,
};
use crm_kernel::{CampaignId, ExportId, ReportScheduleId, StoreError, UserId};
use sea_orm::FromQueryResult;

pub(super) const EXPORT: &str = "id, report_type, format, first_day, last_day, campaign_id, \
    shows_id_numbers, is_scheduled, requested_by, status, attempt, rows_done, rows_total, file, \
    bytes, reason, message, created_at, started_at, touched_at, finished_at, expires_at";

pub(super) const SCHEDULE: &str = "id, report_type, format, frequency, day, hour, is_active, \
    created_by, created_at, updated_at, next_at, last_at, last_export_id";

#[derive(FromQueryResult)]
pub(super) struct ExportRow {
    id: i64,
    report_type: String,
    format: String,
    first_day: Option<NaiveDate>,
    last_day: Option<NaiveDate>,
    campaign_id: Option<i64>,
    shows_id_numbers: bool,
    is_scheduled: bool,
    requested_by: Option<i64>,
    status: String,
    attempt: i64,
    rows_done: i64,
    rows_total: i64,
    file: Option<String>,
    bytes: Option<i64>,
    reason: Option<String>,
    message: Option<String>,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    touched_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
}

impl TryFrom<ExportRow> for Export {
    type Error = StoreError;

    fn try_from(row: ExportRow) -> Result<Self, StoreError> {
        let message = row.message;
        Ok(Self {
            id: ExportId::new(row.id),
            new: NewExport {
                report: known(ReportType::parse(&row.report_type), "report")?,
                format: known(ExportFormat::parse(&row.format), "format")?,
                about: About {
                    days: row.first_day.zip(row.last_day),
                    campaign: row.campaign_id.map(CampaignId::new),
                },
                shows_id_numbers: row.shows_id_numbers,
                requested_by: row.requested_by.map(UserId::new),
                is_scheduled: row.is_scheduled,
                created_at: row.created_at,
            },
            status: known(ExportStatus::parse(&row.status), "status of an export")?,
            attempt: u32::try_from(row.attempt).unwrap_or(u32::MAX),
            rows_done: row.rows_done.unsigned_abs(),
            rows_total: row.rows_total.unsigned_abs(),
            file: row.file,
            bytes: row.bytes.map(i64::unsigned_abs),
            failure: row.reason.map(|reason| Failure {
                reason,
                message: message.unwrap_or_default(),
            }),
            started_at: row.started_at,
            touched_at: row.touched_at,
            finished_at: row.finished_at,
            expires_at: row.expires_at,
        })
    }
}

#[derive(FromQueryResult)]
pub(super) struct ScheduleRow {
    id: i64,
    report_type: String,
    format: String,
    frequency: String,
    day: i32,
    hour: i32,
    is_active: bool,
    created_by: Option<i64>,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
    next_at: Option<DateTime<Utc>>,
    last_at: Option<DateTime<Utc>>,
    last_export_id: Option<i64>,
}

impl TryFrom<ScheduleRow> for ReportSchedule {
    type Error = StoreError;

    fn try_from(row: ScheduleRow) -> Result<Self, StoreError> {
        let frequency = known(Frequency::parse(&row.frequency), "frequency")?;
        let rhythm = Rhythm::new(frequency, row.day.unsigned_abs(), row.hour.unsigned_abs());
        Ok(Self {
            id: ReportScheduleId::new(row.id),
            new: NewSchedule {
                report: known(ReportType::parse(&row.report_type), "report")?,
                format: known(ExportFormat::parse(&row.format), "format")?,
                rhythm: known(rhythm.ok(), "rhythm")?,
                is_active: row.is_active,
                created_by: row.created_by.map(UserId::new),
                created_at: row.created_at,
                next_at: row.next_at,
            },
            last_at: row.last_at,
            last_export: row.last_export_id.map(ExportId::new),
            updated_at: row.updated_at,
        })
    }
}

/// A count as the column has it.
pub(super) fn count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
