use super::error::Stop;
use super::{ReportError, Reports};
use crate::Hold;
use chrono::{DateTime, Utc};
use crm_exports::{Export, ExportFormat, ExportsTx, Failure, MakeExport, ReportType};
use crm_kernel::{Actor, AuditEntry, ExportId, LiveEvent, StoreError, Transaction};
use tracing::instrument;

/// Who may hear how far a file has come.
const AUDIENCE: &str = "exports:create";

/// A file that is whole.
pub(super) struct Made {
    /// What it is called in the folder.
    pub(super) name: String,
    /// Its size.
    pub(super) bytes: u64,
    /// Rows in it.
    pub(super) rows: u64,
}

impl Reports {
    /// Makes a file from its start; the handler of [`MakeExport`]. Safe to repeat, and for two at
    /// once. That it cannot be made is no error here: the file says so.
    ///
    /// # Errors
    /// The store's: then trying again is right.
    #[instrument(name = "reports.make", skip_all, fields(export.id = %job.export_id))]
    pub async fn make(&self, job: &MakeExport, hold: &dyn Hold) -> Result<(), ReportError> {
        let Some(export) = self.begin(job.export_id).await? else {
            return Ok(());
        };
        match self.file_of(&export, hold).await {
            Ok(made) => self.complete(&export, made).await,
            Err(Stop::Never(failure)) => self.fail(export.id, failure).await,
            Err(Stop::Lost) => Ok(()),
            Err(Stop::Again(error)) => Err(error),
        }
    }

    /// Lets a file fail that could not be made often enough; one that has ended stays as it is.
    ///
    /// # Errors
    /// The store's.
    pub async fn give_up(&self, id: ExportId) -> Result<(), ReportError> {
        self.fail(id, Failure::interrupted()).await
    }

    async fn begin(&self, id: ExportId) -> Result<Option<Export>, StoreError> {
        let now = self.now();
        let mut tx = self.exports.ports.store.begin().await?;
        let found = tx.exports().find(id).await?;
        let Some(mut export) = found else {
            return Ok(None);
        };
        if !export.begin(now) {
            return Ok(None);
        }
        tx.exports().update(&export).await?;
        tell(&mut *tx, &export, now);
        tx.commit().await?;
        Ok(Some(export))
    }

    async fn file_of(&self, export: &Export, hold: &dyn Hold) -> Result<Made, Stop> {
        let name = format!(
            "{}-{}.{}",
            export.id,
            self.ids.uuid(),
            export.new.format.ending()
        );
        match (export.new.format, export.new.report) {
            (ExportFormat::Pdf, ReportType::Overview | ReportType::CampaignPerformance) => {
                let (paper, rows) = self.paper_of_figures(export).await?;
                self.write_paper(name, paper, rows).await
            }
            (ExportFormat::Pdf, _) => {
                let (paper, rows) = self.paper_of_list(export, hold).await?;
                self.write_paper(name, paper, rows).await
            }
            _ => self.write_sheet(export, name, hold).await,
        }
    }

    /// Names the whole file, unless somebody else has begun anew or nobody wants it any more:
    /// then it goes.
    async fn complete(&self, export: &Export, made: Made) -> Result<(), ReportError> {
        let now = self.now();
        let mut tx = self.exports.ports.store.begin().await?;
        let found = tx.exports().find(export.id).await?;
        let Some(mut found) = found.filter(|found| found.is_made_by(export.attempt)) else {
            drop(tx);
            self.exports.take_away(&made.name).await;
            return Ok(());
        };
        let rows = made.rows;
        found.complete((made.name, made.bytes, rows), now, self.exports.kept_for);
        tx.exports().update(&found).await?;
        let actor = found
            .new
            .requested_by
            .filter(|_| !found.new.is_scheduled)
            .map_or(Actor::System, |id| Actor::User { id });
        let entry = AuditEntry::new(&actor, now, "export.completed", "export", found.id.get())
            .with("report_type", found.new.report.as_str())
            .with("format", found.new.format.as_str())
            .with("rows", rows);
        tx.audit().record(entry).await?;
        tell(&mut *tx, &found, now);
        Transaction::commit(tx).await?;
        tracing::info!(
            report = found.new.report.as_str(),
            format = found.new.format.as_str(),
            rows,
            bytes = made.bytes,
            "an export is made"
        );
        Ok(())
    }

    async fn fail(&self, id: ExportId, failure: Failure) -> Result<(), ReportError> {
        let now = self.now();
        let mut tx = self.exports.ports.store.begin().await?;
        let found = tx.exports().find(id).await?;
        let Some(mut export) = found.filter(|export| export.status.is_open()) else {
            return Ok(());
        };
        tracing::warn!(reason = failure.reason, "an export has failed");
        export.fail(failure, now);
        tx.exports().update(&export).await?;
        tell(&mut *tx, &export, now);
        Transaction::commit(tx).await?;
        Ok(())
    }

    /// Notes how far it has come; answers whether it is still ours and wanted.
    pub(super) async fn note(
        &self,
        export: &Export,
        (done, total): (u64, u64),
    ) -> Result<bool, StoreError> {
        let now = self.now();
        let mut tx = self.exports.ports.store.begin().await?;
        let ours = (export.id, export.attempt);
        let goes_on = tx.exports().progress(ours, (done, total), now).await?;
        if goes_on {
            let mut export = export.clone();
            (export.rows_done, export.rows_total) = (done, total);
            tell(&mut *tx, &export, now);
            Transaction::commit(tx).await?;
        }
        Ok(goes_on)
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.exports.ports.clock.now()
    }
}

fn tell(tx: &mut dyn ExportsTx, export: &Export, now: DateTime<Utc>) {
    let event = LiveEvent::new("export.progress", AUDIENCE, now)
        .with("export_id", export.id.get())
        .with("status", export.status.as_str())
        .with("progress", export.progress());
    tx.live().announce(event);
}
