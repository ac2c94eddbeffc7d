//! Which handler does which job.

mod brought;
mod figures;
mod housekeeping;
mod media;
mod pms;
mod reports;
mod rfm;

pub use housekeeping::{ForgetRequests, Prune, TidyMembers, schedules};

use crate::{JobContext, JobFailure, JobHandlers, JobRunner, LeaseGuard, RunnerConfig};
use async_trait::async_trait;
use chrono::TimeDelta;
use crm_bootstrap::{Crm, Settings};
use crm_campaigns::{PlanCampaign, RunRound, SendBatches, StartCampaign};
use crm_kernel::{Clock, DomainError, ErrorKind};
use crm_members::ImportMembers;
use crm_messages::DeliverMessage;
use crm_workflows::{
    Delivery, FinishReply, HandleInboundEvent, HandleInboundEvents, Hold, RecordClick,
    RecordClicks, SendingError, TakenOver,
};
use std::sync::Arc;
use std::time::Duration;

/// Pause before a start is tried again for which LINE or the database was away.
const START_AGAIN: TimeDelta = TimeDelta::seconds(10);
/// The same while all sending is stopped.
const STOPPED: TimeDelta = TimeDelta::seconds(2);
/// Pause of a sender that could not reach the database, or met another writer there.
const SEND_AGAIN: TimeDelta = TimeDelta::seconds(1);
/// How often a job runner shows that it is alive, and for how long that is believed.
const HEARTBEAT: Duration = Duration::from_secs(5);
const BELIEVED: TimeDelta = TimeDelta::seconds(15);

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
        Delivery::More => Err(JobFailure::Postpone { until: clock.now() }),
        Delivery::Again(wait) => {
            let wait = TimeDelta::from_std(wait).unwrap_or(TimeDelta::seconds(30));
            Err(JobFailure::Postpone {
                until: clock.now() + wait,
            })
        }
        // Whoever has it by now is not told; if nobody has, it is due at once.
        Delivery::Lost => Err(JobFailure::Postpone { until: clock.now() }),
    }
}

/// What an attempt to plan means for its job.
fn planned(taken: TakenOver, clock: &dyn Clock) -> Result<(), JobFailure> {
    let delivery = match taken {
        TakenOver::Done => Delivery::Done,
        TakenOver::Again(wait) => Delivery::Again(wait),
    };
    outcome(delivery, clock)
}

/// A handler for every job of the product.
#[must_use]
pub fn handlers(crm: &Crm) -> JobHandlers {
    let mut handlers = JobHandlers::new();
    let Crm { sending, clock, .. } = crm.clone();
    handlers.register(move |job: SendBatches, context: JobContext| {
        let (sending, clock) = (sending.clone(), clock.clone());
        async move {
            let hold = HeldJob(context.lease);
            match sending.send_batches(&job, &hold).await {
                Ok(delivery) => outcome(delivery, &*clock),
                // Not an attempt that counts: over a long send pauses would grow to minutes.
                Err(error) if error.kind() == ErrorKind::Unavailable => {
                    tracing::warn!(%error, "a sender goes on a little later");
                    Err(JobFailure::Postpone {
                        until: clock.now() + SEND_AGAIN,
                    })
                }
                Err(error) => Err(error.into()),
            }
        }
    });
    let Crm { sending, clock, .. } = crm.clone();
    handlers.register(move |job: PlanCampaign, _| {
        let (sending, clock) = (sending.clone(), clock.clone());
        async move { planned(sending.take_over(&job).await?, &*clock) }
    });
    let Crm { sending, clock, .. } = crm.clone();
    handlers.register(move |job: RunRound, _| {
        let (sending, clock) = (sending.clone(), clock.clone());
        async move { planned(sending.run_round(&job).await?, &*clock) }
    });
    let Crm { sending, clock, .. } = crm.clone();
    handlers.register(move |job: StartCampaign, _| {
        let (sending, clock) = (sending.clone(), clock.clone());
        async move {
            // Not an attempt that counts: how late it may be is the campaign's to say.
            sending.start_due(&job).await.map(|_| ()).map_err(|error| {
                let wait = if matches!(error, SendingError::Stopped) {
                    STOPPED
                } else {
                    tracing::warn!(%error, "a campaign could not be started yet");
                    START_AGAIN
                };
                JobFailure::Postpone {
                    until: clock.now() + wait,
                }
            })
        }
    });
    let Crm { talking, clock, .. } = crm.clone();
    handlers.register(move |job: DeliverMessage, context: JobContext| {
        let (talking, clock) = (talking.clone(), clock.clone());
        async move {
            let hold = HeldJob(context.lease);
            let delivery = talking.deliver(&job, &hold).await?;
            outcome(delivery, &*clock)
        }
    });
    let inbound = crm.inbound.clone();
    handlers.register(move |job: HandleInboundEvents, _| {
        let inbound = inbound.clone();
        async move { Ok(inbound.handle_all(&job).await?) }
    });
    let Crm { inbound, clock, .. } = crm.clone();
    handlers.register(move |job: HandleInboundEvent, _| {
        let (inbound, clock) = (inbound.clone(), clock.clone());
        async move { outcome(inbound.handle(&job).await?, &*clock) }
    });
    let Crm {
        answering, clock, ..
    } = crm.clone();
    handlers.register(move |job: FinishReply, context: JobContext| {
        let (answering, clock) = (answering.clone(), clock.clone());
        async move {
            let hold = HeldJob(context.lease);
            outcome(answering.finish(&job, &hold).await?, &*clock)
        }
    });
    let taps = crm.taps.clone();
    handlers.register(move |job: RecordClick, _| {
        let taps = taps.clone();
        async move { Ok(taps.record(job).await?) }
    });
    let taps = crm.taps.clone();
    handlers.register(move |job: RecordClicks, _| {
        let taps = taps.clone();
        async move { Ok(taps.record_group(job.group).await?) }
    });
    let members = crm.members.clone();
    handlers.register(move |job: ImportMembers, context: JobContext| {
        let members = members.clone();
        async move {
            let Err(error) = members.run_import(job.import_id).await else {
                return Ok(());
            };
            let failure = JobFailure::from(error);
            let is_last = context.attempt >= context.max_attempts;
            if is_last || matches!(failure, JobFailure::GiveUp { .. }) {
                // Nobody shall wait for an import that does not go on.
                members.give_up_import(job.import_id).await?;
            }
            Err(failure)
        }
    });
    brought::register(&mut handlers, crm);
    media::register(&mut handlers, crm);
    pms::register(&mut handlers, crm);
    reports::register(&mut handlers, crm);
    figures::register(&mut handlers, crm);
    rfm::register(&mut handlers, crm);
    housekeeping::register(&mut handlers, crm);
    handlers
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
        [
            schedules(),
            figures::schedules(),
            brought::schedules(),
            pms::schedules(crm, settings),
            reports::schedules(),
            rfm::schedules(),
        ]
        .concat(),
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
