//! The queue of webhooks, and how many of them are still open.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;

/// Webhooks sent side by side. Those of one guest share a lane and keep their order, as long as none
/// of them has to be sent again.
const LANES: usize = 8;

/// Pause before the first redelivery; it doubles each time.
const FIRST_BACKOFF: Duration = Duration::from_secs(1);

/// One webhook on its way.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub id: String,
    pub lane: usize,
    pub event: Value,
    pub is_redelivery: bool,
}

/// Where webhooks wait.
#[derive(Debug)]
pub(crate) struct Outbox {
    lanes: Vec<UnboundedSender<Outgoing>>,
    receivers: Mutex<Vec<UnboundedReceiver<Outgoing>>>,
    pending: watch::Sender<usize>,
    backoff: Mutex<Duration>,
}

impl Default for Outbox {
    fn default() -> Self {
        let (lanes, receivers) = (0..LANES).map(|_| unbounded_channel()).unzip();
        Self {
            lanes,
            receivers: Mutex::new(receivers),
            pending: watch::channel(0).0,
            backoff: Mutex::new(FIRST_BACKOFF),
        }
    }
}

impl Outbox {
    pub(crate) fn queue(&self, outgoing: Outgoing) {
        self.pending.send_modify(|count| *count += 1);
        if self.lanes[outgoing.lane % LANES].send(outgoing).is_err() {
            // The simulator has stopped.
            self.done();
        }
    }

    pub(super) fn done(&self) {
        self.pending
            .send_modify(|count| *count = count.saturating_sub(1));
    }

    /// The waiting ends of the lanes, for the one who sends.
    pub(super) fn take_receivers(&self) -> Vec<UnboundedReceiver<Outgoing>> {
        std::mem::take(
            &mut *self
                .receivers
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    pub(crate) fn pending(&self) -> usize {
        *self.pending.borrow()
    }

    /// Waits until every webhook was taken or given up.
    pub(crate) async fn flush(&self) {
        let mut pending = self.pending.subscribe();
        // The sender lives in `self`, so waiting cannot fail.
        let _settled = pending.wait_for(|count| *count == 0).await;
    }

    pub(crate) fn set_backoff(&self, first: Duration) {
        *self.backoff.lock().unwrap_or_else(PoisonError::into_inner) = first;
    }

    pub(super) fn backoff(&self) -> Duration {
        *self.backoff.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
