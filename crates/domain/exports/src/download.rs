use crate::{DownloadLink, Export, ExportError, ExportStatus, Exports, OpenFile};
use crm_kernel::{Actor, AuditEntry, UserId};
use tracing::instrument;

/// A link with its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedLink {
    /// What it says.
    pub link: DownloadLink,
    /// That we say so.
    pub signature: String,
}

/// A file on its way to whoever has the link.
pub struct Download {
    /// What was asked for.
    pub export: Export,
    /// Its bytes.
    pub file: OpenFile,
}

impl Exports {
    /// A link to a finished file, for this user; it dies with the file.
    #[must_use]
    pub fn link_to(&self, export: &Export, holder: UserId) -> Option<SignedLink> {
        let now = self.ports.clock.now();
        if export.status != ExportStatus::Completed || export.is_over(now) {
            return None;
        }
        let link = DownloadLink {
            export: export.id,
            holder,
            // A link to a report of the calendar is shorter-lived than its file.
            expires: export.expires_at?.min(now + self.kept_for).timestamp(),
        };
        Some(SignedLink {
            link,
            signature: self.ports.links.sign(link),
        })
    }

    /// The file of a link, as a stream. Each download is written down.
    ///
    /// # Errors
    /// `link_forged` when we did not sign it, `link_expired` when its time is over, its
    /// holder may not have it any more, or the file is gone, or the store's.
    #[instrument(name = "exports.download", skip_all, fields(export.id = %link.export))]
    pub async fn download(
        &self,
        link: DownloadLink,
        signature: &str,
    ) -> Result<Download, ExportError> {
        if !self.ports.links.is_ours(link, signature) {
            return Err(ExportError::LinkForged);
        }
        let now = self.ports.clock.now();
        if link.expires <= now.timestamp() {
            return Err(ExportError::LinkExpired);
        }
        let export = self.ports.queries.get(link.export).await?;
        let export = export
            .filter(|export| export.status == ExportStatus::Completed && !export.is_over(now))
            .ok_or(ExportError::LinkExpired)?;
        let name = export.file.as_deref().unwrap_or_default();
        let Some(file) = self.ports.files.open(name).await? else {
            tracing::error!("the file of a finished export is missing");
            return Err(ExportError::LinkExpired);
        };
        let mut tx = self.ports.store.begin().await?;
        // Whoever is let go, or does something else now, takes nothing away any more.
        let rights = tx.exports().rights_of(link.holder).await?;
        if !rights.allow(&export.new) {
            return Err(ExportError::LinkExpired);
        }
        let actor = Actor::User { id: link.holder };
        let entry = AuditEntry::new(&actor, now, "export.downloaded", "export", export.id.get())
            .with("report_type", export.new.report.as_str())
            .with("format", export.new.format.as_str())
            .with("rows", export.rows_done);
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(Download { export, file })
    }
}
