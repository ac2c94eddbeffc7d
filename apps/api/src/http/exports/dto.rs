use crate::http::wire::{Day, ExportFormat, ExportStatus, ReportType};
use chrono::{DateTime, Utc};
use crm_exports::{Export, SignedLink};
use crm_kernel::{CampaignId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A file to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "report_type": "campaign_performance", "format": "excel",
    "start_date": "2025-09-01", "end_date": "2025-10-01"
}))]
pub(crate) struct CreateExport {
    pub(super) report_type: ReportType,
    pub(super) format: ExportFormat,
    /// First hotel day. Without days: the last 30, of members all. Not for `campaign_recipients`
    /// and `tags`.
    pub(super) start_date: Option<Day>,
    /// Last hotel day, at most 366 days in all.
    pub(super) end_date: Option<Day>,
    /// The campaign; required for `campaign_recipients`, and for nothing else.
    pub(super) campaign_id: Option<i64>,
}

/// A file and how far it has come.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 42, "export_id": 42, "status": "completed", "report_type": "members",
    "format": "excel", "start_date": null, "end_date": null, "campaign_id": null,
    "progress": 100, "rows_done": 12458, "rows_total": 12458,
    "file_name": "members-42.xlsx", "bytes": 1048576,
    "download_url": "https://crm.hotel.com/api/v1/exports/42/download?expires=1759923000&user=1&signature=…",
    "expires_at": "2025-10-08T11:30:00Z", "reason": null, "message": null,
    "requested_by": 1, "is_scheduled": false, "created_at": "2025-10-08T10:29:40Z",
    "started_at": "2025-10-08T10:29:40Z", "finished_at": "2025-10-08T10:30:00Z"
}))]
pub(crate) struct ExportTask {
    id: i64,
    /// The same as `id`.
    export_id: i64,
    status: ExportStatus,
    report_type: ReportType,
    format: ExportFormat,
    start_date: Option<Day>,
    end_date: Option<Day>,
    campaign_id: Option<i64>,
    /// In percent; 100 is a whole file.
    progress: u8,
    /// Rows written so far.
    rows_done: u64,
    /// Rows there will be, about.
    rows_total: u64,
    /// What the file is called where it is saved.
    file_name: String,
    bytes: Option<u64>,
    /// Where it can be downloaded without signing in, until `expires_at`; null while there is no
    /// file.
    download_url: Option<String>,
    /// When file and link are gone; null while there is no file.
    expires_at: Option<DateTime<Utc>>,
    /// Why it failed.
    reason: Option<String>,
    /// The same in words, with what to do about it.
    message: Option<String>,
    /// The user; of a report that the calendar asked for, whoever set it up.
    requested_by: Option<i64>,
    /// Whether the calendar asked for it.
    is_scheduled: bool,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    /// When it was made, or failed.
    finished_at: Option<DateTime<Utc>>,
}

impl ExportTask {
    /// The file with the link for whoever asks.
    pub(super) fn of(export: &Export, link: Option<SignedLink>, base_url: &str) -> Self {
        let id = export.id.get();
        let (reason, message) = export
            .failure
            .as_ref()
            .map(|failure| (failure.reason.clone(), failure.message.clone()))
            .unzip();
        Self {
            id,
            export_id: id,
            status: export.status.into(),
            report_type: export.new.report.into(),
            format: export.new.format.into(),
            start_date: export.new.about.days.map(|(first, _)| Day(first)),
            end_date: export.new.about.days.map(|(_, last)| Day(last)),
            campaign_id: export.new.about.campaign.map(CampaignId::get),
            progress: export.progress(),
            rows_done: export.rows_done,
            rows_total: export.rows_total,
            file_name: export.download_name(),
            bytes: export.bytes,
            download_url: link.map(|link| url(base_url, &link)),
            expires_at: export.expires_at,
            reason,
            message,
            requested_by: export.new.requested_by.map(UserId::get),
            is_scheduled: export.new.is_scheduled,
            created_at: export.new.created_at,
            started_at: export.started_at,
            finished_at: export.finished_at,
        }
    }
}

fn url(base: &str, SignedLink { link, signature }: &SignedLink) -> String {
    format!(
        "{}/api/v1/exports/{}/download?expires={}&user={}&signature={signature}",
        base.trim_end_matches('/'),
        link.export,
        link.expires,
        link.holder
    )
}
