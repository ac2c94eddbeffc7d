use crate::{MemberError, Members, MembersTx};
use crm_kernel::{Actor, AuditEntry, MemberId};
use tracing::instrument;

impl Members {
    /// Deletes the member's own row, and with it every personal detail. The caller first lets
    /// tags forget the member, so that their counts stay right; figures of campaigns remain. The audit
    /// log forgets what the member was like and keeps who did what and when,
    /// and so do merges: those who became this member are forgotten with them.
    ///
    /// # Errors
    /// `member_not_found`, or the store's.
    #[instrument(name = "members.delete", skip_all, fields(?actor, member.id = %id))]
    pub async fn delete_in(
        &self,
        tx: &mut dyn MembersTx,
        actor: &Actor,
        id: MemberId,
    ) -> Result<(), MemberError> {
        if !tx.members().delete(id).await? {
            return Err(MemberError::NotFound);
        }
        // Others who were found to be this member are erased with them.
        for person in self.forget_in_merges(tx, id).await? {
            tx.audit().forget("member", person.get()).await?;
        }
        let now = self.clock.now();
        let entry = AuditEntry::new(actor, now, "member.deleted", "member", id.get());
        Ok(tx.audit().record(entry).await?)
    }
}
