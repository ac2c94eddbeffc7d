use super::{PmsSync, PmsSyncError, RunSync};
use chrono::TimeDelta;
use crm_kernel::Actor;
use crm_members::{PmsKind, SyncMark, SyncMode};
use tracing::instrument;

/// How long bad rows are listed after their run. The same row is told again whenever it changes.
const KEPT: TimeDelta = TimeDelta::days(90);
/// Runs whose bad rows are forgotten at a time: at most a thousand each.
const AT_ONCE: u32 = 20;

impl PmsSync {
    /// What is due every hour: guests, and once they are through, stays.
    ///
    /// # Errors
    /// The store's.
    #[instrument(name = "pms.begin_syncs", skip_all)]
    pub async fn begin_syncs(&self) -> Result<(), PmsSyncError> {
        if !self.ports.gateway.is_configured() {
            return Ok(());
        }
        let system = Actor::System;
        let kind = PmsKind::Members;
        match self
            .open(&system, kind, SyncMode::Incremental, None, true)
            .await
        {
            // Somebody takes guests over right now, by hand or from a file; stays need not wait.
            Err(PmsSyncError::Running { .. }) if self.knows_guests().await? => {
                self.begin_stays(SyncMode::Incremental).await
            }
            Err(PmsSyncError::Running { .. }) => Ok(()),
            Err(error) => Err(error),
            Ok(_) => Ok(()),
        }
    }

    /// What is due every night: the stays that arrive about now. Nothing before guests were taken
    /// over once: stays would be matched by the little that their own rows say.
    ///
    /// # Errors
    /// `sync_running` while another run of stays is under way: later is fine. Or the store's.
    #[instrument(name = "pms.sweep_stays", skip_all)]
    pub async fn sweep_stays(&self) -> Result<(), PmsSyncError> {
        if !self.ports.gateway.is_configured() {
            return Ok(());
        }
        if !self.knows_guests().await? {
            return Ok(());
        }
        let kind = PmsKind::ConsumptionRecords;
        self.open(&Actor::System, kind, SyncMode::Sweep, None, false)
            .await?;
        Ok(())
    }

    /// Stays, unless somebody takes them over already.
    pub(super) async fn begin_stays(&self, mode: SyncMode) -> Result<(), PmsSyncError> {
        let kind = PmsKind::ConsumptionRecords;
        match self.open(&Actor::System, kind, mode, None, false).await {
            Ok(_) | Err(PmsSyncError::Running { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether guests were taken over once.
    async fn knows_guests(&self) -> Result<bool, PmsSyncError> {
        let marks = self.ports.queries.marks().await?;
        let knows = |mark: &SyncMark| mark.kind == PmsKind::Members && mark.until.is_some();
        Ok(marks.iter().any(knows))
    }

    /// Gives open runs a job again: should theirs have been lost, nobody else would go on, and no
    /// other of their kind could begin. A job too many finds that another goes on, and ends. Bad
    /// rows of runs long past are forgotten meanwhile.
    ///
    /// # Errors
    /// The store's.
    pub async fn rescue(&self) -> Result<(), PmsSyncError> {
        for mark in self.ports.queries.marks().await? {
            let Some(run_id) = mark.open_run else {
                continue;
            };
            let mut tx = self.ports.store.begin().await?;
            let job = RunSync {
                run_id,
                stays_next: mark.kind == PmsKind::Members && self.knows_guests().await?,
            };
            tx.outbox().enqueue(&job, self.ports.clock.now()).await?;
            tx.commit().await?;
        }
        let before = self.ports.clock.now() - KEPT;
        let mut tx = self.ports.store.begin().await?;
        if tx.pms().forget_faults_before(before, AT_ONCE).await? > 0 {
            tx.commit().await?;
        }
        Ok(())
    }
}
