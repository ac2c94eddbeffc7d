use crate::{AutoResponse, AutoResponseError, AutoResponseRecord, AutoResponses};
use crm_kernel::{Actor, AuditEntry, AutoResponseId};
use tracing::instrument;

impl AutoResponses {
    /// Switches a rule on or off. Its counts stay. Switching it on makes it the rule updated
    /// last, which is how staff choose between two that overlap.
    ///
    /// # Errors
    /// `auto_response_not_found`, else the store's.
    #[instrument(name = "auto_responses.toggle", skip_all, fields(?actor, auto_response.id = %id))]
    pub async fn toggle(
        &self,
        actor: &Actor,
        id: AutoResponseId,
        is_active: bool,
    ) -> Result<AutoResponse, AutoResponseError> {
        let mut tx = self.store.begin().await?;
        let found = tx.auto_responses().find(id).await?;
        let mut rule = found.ok_or(AutoResponseError::NotFound)?;
        // Not before: of two at once, the one that was let in last is the one updated last.
        let now = self.clock.now();
        let new = AutoResponseRecord {
            is_active,
            ..rule.record().clone()
        };
        if !rule.become_record(new, now) {
            return Ok(rule);
        }
        let rule = tx.auto_responses().update(&rule).await?;
        let action = if is_active {
            "auto_response.enabled"
        } else {
            "auto_response.disabled"
        };
        let entry = AuditEntry::new(actor, now, action, "auto_response", id.get());
        tx.audit().record(entry).await?;
        tx.commit().await?;
        self.book.forget();
        Ok(rule)
    }
}
