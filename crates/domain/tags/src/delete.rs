use crate::audit;
use crate::{TagError, Tags};
use crm_kernel::{Actor, TagId};
use tracing::instrument;

impl Tags {
    /// Deletes a tag and takes it off everybody. While templates or unsent campaigns name it,
    /// only `force` does; such a campaign then finds nobody by it, never everybody.
    ///
    /// # Errors
    /// `tag_not_found`, `tag_read_only`, `tag_in_use`, or the store's.
    #[instrument(name = "tags.delete", skip_all, fields(?actor, tag.id = %id, force))]
    pub async fn delete(&self, actor: &Actor, id: TagId, force: bool) -> Result<(), TagError> {
        let mut tx = self.store.begin().await?;
        let tag = tx.tags().find(id).await?.ok_or(TagError::NotFound)?;
        TagError::refuse_read_only([&tag])?;
        if !force {
            let uses = tx.tags().uses(id).await?;
            if !uses.is_empty() {
                return Err(TagError::InUse(uses));
            }
        }
        tx.tags().delete(id).await?;
        let entry = audit::entry(actor, self.clock.now(), "tag.deleted", id);
        let entry = entry.gone(audit::facts(tag.record())).with("force", force);
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(())
    }
}
