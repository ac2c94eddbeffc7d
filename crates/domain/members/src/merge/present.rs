use crate::{Member, MemberError, Members, MembersTx};
use crm_kernel::MemberId;

/// Merges followed from one member to the next; nobody is merged that often.
const FAR: u32 = 50;

impl Members {
    /// The member of this id, or who they are by now if they were merged into another, locked.
    /// For ids that were told to the outside, as in a link, and come back much later.
    ///
    /// # Errors
    /// The store's.
    pub async fn present_in(
        &self,
        tx: &mut dyn MembersTx,
        id: MemberId,
    ) -> Result<Option<Member>, MemberError> {
        let mut id = id;
        for _ in 0..FAR {
            if let Some(member) = tx.members().find(id).await? {
                return Ok(Some(member));
            }
            match tx.merges().became(id).await? {
                Some(kept) => id = kept,
                None => break,
            }
        }
        Ok(None)
    }
}
