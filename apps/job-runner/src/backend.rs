//! One lane of the queue as an apalis [`Backend`].
//!
//! Differs from apalis' own backends on purpose: renewing and reporting are tasks of their own
//! (see `keeper` and `acks`), so they go on while the worker is busy or draining; a storage error
//! is slept over and never ends the worker; and slots are counted here, before claiming, so that
//! no job is held that nobody works on.

use crate::backoff::{exponential, jittered};
use crate::claims::{Claimed, Claims};
use apalis_core::backend::finalize::Ephemeral;
use apalis_core::backend::{Backend, BackendConfig};
use apalis_core::task::Task;
use apalis_core::worker::context::WorkerContext;
use crm_kernel::{Lane, StoreError};
use futures::FutureExt;
use futures::future::BoxFuture;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Sleep, sleep};
use tokio_util::sync::{CancellationToken, PollSemaphore};
use tower::layer::util::Identity;
use tracing::warn;

/// Longest pause while the storage is away.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A claimed job with the slot it takes up.
#[derive(Debug)]
pub(crate) struct Slotted {
    pub(crate) claimed: Claimed,
    pub(crate) slot: OwnedSemaphorePermit,
}

type Claiming = BoxFuture<'static, (Result<Vec<Claimed>, StoreError>, OwnedSemaphorePermit)>;

enum Step {
    /// Until a slot is free.
    Slot,
    Claim(Claiming),
    Sleep(Pin<Box<Sleep>>),
}

/// The due jobs of one lane.
pub(crate) struct LaneBackend {
    claims: Claims,
    lane: Lane,
    poll_interval: Duration,
    stopping: CancellationToken,
    free: Arc<Semaphore>,
    slots: PollSemaphore,
    ready: VecDeque<Slotted>,
    step: Step,
    /// Claims that failed in a row.
    failures: u32,
}

impl LaneBackend {
    pub(crate) fn new(
        claims: Claims,
        lane: Lane,
        slots: &Arc<Semaphore>,
        poll_interval: Duration,
        stopping: CancellationToken,
    ) -> Self {
        Self {
            claims,
            lane,
            poll_interval,
            stopping,
            free: Arc::clone(slots),
            slots: PollSemaphore::new(Arc::clone(slots)),
            ready: VecDeque::new(),
            step: Step::Slot,
            failures: 0,
        }
    }

    /// Starts a claim for the slot given and all others that are free just now.
    fn claim(&self, mut slots: OwnedSemaphorePermit) -> Claiming {
        while let Ok(one) = Arc::clone(&self.free).try_acquire_owned() {
            slots.merge(one);
        }
        let (claims, lane) = (self.claims.clone(), self.lane);
        let limit = u32::try_from(slots.num_permits()).unwrap_or(u32::MAX);
        async move { (claims.take(lane, limit).await, slots) }.boxed()
    }

    /// Gives each job its slot; slots left over are free again.
    fn take_in(&mut self, jobs: Vec<Claimed>, mut slots: OwnedSemaphorePermit) {
        for claimed in jobs {
            // A job beyond the limit would be a fault of the storage; it is let go unsettled.
            if let Some(slot) = slots.split(1) {
                self.ready.push_back(Slotted { claimed, slot });
            }
        }
    }

    fn pause(&self) -> Step {
        let pause = match self.failures {
            0 => jittered(self.poll_interval),
            failures => exponential(self.poll_interval, failures, LONGEST_PAUSE),
        };
        Step::Sleep(Box::pin(sleep(pause)))
    }
}

impl Backend for LaneBackend {
    type Task = Task<Slotted>;
    type Error = Infallible;

    fn poll_ready(
        &mut self,
        _: &mut Context<'_>,
        _: &WorkerContext,
    ) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        _: &WorkerContext,
    ) -> Poll<Option<Result<Self::Task, Self::Error>>> {
        loop {
            if self.stopping.is_cancelled() {
                // The worker is woken by the same token and goes on to `poll_close`.
                return Poll::Pending;
            }
            if let Some(job) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(Task::new(job))));
            }
            match &mut self.step {
                Step::Slot => {
                    let Some(slot) = ready!(self.slots.poll_acquire(cx)) else {
                        return Poll::Ready(None);
                    };
                    self.step = Step::Claim(self.claim(slot));
                }
                Step::Claim(claiming) => match ready!(claiming.poll_unpin(cx)) {
                    (Ok(jobs), _) if jobs.is_empty() => {
                        self.failures = 0;
                        self.step = self.pause();
                    }
                    (Ok(jobs), slots) => {
                        self.failures = 0;
                        self.take_in(jobs, slots);
                        self.step = Step::Slot;
                    }
                    (Err(error), _) => {
                        warn!(
                            error = &error as &dyn std::error::Error,
                            "no jobs claimed for lane {}",
                            self.lane.as_str()
                        );
                        self.failures += 1;
                        self.step = self.pause();
                    }
                },
                Step::Sleep(pause) => {
                    ready!(pause.as_mut().poll(cx));
                    self.step = Step::Slot;
                }
            }
        }
    }

    /// Sees a claim under way through, so that what it took is known before everything is
    /// released; jobs not yet started are let go.
    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        _: &WorkerContext,
    ) -> Poll<Result<(), Self::Error>> {
        if let Step::Claim(claiming) = &mut self.step {
            drop(ready!(claiming.poll_unpin(cx)));
        }
        self.step = Step::Slot;
        self.ready.clear();
        Poll::Ready(Ok(()))
    }
}

impl BackendConfig for LaneBackend {
    type Args = Slotted;
    type Id = i64;
    type Kind = Ephemeral;
    type Config = Duration;
    type Layer = Identity;

    fn config(&self) -> &Self::Config {
        &self.poll_interval
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> Self::Layer {
        Identity::new()
    }
}
