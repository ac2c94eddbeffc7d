use crate::{TagError, Tags, TagsTx};
use crm_kernel::MemberId;
use tracing::instrument;

impl Tags {
    /// Takes every tag off a member who is about to be deleted: the rows would go by
    /// themselves, but nobody would tell the counts.
    ///
    /// # Errors
    /// `member_not_found`, or the store's.
    #[instrument(name = "tags.forget_member", skip_all, fields(member.id = %member))]
    pub async fn forget_member_in(
        &self,
        tx: &mut dyn TagsTx,
        member: MemberId,
    ) -> Result<(), TagError> {
        // Locks the member, so that nobody puts another tag on in the meantime.
        if !tx.tags().member_exists(member).await? {
            return Err(TagError::MemberNotFound);
        }
        for tag in tx.tags().worn_by(member).await? {
            if tx.tags().remove_from_member(member, tag).await? {
                tx.tags().adjust_member_count(tag, -1).await?;
            }
        }
        Ok(())
    }
}
