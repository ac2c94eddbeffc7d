use crate::{TagError, Tags, TagsTx};
use crm_kernel::{Actor, AuditEntry, MemberId, TagId};
use tracing::instrument;

impl Tags {
    /// Takes a tag off a member. Logs stay, and a later tap puts it on again. Answers whether
    /// they wore it.
    ///
    /// # Errors
    /// `member_not_found`, `tag_not_found`, `tag_read_only`, or the store's.
    #[instrument(name = "tags.remove", skip_all, fields(?actor, member.id = %member, tag.id = %tag))]
    pub async fn remove(
        &self,
        actor: &Actor,
        member: MemberId,
        tag: TagId,
    ) -> Result<bool, TagError> {
        let mut tx = self.store.begin().await?;
        let removed = self.remove_in(&mut *tx, actor, member, tag).await?;
        tx.commit().await?;
        Ok(removed)
    }

    /// [`remove`](Self::remove) as part of a larger unit of work.
    ///
    /// # Errors
    /// As for [`remove`](Self::remove).
    pub async fn remove_in(
        &self,
        tx: &mut dyn TagsTx,
        actor: &Actor,
        member: MemberId,
        tag: TagId,
    ) -> Result<bool, TagError> {
        if !tx.tags().member_exists(member).await? {
            return Err(TagError::MemberNotFound);
        }
        let found = tx.tags().find(tag).await?.ok_or(TagError::NotFound)?;
        TagError::refuse_read_only([&found])?;
        let removed = tx.tags().remove_from_member(member, tag).await?;
        if removed {
            tx.tags().adjust_member_count(tag, -1).await?;
            let now = self.clock.now();
            let entry = AuditEntry::new(actor, now, "member.tag_removed", "member", member.get());
            tx.audit().record(entry.with("tag_id", tag.get())).await?;
        }
        Ok(removed)
    }
}
