use super::pages::SyncPage;
use super::{PmsSync, PmsSyncError, RunSync};
use crate::Hold;
use crm_analytics::GradeGuests;
use crm_kernel::SyncRunId;
use crm_members::{PmsError, PmsKind, SyncMode, SyncRun, SyncStatus};
use futures::future::join;
use tracing::instrument;

/// What a run says whose pages could not be stored often enough.
const NOT_STORED: &str = "rows_not_stored";

impl PmsSync {
    /// Goes on with a run from where it stands to its end; the handler of [`RunSync`]. Safe to
    /// repeat, and for two at once. While a page is being stored the next one is fetched. That the
    /// other system fails makes the run fail, which is no error here.
    ///
    /// # Errors
    /// The store's: then trying again is right.
    #[instrument(name = "pms.run", skip_all, fields(run = %job.run_id))]
    pub async fn run(&self, job: &RunSync, hold: &dyn Hold) -> Result<(), PmsSyncError> {
        let run = match self.status(job.run_id).await {
            Err(PmsSyncError::NotFound) => return Ok(()),
            run => run?,
        };
        if !run.status.is_open() {
            // It may have died after the last page.
            return self.go_on_after(job, &run).await;
        }
        let ended = if run.new.mode == SyncMode::File {
            self.run_file(run, hold).await
        } else {
            self.run_pages(run, hold).await
        };
        let run = match ended {
            // Whoever was faster goes on.
            Err(PmsSyncError::Overtaken) => return Ok(()),
            ended => ended?,
        };
        tracing::info!(
            kind = run.new.kind.as_str(),
            mode = run.new.mode.as_str(),
            status = run.status.as_str(),
            reason = run.reason,
            pages = run.pages,
            synced = run.counts.synced(),
            failed = run.counts.failed,
            review = run.counts.review,
            "a run with the hotel's own system has ended"
        );
        self.go_on_after(job, &run).await
    }

    async fn go_on_after(&self, job: &RunSync, run: &SyncRun) -> Result<(), PmsSyncError> {
        let has_changed = run.counts.created + run.counts.updated > 0;
        if run.new.kind == PmsKind::ConsumptionRecords && has_changed {
            let grading = GradeGuests::after_changes(self.ports.clock.now())?;
            let mut tx = self.ports.store.begin().await?;
            tx.outbox().put(grading).await?;
            tx.commit().await?;
        }
        // That every row was bad says nothing about stays.
        let is_read = run.status == SyncStatus::Completed
            || run.reason.as_deref() == Some(SyncRun::ALL_ROWS_BAD);
        if job.stays_next && is_read {
            self.begin_stays(SyncMode::Incremental).await?;
        }
        Ok(())
    }

    /// Lets a run fail whose pages cannot be stored; one that has ended stays as it is.
    ///
    /// # Errors
    /// The store's.
    pub async fn give_up(&self, id: SyncRunId) -> Result<(), PmsSyncError> {
        self.fail(id, |run, now| run.fail(NOT_STORED, None, now))
            .await
            .map(|_| ())
    }

    async fn run_pages(&self, run: SyncRun, hold: &dyn Hold) -> Result<SyncRun, PmsSyncError> {
        let mut run = if run.status == SyncStatus::Pending {
            match self.begin(&run).await? {
                Ok(run) => run,
                Err(error) => return self.fail_for(run.id, &error).await,
            }
        } else {
            run
        };
        let mut ahead: Option<Result<SyncPage, PmsError>> = None;
        loop {
            if !hold.is_valid() {
                return Err(PmsSyncError::Overtaken);
            }
            let fetched = match ahead.take() {
                Some(fetched) => fetched,
                None => self.fetch(&run, run.cursor.clone()).await,
            };
            let page = match fetched {
                Ok(page) => page,
                Err(PmsError::CursorExpired) if run.restarts == 0 && run.cursor.is_some() => {
                    run = self.restart(&run).await?;
                    continue;
                }
                Err(error) => return self.fail_for(run.id, &error).await,
            };
            let next = page.next.clone();
            let fetching = async {
                match next {
                    Some(next) => Some(self.fetch(&run, Some(next)).await),
                    None => None,
                }
            };
            let (stored, fetched) = join(self.store_page(&run, &page), fetching).await;
            run = stored?;
            ahead = fetched;
            if !run.status.is_open() {
                self.tell(&run).await?;
                return Ok(run);
            }
        }
    }

