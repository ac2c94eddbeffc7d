use crm_kernel::IdGenerator;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// Ids that count from 1, so that tests can say which one they expect.
#[derive(Debug, Default)]
pub struct CountingIds(AtomicU64);

impl CountingIds {
    /// The id that is given out as the `n`th.
    #[must_use]
    pub const fn nth(n: u64) -> Uuid {
        Uuid::from_u64_pair(0, n)
    }
}

impl IdGenerator for CountingIds {
    fn uuid(&self) -> Uuid {
        Self::nth(self.0.fetch_add(1, Ordering::Relaxed) + 1)
    }
}
