use super::MergeRefusal;
use super::part::part;
use super::record::Remembered;
use super::refusal::UNDO_WITHIN;
use super::unite::refuse_under_way;
use crate::{MemberError, Members};
use crm_kernel::{Actor, AuditEntry, MergeId};
use tracing::instrument;

impl Members {
    /// Makes two members again of one. What was changed on the kept one since the merge stays
    /// there; the other comes back under its old id with everything it brought that the kept
    /// one still has.
    ///
    /// # Errors
    /// `merge_not_found`, `merge_undone`, `member_gone`, `merge_too_old`,
    /// `merge_not_last`, `campaign_under_way`, `member_duplicate` when somebody else has the other's LINE account
    /// or id number by now, or the store's.
    #[instrument(name = "members.undo_merge", skip_all, fields(?actor, merge.id = %id))]
    pub async fn undo_merge(&self, actor: &Actor, id: MergeId) -> Result<(), MemberError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let merge = tx.merges().find(id).await?;
        let merge = merge.ok_or(MemberError::MergeNotFound)?;
        if merge.undone_at.is_some() {
            return Err(MergeRefusal::Undone.into());
        }
        let (kept_id, from_id) = (merge.new.kept, merge.new.from);
        let kept = tx.members().find(kept_id).await?;
        let mut kept = kept.ok_or(MergeRefusal::MemberGone)?;
        if now - merge.new.merged_at > UNDO_WITHIN {
            return Err(MergeRefusal::TooOld.into());
        }
        let record = merge.record.ok_or(MergeRefusal::TooOld)?;
        // Merges into one member are undone the last first.
        if let Some(last) = tx.merges().last_into(kept_id).await?
            && last != id
        {
            return Err(MergeRefusal::NotLast(last).into());
        }
        refuse_under_way(&mut *tx, &[kept_id]).await?;
        let mut before = Remembered::from_json(&record)?;
        // A number sealed anew since the merge is still the number that was taken over.
        if let (Some(current), Some(merged)) = (&kept.record().id_number, &before.one.id_number)
            && self.is_same_number(current, merged)
        {
            before.one.id_number = Some(current.clone());
        }
        let dropped_tags = before.dropped_tags.clone();
        let (stays, back) = part(kept.record(), before, now);

        // First what the other needs to have again is let go.
        kept.restore_record(stays);
        tx.members().update(&kept).await?;
        tx.merges().restore(from_id, &back).await?;
        tx.merges()
            .give_back(id, kept_id, from_id, &dropped_tags)
            .await?;
        tx.merges().mark_undone(id, actor.user_id(), now).await?;
        let entry = AuditEntry::new(actor, now, "member.merge_undone", "member", kept_id.get())
            .with("from_member_id", from_id.get())
            .with("merge_id", id.get());
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(())
    }
}
