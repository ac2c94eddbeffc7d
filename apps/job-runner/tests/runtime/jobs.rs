//! Jobs to run, and a bench that builds runners for them.

use crate::fakes::{CountingIds, MovedClock};
use crate::memory::{Connection, Table};
use chrono::{DateTime, Utc};
use crm_job_runner::{Concurrency, JobContext, JobHandlers, JobRunner, RunnerConfig, Schedule};
use crm_kernel::{Clock, Job, Lane};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    pub number: u32,
}

impl Job for Answer {
    const NAME: &'static str = "answer";
    const LANE: Lane = Lane::Interactive;
    const MAX_ATTEMPTS: u32 = 3;
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Send;

impl Job for Send {
    const NAME: &'static str = "send";
    const LANE: Lane = Lane::Sending;
}

#[derive(Debug, Serialize, Deserialize)]
pub struct CleanUp;

impl Job for CleanUp {
    const NAME: &'static str = "clean_up";
    const LANE: Lane = Lane::Background;
}

pub const LEASE: Duration = Duration::from_millis(300);

pub const QUICK: RunnerConfig = RunnerConfig {
    lease: LEASE,
    poll_interval: Duration::from_millis(20),
    shutdown_grace: Duration::from_millis(500),
    concurrency: Concurrency {
        interactive: 8,
        sending: 2,
        content: 1,
        background: 1,
    },
};

/// What the runners of one test share.
#[derive(Clone, Default)]
pub struct Bench {
    pub table: Arc<Table>,
    pub clock: Arc<MovedClock>,
    pub ids: Arc<CountingIds>,
}

impl Bench {
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub fn enqueue<J: Job>(&self, job: &J) {
        self.table.enqueue(job, self.now());
    }

    pub fn runner(&self, handlers: JobHandlers) -> JobRunner {
        self.runner_over(Connection::to(&self.table), handlers, vec![], QUICK)
    }

    pub fn runner_over(
        &self,
        connection: Connection,
        handlers: JobHandlers,
        schedules: Vec<Schedule>,
        config: RunnerConfig,
    ) -> JobRunner {
        let (clock, ids) = (self.clock.clone(), self.ids.clone());
        JobRunner::new(
            Arc::new(connection),
            handlers,
            schedules,
            clock,
            ids,
            config,
        )
    }
}

/// A runner at work in a task of its own.
pub struct Running {
    task: JoinHandle<()>,
    stop: CancellationToken,
}

impl Running {
    pub fn start(runner: JobRunner) -> Self {
        let stop = CancellationToken::new();
        let task = tokio::spawn(runner.run_until(stop.clone().cancelled_owned()));
        Self { task, stop }
    }

    /// Ends it in good order; answers how long that took.
    pub async fn stop(self) -> Duration {
        let began = Instant::now();
        self.stop.cancel();
        assert!(self.task.await.is_ok(), "the runner panicked");
        began.elapsed()
    }

    /// Ends it as `SIGKILL` would: nothing is reported, nothing released.
    pub fn kill(self) {
        self.task.abort();
    }
}

/// Waits until `done`, at most a few seconds.
pub async fn eventually(what: &str, done: impl Fn() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < Duration::from_secs(4), "never: {what}");
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}

/// Handlers with one job, done by `work`.
pub fn doing<J, F, Fut>(work: F) -> JobHandlers
where
    J: Job + 'static,
    F: Fn(J, JobContext) -> Fut + std::marker::Send + Sync + 'static,
    Fut: Future<Output = Result<(), crm_job_runner::JobFailure>> + std::marker::Send + 'static,
{
    let mut handlers = JobHandlers::new();
    handlers.register(work);
    handlers
}
