use super::NewImport;
use crate::jobs::ImportMembers;
use crate::{MemberError, Members};
use crm_kernel::{Actor, AuditEntry, ImportId};
use tracing::instrument;

/// Longest name of a file that is kept.
const FILE_NAME_CHARS: usize = 200;

/// A file that was put aside to be read in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartImport {
    /// What staff call it; cut to 200 characters.
    pub file_name: String,
    /// Whether to only see what would happen.
    pub dry_run: bool,
    /// By what [`crate::ImportFiles`] finds it; at most 200 characters.
    pub file_path: String,
    /// Its rows, as far as known.
    pub total_rows: u64,
}

impl Members {
    /// Writes an import down, to be run as a job.
    ///
    /// # Errors
    /// The store's.
    #[instrument(name = "members.start_import", skip_all, fields(?actor, import.id))]
    pub async fn start_import(
        &self,
        actor: &Actor,
        command: StartImport,
    ) -> Result<ImportId, MemberError> {
        let now = self.clock.now();
        let printable = command.file_name.chars().filter(|c| !c.is_control());
        let new = NewImport {
            dry_run: command.dry_run,
            file_path: command.file_path,
            file_name: printable.take(FILE_NAME_CHARS).collect(),
            total_rows: command.total_rows,
            created_by: actor.user_id(),
            created_at: now,
        };
        let mut tx = self.store.begin().await?;
        let id = tx.imports().insert(&new).await?;
        let job = ImportMembers { import_id: id };
        tx.outbox().enqueue(&job, now).await?;
        let entry = AuditEntry::new(actor, now, "members.imported", "import", id.get())
            .with("file_name", new.file_name)
            .with("dry_run", new.dry_run)
            .with("total_rows", new.total_rows);
        tx.audit().record(entry).await?;
        tx.commit().await?;
        tracing::Span::current().record("import.id", id.get());
        Ok(id)
    }
}
