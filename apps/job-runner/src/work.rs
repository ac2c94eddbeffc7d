//! Which handler does which job, and what is due by the clock alone.

use crate::{JobContext, JobFailure, JobHandlers, JobRunner, LeaseGuard, RunnerConfig, Schedule};
use async_trait::async_trait;
use chrono::TimeDelta;
use crm_bootstrap::{Crm, Settings};
use crm_campaigns::{SendBatch, StartCampaign};
use crm_kernel::{Clock, Job, JobQueue, Lane, NewJob};
use crm_messages::DeliverMessage;
use crm_uploads::SweepUploads;
use crm_workflows::{Delivery, HandleInboundEvent, Hold, RecordClick, RescueStranded};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// Done jobs are kept this long, for whoever looks into what happened. Their dedupe keys mark
/// rounds of schedules as taken, so it must be longer than any schedule's period.
const KEEP_DONE: TimeDelta = TimeDelta::days(7);
const PRUNE_AT_ONCE: u32 = 5_000;
/// Pause before a start is tried again for which LINE or the database was away.
const START_AGAIN: TimeDelta = TimeDelta::seconds(10);
const DAY: Duration = Duration::from_secs(24 * 3_600);
/// When a day's sweep begins, in UTC: at night in Taiwan.
const SWEEP_AT: Duration = Duration::from_secs(19 * 3_600);
/// How often a job runner shows that it is alive, and for how long that is believed.
const HEARTBEAT: Duration = Duration::from_secs(5);
const BELIEVED: TimeDelta = TimeDelta::seconds(15);

/// Delete jobs that were done long ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prune {}

impl Job for Prune {
    const NAME: &'static str = "jobs.prune";
    const LANE: Lane = Lane::Background;
    const MAX_ATTEMPTS: u32 = 3;
}

/// Forget answers kept for repeated requests, and counts of requests, that are old.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgetRequests {}

impl Job for ForgetRequests {
    const NAME: &'static str = "requests.forget";
    const LANE: Lane = Lane::Background;
    const MAX_ATTEMPTS: u32 = 3;
}

struct HeldJob(LeaseGuard);

#[async_trait]
impl Hold for HeldJob {
    fn is_valid(&self) -> bool {
        self.0.is_valid()
    }

    async fn wait(&self, time: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(time) => self.0.is_valid(),
            () = self.0.lost() => false,
        }
    }
}

/// What a delivery means for its job.
fn outcome(delivery: Delivery, clock: &dyn Clock) -> Result<(), JobFailure> {
    match delivery {
        Delivery::Done => Ok(()),
        Delivery::Again(wait) => {
            let wait = TimeDelta::from_std(wait).unwrap_or(TimeDelta::seconds(30));
            Err(JobFailure::Postpone {
                until: clock.now() + wait,
            })
        }
        Delivery::Lost => Err(JobFailure::retry("the lease was lost")),
    }
}

/// A handler for every job of the product.
#[must_use]
pub fn handlers(crm: &Crm) -> JobHandlers {
    let mut handlers = JobHandlers::new();
    let Crm { sending, clock, .. } = crm.clone();
    handlers.register(move |job: SendBatch, context: JobContext| {
        let (sending, clock) = (sending.clone(), clock.clone());
        async move {
            let hold = HeldJob(context.lease);
            outcome(sending.deliver(&job, &hold).await?, &*clock)
        }
    });
    let Crm { sending, clock, .. } = crm.clone();
    handlers.register(move |job: StartCampaign, _| {
        let (sending, clock) = (sending.clone(), clock.clone());
        async move {
            // Not an attempt that counts: how late it may be is the campaign's to say.
            sending.start_due(&job).await.map(|_| ()).map_err(|error| {
                tracing::warn!(%error, "a campaign could not be started yet");
                JobFailure::Postpone {
                    until: clock.now() + START_AGAIN,
                }
            })
        }
    });
    let Crm { talking, clock, .. } = crm.clone();
    handlers.register(move |job: DeliverMessage, context: JobContext| {
        let (talking, clock) = (talking.clone(), clock.clone());
        async move {
            let hold = HeldJob(context.lease);
            let delivery = talking.deliver(&job, context.attempt, &hold).await?;
            outcome(delivery, &*clock)
        }
    });
    let sending = crm.sending.clone();
    handlers.register(move |_: RescueStranded, _| {
        let sending = sending.clone();
        async move {
            sending.rescue().await?;
            Ok(())
        }
    });
    let inbound = crm.inbound.clone();
    handlers.register(move |job: HandleInboundEvent, _| {
        let inbound = inbound.clone();
        async move { Ok(inbound.handle(&job).await?) }
    });
    let taps = crm.taps.clone();
    handlers.register(move |job: RecordClick, _| {
        let taps = taps.clone();
        async move { Ok(taps.record(&job).await?) }
    });
    let Crm {
        database, clock, ..
    } = crm.clone();
    handlers.register(move |_: Prune, _| {
        let (database, clock) = (database.clone(), clock.clone());
        async move {
            let before = clock.now() - KEEP_DONE;
            while JobQueue::prune(&database, before, PRUNE_AT_ONCE).await? > 0 {}
            Ok(())
        }
    });
    let uploads = crm.uploads.clone();
    handlers.register(move |_: SweepUploads, _| {
        let uploads = uploads.clone();
        async move {
            uploads.sweep().await?;
            Ok(())
        }
    });
    let Crm {
        kept_answers,
        clock,
        ..
    } = crm.clone();
    handlers.register(move |_: ForgetRequests, _| {
        let (kept_answers, clock) = (kept_answers.clone(), clock.clone());
        async move {
            kept_answers.forget_old(clock.now()).await?;
            Ok(())
        }
    });
    handlers
}

/// What is due by the clock.
#[must_use]
pub fn schedules() -> Vec<Schedule> {
    vec![
        Schedule::new("prune_jobs", Duration::from_secs(3_600), |tick| {
            NewJob::of(&Prune {}, tick.at)
        }),
        Schedule::new("rescue_stranded", Duration::from_secs(60), |tick| {
            NewJob::of(&RescueStranded {}, tick.at)
        }),
        Schedule::new("forget_requests", Duration::from_secs(3_600), |tick| {
            NewJob::of(&ForgetRequests {}, tick.at)
        }),
        Schedule::new("sweep_uploads", DAY, |tick| {
            NewJob::of(&SweepUploads {}, tick.at)
        })
        .offset_by(SWEEP_AT),
    ]
}

/// A job runner for this installation.
#[must_use]
pub fn runner(crm: &Crm, settings: &Settings) -> JobRunner {
    let config = RunnerConfig {
        lease: settings.job_lease,
        poll_interval: settings.job_poll_interval,
        shutdown_grace: settings.shutdown_grace,
        ..RunnerConfig::default()
    };
    JobRunner::new(
        Arc::new(crm.database.clone()),
        handlers(crm),
        schedules(),
        crm.clock.clone(),
        crm.ids.clone(),
        config,
    )
}

/// Works until `stop`, showing all the while that it is alive.
pub async fn run(crm: &Crm, settings: &Settings, stop: impl Future) {
    let work = runner(crm, settings).run_until(stop);
    tokio::select! {
        () = work => {}
        () = heartbeat(crm) => {}
    }
}

async fn heartbeat(crm: &Crm) {
    let name = crm.ids.uuid().to_string();
    loop {
        let until = crm.clock.now() + BELIEVED;
        if let Err(error) = crm.database.job_runner_alive(&name, until).await {
            tracing::debug!(%error, "the heartbeat could not be stored");
        }
        tokio::time::sleep(HEARTBEAT).await;
    }
}
