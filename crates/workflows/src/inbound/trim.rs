use super::{Inbound, InboundError};

/// Rows deleted in one go, so that others get their turn.
const AT_ONCE: u32 = 2_000;

impl Inbound {
    /// Deletes events that were handled longer ago than they are kept. One of them that LINE
    /// delivered again would be taken for new, which is why they are kept for a week at least.
    /// Those that are dead stay for whoever looks into them. Answers how many.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn trim(&self) -> Result<u64, InboundError> {
        let before = self.clock.now() - self.rules.retention;
        let mut deleted = 0;
        loop {
            let some = self.queries.trim(before, AT_ONCE).await?;
            deleted += some;
            if some == 0 {
                return Ok(deleted);
            }
        }
    }
}
