//! The hold on claimed jobs, as this process can judge it alone.
//!
//! Deadlines are monotonic [`Instant`]s taken *before* the statement that set them, so they are
//! never later than what the storage holds. A process that was stopped for a while sees on its
//! first step that time has passed, whatever its wall clock or its timers say.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// One lease token and everything that is held under it.
#[derive(Debug)]
pub(crate) struct Epoch {
    token: String,
    lease: Duration,
    renewed_at: Mutex<Instant>,
    held: AtomicUsize,
    leaky: AtomicBool,
    lost: CancellationToken,
}

impl Epoch {
    pub(crate) fn new(token: String, lease: Duration) -> Arc<Self> {
        Arc::new(Self {
            token,
            lease,
            renewed_at: Mutex::new(Instant::now()),
            held: AtomicUsize::new(0),
            leaky: AtomicBool::new(false),
            lost: CancellationToken::new(),
        })
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// Jobs in hand, claims under way and reports not yet stored.
    pub(crate) fn held(&self) -> usize {
        self.held.load(Ordering::Acquire)
    }

    /// Notes a renewal that was sent at `sent`.
    pub(crate) fn renewed(&self, sent: Instant) {
        *self
            .renewed_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = sent;
    }

    fn renewed_at(&self) -> Instant {
        *self
            .renewed_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// When the hold runs out unless it is renewed.
    pub(crate) fn deadline(&self) -> Instant {
        self.renewed_at() + self.lease
    }

    /// Whether the hold ran out. Such a token is never renewed again: others may have taken over.
    pub(crate) fn has_lapsed(&self) -> bool {
        self.lost.is_cancelled() || Instant::now() >= self.deadline()
    }

    /// Whether nothing more may be claimed under this token. True also once a hold ended without
    /// an answer: the storage may then hold rows for us that nobody works on, and renewing this
    /// token for ever would keep them from being swept.
    pub(crate) fn is_unfit(&self) -> bool {
        self.leaky.load(Ordering::Acquire) || self.has_lapsed()
    }

    /// Cuts off everything that runs under this token.
    pub(crate) fn revoke(&self) {
        self.lost.cancel();
    }

    pub(crate) fn hold(self: &Arc<Self>) -> Hold {
        self.held.fetch_add(1, Ordering::AcqRel);
        Hold {
            epoch: Arc::clone(self),
            settled: false,
        }
    }
}

/// Keeps an [`Epoch`] renewed until it is settled or dropped.
#[derive(Debug)]
pub(crate) struct Hold {
    epoch: Arc<Epoch>,
    settled: bool,
}

impl Hold {
    pub(crate) fn token(&self) -> &str {
        self.epoch.token()
    }

    /// The storage has answered: it keeps nothing for us that we do not know of.
    pub(crate) fn settle(mut self) {
        self.settled = true;
    }

    /// The guard of a job claimed by a statement that ran between these two moments.
    pub(crate) fn guard(&self, claim_sent: Instant, claimed: Instant) -> LeaseGuard {
        LeaseGuard {
            epoch: Arc::clone(&self.epoch),
            claim_sent,
            claimed,
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if !self.settled {
            self.epoch.leaky.store(true, Ordering::Release);
        }
        self.epoch.held.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Tells a handler whether the job is still its own: ask before each call to the outside that
/// another process must not make as well.
#[derive(Clone)]
pub struct LeaseGuard {
    epoch: Arc<Epoch>,
    claim_sent: Instant,
    claimed: Instant,
}

impl LeaseGuard {
    /// A guard that is good for `lease` from now and never renewed, for calling handlers by hand.
    #[must_use]
    pub fn lasting(lease: Duration) -> Self {
        let now = Instant::now();
        Self {
            epoch: Epoch::new("by hand".to_owned(), lease),
            claim_sent: now,
            claimed: now,
        }
    }

    /// Whether the job is still ours at this moment.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        !self.remaining().is_zero()
    }

    /// How long the job stays ours even if no renewal succeeds any more; a bound for time-outs.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        if self.epoch.lost.is_cancelled() {
            return Duration::ZERO;
        }
        // A renewal sent before the claim had ended may have missed this row.
        let renewed_at = self.epoch.renewed_at();
        let since = if renewed_at >= self.claimed {
            renewed_at
        } else {
            self.claim_sent
        };
        (since + self.epoch.lease).saturating_duration_since(Instant::now())
    }

    /// Waits until the job is not ours any more.
    pub async fn lost(&self) {
        loop {
            let left = self.remaining();
            if left.is_zero() {
                return;
            }
            // A renewal in the meantime means another round.
            let _ = tokio::time::timeout(left, self.revoked()).await;
        }
    }

    /// Waits until the process has noticed that the lease ran out, or lets go of the job.
    pub(crate) async fn revoked(&self) {
        self.epoch.lost.cancelled().await;
    }
}

impl fmt::Debug for LeaseGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeaseGuard")
            .field("remaining", &self.remaining())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: Duration = Duration::from_secs(10);

    #[test]
    fn a_renewal_sent_before_the_claim_ended_does_not_lengthen_it() {
        let epoch = Epoch::new("t".to_owned(), LEASE);
        let hold = epoch.hold();
        let sent = Instant::now();
        let guard = hold.guard(sent, sent + Duration::from_secs(2));
        epoch.renewed(sent + Duration::from_secs(1));
        assert!(guard.remaining() <= LEASE);
        epoch.renewed(sent + Duration::from_secs(3));
        assert!(guard.remaining() > LEASE);
        hold.settle();
    }

    #[test]
    fn a_hold_that_ends_without_an_answer_spoils_the_token_for_further_claims() {
        let epoch = Epoch::new("t".to_owned(), LEASE);
        epoch.hold().settle();
        assert!(!epoch.is_unfit());
        drop(epoch.hold());
        assert!(epoch.is_unfit());
        assert!(!epoch.has_lapsed(), "what is in hand goes on");
        assert_eq!(epoch.held(), 0);
    }

    #[test]
    fn a_guard_ends_by_itself_when_time_passes() {
        let guard = LeaseGuard::lasting(Duration::from_millis(5));
        assert!(guard.is_valid());
        std::thread::sleep(Duration::from_millis(6));
        assert!(!guard.is_valid());
    }
}
