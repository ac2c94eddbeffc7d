//! The apalis worker of one lane.

use crate::JobHandlers;
use crate::backend::{LaneBackend, Slotted};
use crate::claims::Claims;
use crate::verdict::{Report, carry_out};
use apalis_core::error::WorkerError;
use apalis_core::worker::builder::WorkerBuilder;
use crm_kernel::Lane;
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};
use tracing::error;

/// What the workers of all lanes share.
#[derive(Clone)]
pub(crate) struct Workshop {
    pub(crate) claims: Claims,
    pub(crate) handlers: Arc<JobHandlers>,
    pub(crate) reports: mpsc::Sender<Report>,
    pub(crate) tasks: TaskTracker,
    pub(crate) poll_interval: Duration,
    pub(crate) stopping: CancellationToken,
}

impl Workshop {
    /// Runs the worker of `lane` until told to stop and the jobs in hand have ended. A worker
    /// that ends before that is replaced.
    pub(crate) async fn run(self, lane: Lane, slots: usize) {
        let slots = Arc::new(Semaphore::new(slots.clamp(1, Semaphore::MAX_PERMITS)));
        loop {
            let end = AssertUnwindSafe(self.worker(lane, &slots))
                .catch_unwind()
                .await;
            if self.stopping.is_cancelled() {
                return;
            }
            error!("the worker of lane {} ended ({end:?})", lane.as_str());
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn worker(&self, lane: Lane, slots: &Arc<Semaphore>) -> Result<(), WorkerError> {
        let backend = LaneBackend::new(
            self.claims.clone(),
            lane,
            slots,
            self.poll_interval,
            self.stopping.clone(),
        );
        let shop = self.clone();
        let stop = self.stopping.clone().cancelled_owned();
        WorkerBuilder::new(lane.as_str())
            .backend(backend)
            .build(move |job: Slotted| shop.clone().work(job))
            .run_until(stop.map(Ok::<(), WorkerError>))
            .await
    }

    /// Does one job in a task of its own, so that the jobs of a lane use all threads.
    async fn work(self, job: Slotted) -> Result<(), tokio::task::JoinError> {
        let Slotted { claimed, slot } = job;
        let (handlers, clock, reports) = (self.handlers, self.claims.clock, self.reports);
        let task = self.tasks.spawn(async move {
            if let Some(report) = carry_out(&handlers, &*clock, claimed).await {
                // Refused only when the runner is gone; then the lease runs out.
                let _ = reports.send(report).await;
            }
            drop(slot);
        });
        AbortOnDropHandle::new(task).await
    }
}
