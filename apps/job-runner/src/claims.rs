//! Taking jobs into hand.

use crate::keeper::{Keeper, in_time};
use crate::lease::{Hold, LeaseGuard};
use crm_kernel::{ClaimedJob, Clock, JobQueue, Lane, StoreError};
use std::sync::Arc;
use std::time::Instant;

/// A job in the hands of this process.
#[derive(Debug)]
pub(crate) struct Claimed {
    pub(crate) job: ClaimedJob,
    pub(crate) guard: LeaseGuard,
    pub(crate) hold: Hold,
}

/// Where jobs are taken from.
#[derive(Clone)]
pub(crate) struct Claims {
    pub(crate) queue: Arc<dyn JobQueue>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) keeper: Arc<Keeper>,
}

impl Claims {
    /// Takes up to `limit` due jobs of `lane`.
    pub(crate) async fn take(&self, lane: Lane, limit: u32) -> Result<Vec<Claimed>, StoreError> {
        let epoch = self.keeper.epoch();
        // Dropped unsettled when the answer stays out: then we may own rows we do not know of.
        let hold = epoch.hold();
        let sent = Instant::now();
        let lease = self.keeper.lease_of(&epoch);
        let jobs = in_time(self.queue.claim(lane, limit, &lease, self.clock.now())).await?;
        let claimed = Instant::now();
        let jobs = jobs
            .into_iter()
            .map(|job| Claimed {
                job,
                guard: hold.guard(sent, claimed),
                hold: epoch.hold(),
            })
            .collect();
        hold.settle();
        Ok(jobs)
    }
}