    /// Fixes the window: the other system's present day is asked for, and the mark read.
    async fn begin(&self, run: &SyncRun) -> Result<Result<SyncRun, PmsError>, PmsSyncError> {
        let health = match self.ports.gateway.health().await {
            Ok(health) => health,
            Err(error) => return Ok(Err(error)),
        };
        let now = self.ports.clock.now();
        let mut tx = self.ports.store.begin().await?;
        let mark = tx.pms().mark(run.new.kind).await?;
        let found = tx.pms().run(run.id).await?;
        let mut found = found.ok_or(PmsSyncError::NotFound)?;
        if found.status != SyncStatus::Pending {
            return Err(PmsSyncError::Overtaken);
        }
        found.start(mark.until, self.overlap, health.business_date, now);
        tx.pms().update_run(&found).await?;
        tx.commit().await?;
        Ok(Ok(found))
    }

    /// The window anew, because its cursor is known no more. What was stored stays.
    async fn restart(&self, run: &SyncRun) -> Result<SyncRun, PmsSyncError> {
        let mut tx = self.ports.store.begin().await?;
        let found = tx.pms().run(run.id).await?;
        let mut found = found.ok_or(PmsSyncError::NotFound)?;
        if found.pages != run.pages || found.cursor != run.cursor || !found.restart() {
            return Err(PmsSyncError::Overtaken);
        }
        tx.pms().update_run(&found).await?;
        tx.commit().await?;
        tracing::warn!(run = %run.id, "the window is begun anew: its cursor is known no more");
        Ok(found)
    }

    pub(super) async fn fail_for(
        &self,
        id: SyncRunId,
        error: &PmsError,
    ) -> Result<SyncRun, PmsSyncError> {
        self.fail(id, |run, now| run.fail_for(error, now)).await
    }

    pub(super) async fn fail(
        &self,
        id: SyncRunId,
        why: impl FnOnce(&mut SyncRun, chrono::DateTime<chrono::Utc>) + Send,
    ) -> Result<SyncRun, PmsSyncError> {
        let now = self.ports.clock.now();
        let kind = self.status(id).await?.new.kind;
        let mut tx = self.ports.store.begin().await?;
        let mut mark = tx.pms().mark(kind).await?;
        let found = tx.pms().run(id).await?;
        let mut run = found.ok_or(PmsSyncError::NotFound)?;
        if !run.status.is_open() {
            return Ok(run);
        }
        why(&mut run, now);
        tx.pms().update_run(&run).await?;
        mark.run_ended(&run);
        tx.pms().update_mark(&mark).await?;
        tx.commit().await?;
        self.tell(&run).await?;
        Ok(run)
    }

    /// Raises the alarm when the last runs all failed; the API says the same as long as they do.
    async fn tell(&self, run: &SyncRun) -> Result<(), PmsSyncError> {
        if run.status != SyncStatus::Failed || run.new.mode == SyncMode::File {
            return Ok(());
        }
        let marks = self.ports.queries.marks().await?;
        for mark in marks {
            if mark.kind == run.new.kind && mark.is_alarming() {
                tracing::error!(
                    kind = run.new.kind.as_str(),
                    failed_in_row = mark.failed_in_row,
                    reason = run.reason,
                    "the hotel's own system cannot be read: several runs in a row have failed"
                );
            }
        }
        Ok(())
    }
}
