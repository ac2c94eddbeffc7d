use crate::{MemberError, Members, MembersTx};
use crm_kernel::{Actor, MemberId};
use tracing::instrument;

impl Members {
    /// Deletes the member's own row, and with it every personal detail. The caller first lets
    /// tags forget the member, so that their counts stay right; figures of campaigns remain.
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
        if tx.members().delete(id).await? {
            Ok(())
        } else {
            Err(MemberError::NotFound)
        }
    }
}
