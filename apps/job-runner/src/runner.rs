//! Everything plugged together, from start to an orderly end.

use crate::acks::Acks;
use crate::claims::Claims;
use crate::keeper::Keeper;
use crate::lane::Workshop;
use crate::schedules::Scheduler;
use crate::verdict::carry_out;
use crate::{JobHandlers, RunnerConfig, Schedule};
use crm_kernel::{Clock, IdGenerator, JobQueue, Lane};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};
use tracing::{error, info, warn};

/// Reports that may wait for the storage before handlers have to.
const WAITING_REPORTS: usize = 1024;

/// Does the jobs of one process.
pub struct JobRunner {
    queue: Arc<dyn JobQueue>,
    handlers: Arc<JobHandlers>,
    schedules: Vec<Schedule>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
    config: RunnerConfig,
}

impl JobRunner {
    /// A runner that has not begun.
    pub fn new(
        queue: Arc<dyn JobQueue>,
        handlers: JobHandlers,
        schedules: Vec<Schedule>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
        config: RunnerConfig,
    ) -> Self {
        Self {
            queue,
            handlers: Arc::new(handlers),
            schedules,
            clock,
            ids,
            config,
        }
    }

    /// Works until `stop`, then claims nothing more, lets the jobs in hand end within the grace
    /// period and gives back the rest. Dropping the future instead is like killing the process:
    /// jobs in hand run again when the lease is over.
    pub async fn run_until(self, stop: impl Future) {
        let claims = self.claims();
        let keeper = Arc::clone(&claims.keeper);
        let (reports, inbox) = mpsc::channel(WAITING_REPORTS);
        let (tasks, stopping) = (TaskTracker::new(), CancellationToken::new());

        let acks = AbortOnDropHandle::new(tokio::spawn(self.acks().serve(inbox)));
        let keeping = in_background(&keeper, |keeper| async move { keeper.keep().await });
        let sweeping = in_background(
            &keeper,
            |keeper| async move { keeper.keep_sweeping().await },
        );
        let scheduling = AbortOnDropHandle::new(tokio::spawn(self.scheduler().run()));
        let workshop = Workshop {
            claims,
            handlers: Arc::clone(&self.handlers),
            reports,
            tasks: tasks.clone(),
            poll_interval: self.config.poll_interval,
            stopping: stopping.clone(),
        };
        let mut lanes = JoinSet::new();
        for lane in Lane::ALL {
            let slots = self.config.concurrency.of(lane);
            lanes.spawn(workshop.clone().run(lane, slots));
        }
        drop(workshop);
        info!("job runner started");

        stop.await;

        info!("job runner stopping");
        drop((scheduling, sweeping));
        stopping.cancel();
        // Part of the grace belongs to the last statements.
        let reserve = (self.config.shutdown_grace / 10).min(Duration::from_millis(500));
        let patience = self.config.shutdown_grace - reserve;
        let ended = async { while lanes.join_next().await.is_some() {} };
        let mut tokens = Vec::new();
        if timeout(patience, ended).await.is_err() {
            warn!("jobs still in hand after the grace period; they are given back");
            keeping.abort();
            tokens = keeper.revoke();
            lanes.shutdown().await;
            tasks.close();
            // A handler that blocks its thread cannot be cut off; its report will be refused.
            let _ = timeout(reserve, tasks.wait()).await;
        }
        if timeout(Duration::from_secs(1), acks).await.is_err() {
            warn!("some reports could not be stored; their jobs run again");
        }
        drop(keeping);
        tokens.extend(keeper.revoke());
        tokens.dedup();
        keeper.release(tokens).await;
        info!("job runner stopped");
    }

    /// Does everything that is due now, one job after the other in the calling task, until
    /// nothing is left; answers how many attempts that took. What failed or was put off is due
    /// later, by the clock. Schedules are left alone: see [`put_due_schedules`](Self::put_due_schedules).
    pub async fn run_due(&self) -> usize {
        let claims = self.claims();
        let keeper = Arc::clone(&claims.keeper);
        keeper.sweep().await;
        let attempts = tokio::select! {
            attempts = self.step_through(&claims) => attempts,
            never = keeper.keep() => match never {},
        };
        keeper.release(keeper.revoke()).await;
        attempts
    }

    async fn step_through(&self, claims: &Claims) -> usize {
        let acks = self.acks();
        let mut attempts = 0;
        loop {
            let before = attempts;
            for lane in Lane::ALL {
                let claimed = match claims.take(lane, 1).await {
                    Ok(claimed) => claimed,
                    Err(error) => {
                        error!(error = &error as &dyn std::error::Error, "no jobs claimed");
                        return attempts;
                    }
                };
                for claimed in claimed {
                    attempts += 1;
                    let report = carry_out(&self.handlers, &*self.clock, claimed).await;
                    let _ = acks.store(report.into_iter().collect()).await;
                }
            }
            if attempts == before {
                return attempts;
            }
        }
    }

    /// Puts the jobs of all schedules whose round has begun into the queue, as the running
    /// process does by itself; answers how many were not yet there.
    pub async fn put_due_schedules(&self) -> usize {
        self.scheduler().put_due().await
    }

    fn claims(&self) -> Claims {
        let (queue, clock) = (Arc::clone(&self.queue), Arc::clone(&self.clock));
        let keeper = Keeper::new(
            Arc::clone(&queue),
            Arc::clone(&clock),
            Arc::clone(&self.ids),
            self.config.lease,
        );
        Claims {
            queue,
            clock,
            keeper: Arc::new(keeper),
        }
    }

    fn acks(&self) -> Acks {
        Acks {
            queue: Arc::clone(&self.queue),
            clock: Arc::clone(&self.clock),
        }
    }

    fn scheduler(&self) -> Scheduler {
        Scheduler::new(
            Arc::clone(&self.queue),
            Arc::clone(&self.clock),
            &self.schedules,
        )
    }
}

fn in_background<T, F>(
    keeper: &Arc<Keeper>,
    work: impl FnOnce(Arc<Keeper>) -> F,
) -> AbortOnDropHandle<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    AbortOnDropHandle::new(tokio::spawn(work(Arc::clone(keeper))))
}
