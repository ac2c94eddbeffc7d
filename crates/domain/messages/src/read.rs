use crate::{ConversationChange, MessageError, Messages, conversation_updated};
use chrono::{DateTime, Utc};
use crm_kernel::{Actor, AuditEntry, MemberId};
use tracing::instrument;

impl Messages {
    /// Staff opened a conversation: what the guest wrote until then counts as read. Answers how
    /// many messages were unread.
    ///
    /// # Errors
    /// The store's.
    #[instrument(name = "messages.mark_read", skip_all, fields(?actor, member.id = %member))]
    pub async fn mark_read(
        &self,
        actor: &Actor,
        member: MemberId,
        now: DateTime<Utc>,
    ) -> Result<u64, MessageError> {
        // Most conversations hold no news, and whoever only reads shall not wait for writers.
        if !self.queries.has_unread(member).await? {
            return Ok(0);
        }
        let mut tx = self.store.begin().await?;
        let count = tx.messages().mark_read(member, now).await?;
        if count > 0 {
            let entry = AuditEntry::new(actor, now, "message.read", "member", member.get());
            tx.audit().record(entry.with("count", count)).await?;
            let told = conversation_updated(member, ConversationChange::Read, now);
            tx.live().announce(told);
            tx.commit().await?;
        }
        Ok(count)
    }
}
