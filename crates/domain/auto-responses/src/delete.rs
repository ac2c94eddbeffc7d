use crate::{AutoResponseError, AutoResponses};
use crm_kernel::{Actor, AuditEntry, AutoResponseId};
use tracing::instrument;

impl AutoResponses {
    /// Deletes a rule with its keywords, for good. What it answered stays in the record.
    ///
    /// # Errors
    /// `auto_response_not_found`, else the store's.
    #[instrument(name = "auto_responses.delete", skip_all, fields(?actor, auto_response.id = %id))]
    pub async fn delete(&self, actor: &Actor, id: AutoResponseId) -> Result<(), AutoResponseError> {
        let mut tx = self.store.begin().await?;
        let found = tx.auto_responses().find(id).await?;
        let rule = found.ok_or(AutoResponseError::NotFound)?;
        tx.auto_responses().delete(id).await?;
        let entry = AuditEntry::new(
            actor,
            self.clock.now(),
            "auto_response.deleted",
            "auto_response",
            id.get(),
        );
        tx.audit().record(entry.gone(rule.record().facts())).await?;
        tx.commit().await?;
        self.book.forget();
        Ok(())
    }
}
