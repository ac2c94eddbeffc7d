use super::{PmsSync, PmsSyncError, RunSync};
use crm_kernel::{Actor, AuditEntry};
use crm_members::{NewSyncRun, PmsKind, SyncFile, SyncMode, SyncRun};
use tracing::instrument;

impl PmsSync {
    /// Asks for a run: what changed, or with `force` everything.
    ///
    /// # Errors
    /// `pms_not_configured`, `sync_running` with the task that is open, or the store's.
    #[instrument(name = "pms.request", skip_all, fields(?actor, ?kind, force))]
    pub async fn request(
        &self,
        actor: &Actor,
        kind: PmsKind,
        force: bool,
    ) -> Result<SyncRun, PmsSyncError> {
        let mode = if force {
            SyncMode::Full
        } else {
            SyncMode::Incremental
        };
        if !self.ports.gateway.is_configured() {
            return Err(PmsSyncError::NotConfigured);
        }
        self.open(actor, kind, mode, None, false).await
    }

    /// Asks for a run over a table that was put aside.
    ///
    /// # Errors
    /// `sync_running` with the task that is open, or the store's.
    #[instrument(name = "pms.start_file", skip_all, fields(?actor, ?kind))]
    pub async fn start_file(
        &self,
        actor: &Actor,
        kind: PmsKind,
        file: SyncFile,
    ) -> Result<SyncRun, PmsSyncError> {
        self.open(actor, kind, SyncMode::File, Some(file), false)
            .await
    }

    /// Writes a run down with its job, unless one of its kind is open.
    pub(super) async fn open(
        &self,
        actor: &Actor,
        kind: PmsKind,
        mode: SyncMode,
        file: Option<SyncFile>,
        stays_next: bool,
    ) -> Result<SyncRun, PmsSyncError> {
        let now = self.ports.clock.now();
        let mut tx = self.ports.store.begin().await?;
        let mut mark = tx.pms().mark(kind).await?;
        if let Some(run) = mark.open_run {
            return Err(PmsSyncError::Running { run });
        }
        let new = NewSyncRun {
            kind,
            mode,
            file,
            requested_by: actor.user_id(),
            created_at: now,
        };
        let id = tx.pms().insert_run(&new).await?;
        mark.open_run = Some(id);
        tx.pms().update_mark(&mark).await?;
        let job = RunSync {
            run_id: id,
            stays_next,
        };
        tx.outbox().enqueue(&job, now).await?;
        // The clock's hourly runs are in the list of runs; the audit log is about people.
        if actor.user_id().is_some() {
            let entry = AuditEntry::new(actor, now, "pms.sync_requested", "sync_run", id.get())
                .with("kind", kind.as_str())
                .with("mode", mode.as_str());
            tx.audit().record(entry).await?;
        }
        let run = tx.pms().run(id).await?.ok_or(PmsSyncError::NotFound)?;
        tx.commit().await?;
        Ok(run)
    }
}
