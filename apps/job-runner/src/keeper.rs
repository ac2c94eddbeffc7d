//! Keeps the leases of this process alive, and gives back those of others that ran out.

use crate::backoff::{jittered, later};
use crate::lease::Epoch;
use crm_kernel::{Clock, IdGenerator, JobQueue, Lease, StoreError, Swept};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};
use tracing::{debug, error, info, warn};

/// Longest wait for one statement of the runtime; a connection that hangs must not hang us.
const PATIENCE: Duration = Duration::from_secs(5);

/// `call`, given up as `Unavailable` when it takes too long.
pub(crate) async fn within<T>(
    patience: Duration,
    call: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    timeout(patience, call)
        .await
        .unwrap_or_else(|late| Err(StoreError::Unavailable(Box::new(late))))
}

/// [`within`] the patience that any statement deserves.
pub(crate) async fn in_time<T>(
    call: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    within(PATIENCE, call).await
}

struct Epochs {
    current: Arc<Epoch>,
    /// Unfit for further claims, but with jobs in hand.
    retired: Vec<Arc<Epoch>>,
}

/// Owner of this process' lease tokens.
pub(crate) struct Keeper {
    queue: Arc<dyn JobQueue>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
    lease: Duration,
    epochs: Mutex<Epochs>,
}

impl Keeper {
    pub(crate) fn new(
        queue: Arc<dyn JobQueue>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
        lease: Duration,
    ) -> Self {
        let current = Epoch::new(ids.uuid().to_string(), lease);
        Self {
            queue,
            clock,
            ids,
            lease,
            epochs: Mutex::new(Epochs {
                current,
                retired: Vec::new(),
            }),
        }
    }

    /// The token to claim under: always one that is good.
    pub(crate) fn epoch(&self) -> Arc<Epoch> {
        let mut epochs = self.epochs.lock().unwrap_or_else(PoisonError::into_inner);
        self.replace_if_unfit(&mut epochs);
        Arc::clone(&epochs.current)
    }

    /// What a claim or renewal sent now asks for.
    pub(crate) fn lease_of(&self, epoch: &Epoch) -> Lease {
        Lease {
            token: epoch.token().to_owned(),
            until: later(self.clock.now(), self.lease),
        }
    }

    fn replace_if_unfit(&self, epochs: &mut Epochs) {
        if epochs.current.is_unfit() {
            let fresh = Epoch::new(self.ids.uuid().to_string(), self.lease);
            let old = std::mem::replace(&mut epochs.current, fresh);
            epochs.retired.push(old);
        }
    }

    /// Everything worth renewing; what ran out is cut off here, for good.
    fn worth_renewing(&self) -> Vec<Arc<Epoch>> {
        let mut epochs = self.epochs.lock().unwrap_or_else(PoisonError::into_inner);
        self.replace_if_unfit(&mut epochs);
        epochs.retired.retain(|epoch| {
            if !epoch.has_lapsed() {
                return epoch.held() > 0;
            }
            if epoch.held() > 0 {
                error!(
                    held = epoch.held(),
                    "the lease ran out before it could be renewed; jobs in hand are cut off"
                );
            }
            epoch.revoke();
            false
        });
        let mut all = epochs.retired.clone();
        all.push(Arc::clone(&epochs.current));
        all
    }

    /// Renews every third of a lease, more often while it fails.
    pub(crate) async fn keep(&self) -> Infallible {
        sleep(self.lease / 3).await;
        loop {
            let mut well = true;
            let mut deadline = Instant::now() + self.lease;
            for epoch in self.worth_renewing() {
                well &= self.renew(&epoch).await;
                deadline = deadline.min(epoch.deadline());
            }
            let pause = if well {
                self.lease / 3
            } else {
                (self.lease / 10).min(Duration::from_secs(1))
            };
            let left = deadline.saturating_duration_since(Instant::now());
            sleep(pause.min(left).max(Duration::from_millis(1))).await;
        }
    }

    async fn renew(&self, epoch: &Epoch) -> bool {
        if epoch.has_lapsed() {
            return false;
        }
        let sent = Instant::now();
        if epoch.held() == 0 {
            // Nothing in hand: whatever is claimed from here on has its own, later deadline.
            epoch.renewed(sent);
            return true;
        }
        let lease = self.lease_of(epoch);
        match within(self.lease / 3, self.queue.renew(&lease)).await {
            // An answer after the old deadline says nothing about what happened in between.
            Ok(_) if epoch.has_lapsed() => false,
            Ok(renewed) => {
                epoch.renewed(sent);
                debug!(renewed, "lease renewed");
                true
            }
            Err(error) => {
                warn!(
                    error = &error as &dyn std::error::Error,
                    "lease not renewed"
                );
                false
            }
        }
    }

    /// Gives back what dead processes held, about every second.
    pub(crate) async fn keep_sweeping(&self) -> Infallible {
        let every = (self.lease / 3).min(Duration::from_secs(1));
        loop {
            sleep(jittered(every)).await;
            self.sweep().await;
        }
    }

    pub(crate) async fn sweep(&self) {
        match in_time(self.queue.sweep(self.clock.now())).await {
            Ok(swept) if swept == Swept::default() => {}
            Ok(swept) => warn!(
                released = swept.released,
                dead = swept.dead,
                "leases of stopped processes ran out; their jobs were given back"
            ),
            Err(error) => warn!(error = &error as &dyn std::error::Error, "sweep failed"),
        }
    }

    /// Cuts off everything in hand; answers the tokens it was held under.
    pub(crate) fn revoke(&self) -> Vec<String> {
        let epochs = self.epochs.lock().unwrap_or_else(PoisonError::into_inner);
        let all = epochs.retired.iter().chain([&epochs.current]);
        all.inspect(|epoch| epoch.revoke())
            .map(|epoch| epoch.token().to_owned())
            .collect()
    }

    /// Gives back, uncounted, what was held under these tokens. What cannot be given back in
    /// time is found by the sweep of another process.
    pub(crate) async fn release(&self, tokens: Vec<String>) {
        for token in tokens {
            match within(Duration::from_secs(1), self.queue.release(&token)).await {
                Ok(0) => {}
                Ok(released) => info!(released, "unfinished jobs given back"),
                Err(error) => warn!(
                    error = &error as &dyn std::error::Error,
                    "unfinished jobs not given back; their lease runs out instead"
                ),
            }
        }
    }
}
