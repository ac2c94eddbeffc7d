use crate::name::ROOT;
use crate::{Upload, UploadError, Uploads};
use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::{Actor, AuditEntry, UploadId};
use tracing::instrument;

const TEMP_FOR: TimeDelta = TimeDelta::hours(24);
const UNUSED_FOR: TimeDelta = TimeDelta::days(7);
const FILES_FOR: TimeDelta = TimeDelta::days(1);
const AT_ONCE: u32 = 100;

/// From when on an upload that nothing uses is old enough to go. Those of the category
/// `members` never are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrphanAge {
    /// Those of the category `temp` created before this.
    pub temp_before: DateTime<Utc>,
    /// Those of the category `templates` created before this.
    pub templates_before: DateTime<Utc>,
}

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SweptUploads {
    /// Uploads deleted with their files.
    pub uploads: u64,
    /// Files removed that no row named.
    pub files: u64,
}

impl Uploads {
    /// Most paths that [`crate::UploadQueries::known_paths`] is asked about with one call.
    pub const PATHS_AT_ONCE: usize = 300;

    /// Deletes what nothing ever used: `temp` uploads after a day, those for templates after a
    /// week, and files without a row after a day. What was used once is kept for good, and so
    /// are pictures of guests. Safe to repeat, and to run twice at once.
    ///
    /// # Errors
    /// The store's; what was done until then stays done.
    #[instrument(name = "uploads.sweep", skip_all)]
    pub async fn sweep(&self) -> Result<SweptUploads, UploadError> {
        let now = self.clock.now();
        let uploads = self.sweep_uploads(now).await?;
        let files = self.sweep_files(now).await?;
        tracing::info!(uploads, files, "swept {uploads} uploads and {files} files");
        Ok(SweptUploads { uploads, files })
    }

    async fn sweep_uploads(&self, now: DateTime<Utc>) -> Result<u64, UploadError> {
        let age = OrphanAge {
            temp_before: now - TEMP_FOR,
            templates_before: now - UNUSED_FOR,
        };
        let (mut deleted, mut after): (u64, Option<UploadId>) = (0, None);
        loop {
            let orphans = self.queries.orphans(&age, after, AT_ONCE).await?;
            for orphan in &orphans {
                deleted += u64::from(self.delete_orphan(orphan, now).await?);
            }
            // Goes on behind the last one, so that those which came into use end no sweep.
            match orphans.last() {
                Some(last) => after = Some(last.id()),
                None => return Ok(deleted),
            }
        }
    }

    async fn delete_orphan(
        &self,
        orphan: &Upload,
        now: DateTime<Utc>,
    ) -> Result<bool, UploadError> {
        let mut tx = self.store.begin().await?;
        if !tx.uploads().delete_if_unused(orphan.id()).await? {
            return Ok(false);
        }
        let id = orphan.id().get();
        let entry = AuditEntry::new(&Actor::System, now, "upload.deleted", "upload", id);
        tx.audit()
            .record(entry.gone(orphan.record().facts()))
            .await?;
        tx.commit().await?;
        self.remove_files(orphan.record().paths()).await;
        Ok(true)
    }

    async fn sweep_files(&self, now: DateTime<Utc>) -> Result<u64, UploadError> {
        let old = self.files.list(ROOT, now - FILES_FOR).await?;
        let mut removed = 0;
        for paths in old.chunks(Self::PATHS_AT_ONCE) {
            let known = self.queries.known_paths(paths).await?;
            let unknown = paths.iter().filter(|path| !known.contains(*path));
            removed += self.remove_files(unknown.map(String::as_str)).await;
        }
        Ok(removed)
    }
}
