use crate::{ConversationChange, MessageError, Messages, conversation_updated};
use crm_kernel::{Actor, AuditEntry, MessageId};
use tracing::instrument;

impl Messages {
    /// Takes back a planned message: it is deleted. One that is due, or that a job has taken in
    /// hand, may be on its way to LINE, and stays.
    ///
    /// # Errors
    /// `message_not_found`, `message_not_scheduled`, else the store's.
    #[instrument(name = "messages.cancel", skip_all, fields(?actor, message.id = %id))]
    pub async fn cancel(&self, actor: &Actor, id: MessageId) -> Result<(), MessageError> {
        let mut tx = self.store.begin().await?;
        let found = tx.messages().find(id).await?;
        let message = found.ok_or(MessageError::NotFound)?;
        // Not before: the row may have been waited for.
        let now = self.clock.now();
        if !message.can_be_cancelled(now) {
            return Err(MessageError::NotScheduled);
        }
        tx.messages().delete(id).await?;
        let member = message.record().member_id;
        let told = conversation_updated(member, ConversationChange::Withdrawn, now);
        tx.live().announce(told);
        let entry = AuditEntry::new(actor, now, "message.cancelled", "message", id.get())
            .with("member_id", member.get());
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(())
    }
}
