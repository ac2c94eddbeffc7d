use crate::{
    About, Export, ExportError, ExportFormat, Exports, ExportsTx, MakeExport, NewExport,
    ReportType, Viewer,
};
use chrono::NaiveDate;
use crm_kernel::{Actor, AuditEntry, CampaignId, ExportId, Page, PageRequest};
use tracing::instrument;

/// A file as somebody asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestExport {
    /// What it is to tell.
    pub report: ReportType,
    /// Its form.
    pub format: ExportFormat,
    /// The first and the last day, as far as they were said.
    pub days: (Option<NaiveDate>, Option<NaiveDate>),
    /// The campaign.
    pub campaign: Option<CampaignId>,
    /// Whether who asks may know identity numbers; they are masked all the same.
    pub shows_id_numbers: bool,
}

impl Exports {
    /// Files of one user that may wait at a time.
    pub const MOST_WAITING: u64 = 10;

    /// Asks for a file, which is made in the background.
    ///
    /// # Errors
    /// `export_invalid` naming each field, `too_many_exports`, or the store's.
    #[instrument(name = "exports.request", skip_all, fields(?viewer, report = request.report.as_str()))]
    pub async fn request(
        &self,
        viewer: Viewer,
        request: RequestExport,
    ) -> Result<Export, ExportError> {
        let about = About::asked(request.report, request.days, request.campaign, self.today())
            .map_err(ExportError::Invalid)?;
        if let Some(campaign) = about.campaign
            && self.ports.queries.campaign_title(campaign).await?.is_none()
        {
            return Err(ExportError::invalid("campaign_id", "does not exist"));
        }
        if self.ports.queries.open_of(viewer.user).await? >= Self::MOST_WAITING {
            return Err(ExportError::TooMany);
        }
        let new = NewExport {
            report: request.report,
            format: request.format,
            about,
            shows_id_numbers: request.shows_id_numbers && request.report == ReportType::Members,
            requested_by: Some(viewer.user),
            is_scheduled: false,
            created_at: self.ports.clock.now(),
        };
        let mut tx = self.ports.store.begin().await?;
        let id = open_in(&mut *tx, &viewer.actor(), &new).await?;
        let export = tx.exports().find(id).await?;
        tx.commit().await?;
        export.ok_or(ExportError::NotFound)
    }

    /// One file, as far as they may see it.
    ///
    /// # Errors
    /// `export_not_found`, or the store's.
    pub async fn get(&self, viewer: Viewer, id: ExportId) -> Result<Export, ExportError> {
        let export = self.ports.queries.get(id).await?;
        export
            .filter(|export| viewer.sees(export.new.requested_by))
            .ok_or(ExportError::NotFound)
    }

    /// A page of files, the newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(
        &self,
        viewer: Viewer,
        page: PageRequest,
    ) -> Result<Page<Export>, ExportError> {
        Ok(self.ports.queries.list(viewer.only(), page).await?)
    }

    /// Forgets a file and takes it away; one that is being made is not made any further.
    ///
    /// # Errors
    /// `export_not_found`, or the store's.
    #[instrument(name = "exports.delete", skip_all, fields(?viewer, export.id = %id))]
    pub async fn delete(&self, viewer: Viewer, id: ExportId) -> Result<(), ExportError> {
        let mut tx = self.ports.store.begin().await?;
        let export = tx.exports().find(id).await?;
        let export = export
            .filter(|export| viewer.sees(export.new.requested_by))
            .ok_or(ExportError::NotFound)?;
        tx.exports().delete(id).await?;
        let now = self.ports.clock.now();
        let entry = AuditEntry::new(&viewer.actor(), now, "export.deleted", "export", id.get())
            .with("report_type", export.new.report.as_str())
            .with("status", export.status.as_str());
        tx.audit().record(entry).await?;
        tx.commit().await?;
        if let Some(file) = export.file {
            self.take_away(&file).await;
        }
        Ok(())
    }

    /// Takes away a file that nobody names any more. What stays now is swept later.
    pub async fn take_away(&self, file: &str) {
        if let Err(error) = self.ports.files.remove(file).await {
            tracing::warn!(%error, "a file that nobody names is still there");
        }
    }
}

/// Writes a file down with its job.
pub(crate) async fn open_in(
    tx: &mut dyn ExportsTx,
    actor: &Actor,
    new: &NewExport,
) -> Result<ExportId, ExportError> {
    let now = new.created_at;
    let id = tx.exports().insert(new).await?;
    tx.outbox()
        .enqueue(&MakeExport { export_id: id }, now)
        .await?;
    let mut entry = AuditEntry::new(actor, now, "export.created", "export", id.get())
        .with("report_type", new.report.as_str())
        .with("format", new.format.as_str());
    if let Some((first, last)) = new.about.days {
        entry = entry
            .with("start_date", first.to_string())
            .with("end_date", last.to_string());
    }
    if let Some(campaign) = new.about.campaign {
        entry = entry.with("campaign_id", campaign.get());
    }
    tx.audit().record(entry).await?;
    Ok(id)
}
