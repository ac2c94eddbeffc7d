use super::{Import, RowError};
use crate::{MemberError, Members};
use crm_kernel::{ImportId, Page, PageRequest};
use tracing::instrument;

impl Members {
    /// How far an import has come.
    ///
    /// # Errors
    /// `import_not_found`, or the store's.
    #[instrument(name = "members.import", skip_all, fields(import.id = %id))]
    pub async fn import(&self, id: ImportId) -> Result<Import, MemberError> {
        let import = self.queries.import(id).await?;
        import.ok_or(MemberError::ImportNotFound)
    }

    /// A page of the imports, the last begun first.
    ///
    /// # Errors
    /// The store's.
    #[instrument(name = "members.list_imports", skip_all)]
    pub async fn list_imports(&self, page: PageRequest) -> Result<Page<Import>, MemberError> {
        Ok(self.queries.imports(page).await?)
    }

    /// A page of what is wrong with an import's rows, in the order of the file.
    ///
    /// # Errors
    /// `import_not_found`, or the store's.
    #[instrument(name = "members.import_errors", skip_all, fields(import.id = %id))]
    pub async fn import_errors(
        &self,
        id: ImportId,
        page: PageRequest,
    ) -> Result<Page<RowError>, MemberError> {
        self.import(id).await?;
        Ok(self.queries.import_errors(id, page).await?)
    }
}
