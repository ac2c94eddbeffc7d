//! Waiting for a turn: slices of turns come from the bucket that all processes share, and are
//! handed out here, evenly spaced and in order of arrival.

mod queue;
mod slice;

use async_trait::async_trait;
use crm_kernel::StoreError;
use crm_workflows::{Hold, Pace, PaceStore, Rate, SendKind};
use queue::Queue;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// Our own brake before the endpoints that send, so that LINE's is not needed.
pub struct LinePace {
    store: Arc<dyn PaceStore>,
    multicasts: Option<Queue>,
    pushes: Option<Queue>,
}

impl LinePace {
    /// At most so many requests a second from all processes together; 0 = no limit of ours.
    #[must_use]
    pub fn new(store: Arc<dyn PaceStore>, multicast_per_second: u32, push_per_second: u32) -> Self {
        let queue = |kind, max| NonZeroU32::new(max).map(|max| Queue::new(kind, max));
        Self {
            store,
            multicasts: queue(SendKind::Multicast, multicast_per_second),
            pushes: queue(SendKind::Push, push_per_second),
        }
    }

    fn queue(&self, kind: SendKind) -> Option<&Queue> {
        match kind {
            SendKind::Multicast => self.multicasts.as_ref(),
            SendKind::Push => self.pushes.as_ref(),
            SendKind::Reply => None,
        }
    }
}

#[async_trait]
impl Pace for LinePace {
    async fn turn(&self, kind: SendKind, hold: &dyn Hold) -> bool {
        match self.queue(kind) {
            Some(queue) => queue.turn(&*self.store, hold).await,
            None => hold.is_valid(),
        }
    }

    async fn ahead(&self, kind: SendKind) {
        if let Some(queue) = self.queue(kind) {
            queue.ahead(&*self.store).await;
        }
    }

    async fn slow_down(&self, kind: SendKind, retry_after: Option<Duration>) {
        if let Some(queue) = self.queue(kind) {
            queue.slow_down(&*self.store, retry_after).await;
        }
    }

    async fn rate(&self, kind: SendKind) -> Result<Option<Rate>, StoreError> {
        let Some(queue) = self.queue(kind) else {
            return Ok(None);
        };
        let max = queue.max();
        Ok(Some(Rate {
            per_second: self.store.rate(kind, max).await?,
            max_per_second: max.get(),
        }))
    }
}
