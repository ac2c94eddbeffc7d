use super::columns::Columns;
use super::known::Known;
use super::plan::plan;
use super::{Import, ImportFileError, ImportStatus};
use crate::{MemberError, Members};
use crm_kernel::{ImportId, StoreError};
use tracing::instrument;

/// How often a chunk is tried whose id number somebody else typed in at the same moment.
const RACES: u32 = 5;
/// What an import says that was tried often enough.
const GIVEN_UP: &str = "rows_not_stored";

impl Members {
    /// Runs an import from where it stands to its end; the handler of
    /// [`crate::ImportMembers`]. Safe to repeat, and for two at once: each step is one unit of
    /// work that moves the import's water mark. A rehearsal begins anew each time: what its
    /// rows would have made of members is nowhere but in the run itself. What is wrong with the file makes the import
    /// fail, which is no error here.
    ///
    /// # Errors
    /// `import_not_found`, or the store's and those of files that cannot be reached: then
    /// trying again is right.
    #[instrument(name = "members.run_import", skip_all, fields(import.id = %id))]
    pub async fn run_import(&self, id: ImportId) -> Result<(), MemberError> {
        let import = self.import_as_stored(id).await?;
        let path = import.file_path.clone().unwrap_or_default();
        if import.status.is_open() {
            match self.read_in(&import, &path).await {
                Ok(()) => {}
                Err(Stopped::Failed(reason)) => self.fail_import(id, reason).await?,
                Err(Stopped::Trouble(error)) => return Err(error),
            }
        }
        // Also when it was finished before: the end of the process may have come in between.
        Ok(self.files.remove(&path).await?)
    }

    /// Lets an import fail that cannot be run to its end, and removes its file; one that has
    /// ended stays as it is.
    ///
    /// # Errors
    /// `import_not_found`, or the store's.
    pub async fn give_up_import(&self, id: ImportId) -> Result<(), MemberError> {
        let import = self.import_as_stored(id).await?;
        self.fail_import(id, GIVEN_UP).await?;
        let path = import.file_path.unwrap_or_default();
        Ok(self.files.remove(&path).await?)
    }

    async fn read_in(&self, import: &Import, path: &str) -> Result<(), Stopped> {
        let id = import.id;
        let sheet = self.files.rows(path).await?;
        let columns = Columns::of(&sheet.header).map_err(Stopped::Failed)?;
        let rows = plan(&sheet, &columns, self.hotel.day_of(self.clock.now()));
        if import.dry_run {
            self.rehearse_anew(id).await.map_err(Stopped::Trouble)?;
        }
        let mut rehearsed = Known::default();
        let mut races = 0;
        loop {
            let step = self
                .import_chunk(id, &columns.warnings, &rows, &mut rehearsed)
                .await;
            match step {
                Ok(true) => races = 0,
                Ok(false) => return Ok(()),
                Err(MemberError::Duplicate { .. }) if races < RACES => races += 1,
                Err(error) => return Err(Stopped::Trouble(error)),
            }
        }
    }

    async fn rehearse_anew(&self, id: ImportId) -> Result<(), MemberError> {
        let mut tx = self.store.begin().await?;
        let import = tx.imports().find(id).await?;
        let mut import = import.ok_or(MemberError::ImportNotFound)?;
        if import.status == ImportStatus::Running {
            import.start_over();
            tx.imports().forget_errors(id).await?;
            tx.imports().update(&import).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn import_as_stored(&self, id: ImportId) -> Result<Import, MemberError> {
        let mut tx = self.store.begin().await?;
        let import = tx.imports().find(id).await?;
        import.ok_or(MemberError::ImportNotFound)
    }

    async fn fail_import(&self, id: ImportId, reason: &str) -> Result<(), MemberError> {
        let mut tx = self.store.begin().await?;
        let import = tx.imports().find(id).await?;
        let mut import = import.ok_or(MemberError::ImportNotFound)?;
        // Another runner may have finished it, and removed the file under this one's eyes.
        if import.status.is_open() {
            import.fail(reason, self.clock.now());
            tx.imports().update(&import).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

/// Another runner reads the same rehearsal; what it has read is not known here.
pub(super) fn overtaken() -> MemberError {
    MemberError::Store(StoreError::Busy(
        "another runner rehearses the import".into(),
    ))
}

/// Why a run ends early.
enum Stopped {
    /// The file is at fault.
    Failed(&'static str),
    /// Something else is.
    Trouble(MemberError),
}

impl From<ImportFileError> for Stopped {
    fn from(error: ImportFileError) -> Self {
        error
            .reason()
            .map_or_else(|| Self::Trouble(error.into()), Self::Failed)
    }
}
