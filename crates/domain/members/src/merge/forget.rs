use super::refusal::UNDO_WITHIN;
use crate::{MemberError, Members, MembersTx};
use chrono::{DateTime, Utc};
use crm_kernel::MemberId;
use tracing::instrument;

/// Merges forgotten in one unit of work.
const AT_ONCE: u32 = 500;

impl Members {
    /// Forgets what merges kept for being undone, once they cannot be undone any more. Answers
    /// how many merges that were.
    ///
    /// # Errors
    /// The store's.
    #[instrument(name = "members.forget_old_merges", skip_all)]
    pub async fn forget_old_merges(&self, now: DateTime<Utc>) -> Result<u64, MemberError> {
        let mut forgotten = 0;
        loop {
            let mut tx = self.store.begin().await?;
            let before = now - UNDO_WITHIN;
            let some = tx.merges().forget_before(before, AT_ONCE).await?;
            tx.commit().await?;
            forgotten += some;
            if some < u64::from(AT_ONCE) {
                return Ok(forgotten);
            }
        }
    }

    /// Forgets a member in every merge, and whoever became this member; answers all of them.
    pub(crate) async fn forget_in_merges(
        &self,
        tx: &mut dyn MembersTx,
        id: MemberId,
    ) -> Result<Vec<MemberId>, MemberError> {
        let mut all = vec![id];
        let mut next = 0;
        while let Some(member) = all.get(next).copied() {
            next += 1;
            for other in tx.merges().forget_member(member).await? {
                if !all.contains(&other) {
                    all.push(other);
                }
            }
        }
        Ok(all)
    }
}
