//! Taking over what the hotel's own system says, by the clock and when somebody asks.

use super::HeldJob;
use crate::{JobContext, JobFailure, JobHandlers, Schedule};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use crm_bootstrap::{Crm, Settings};
use crm_kernel::NewJob;
use crm_workflows::{BeginSyncs, PmsSyncError, RescueSyncs, RunSync, SweepStays};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3_600);
/// How often runs that lost their job are looked for.
const RESCUE_EVERY: Duration = Duration::from_secs(600);
/// When the stays that arrive about now are swept, on the hotel's wall.
const SWEEP_AT: TimeDelta = TimeDelta::hours(3);
/// Pause of a sweep that met another run of stays.
const SWEEP_AGAIN: TimeDelta = TimeDelta::minutes(5);

pub(super) fn register(handlers: &mut JobHandlers, crm: &Crm) {
    let pms = crm.pms.clone();
    handlers.register(move |job: RunSync, context: JobContext| {
        let pms = pms.clone();
        async move {
            let hold = HeldJob(context.lease);
            let Err(error) = pms.run(&job, &hold).await else {
                return Ok(());
            };
            let failure = JobFailure::from(error);
            let is_last = context.attempt >= context.max_attempts;
            if is_last || matches!(failure, JobFailure::GiveUp { .. }) {
                // Nobody shall wait for a run that does not go on, and the next one may begin.
                pms.give_up(job.run_id).await?;
            }
            Err(failure)
        }
    });
    let pms = crm.pms.clone();
    handlers.register(move |_: BeginSyncs, _| {
        let pms = pms.clone();
        async move { Ok(pms.begin_syncs().await?) }
    });
    let pms = crm.pms.clone();
    handlers.register(move |_: RescueSyncs, _| {
        let pms = pms.clone();
        async move { Ok(pms.rescue().await?) }
    });
    let (pms, clock) = (crm.pms.clone(), crm.clock.clone());
    handlers.register(move |_: SweepStays, _| {
        let (pms, clock) = (pms.clone(), clock.clone());
        async move {
            match pms.sweep_stays().await {
                Err(PmsSyncError::Running { .. }) => Err(JobFailure::Postpone {
                    until: clock.now() + SWEEP_AGAIN,
                }),
                ended => Ok(ended?),
            }
        }
    });
}

/// Rounds of an installation that asks its hotel's system by itself; of one that does not, only
/// the look after runs that somebody asked for.
pub(super) fn schedules(crm: &Crm, settings: &Settings) -> Vec<Schedule> {
    let rescue = Schedule::new("rescue_syncs", RESCUE_EVERY, |tick| {
        NewJob::of(&RescueSyncs {}, tick.at)
    });
    let Some(interval) = settings.pms.sync_interval else {
        return vec![rescue];
    };
    vec![
        rescue,
        Schedule::new("begin_syncs", interval, |tick| {
            NewJob::of(&BeginSyncs {}, tick.at)
        }),
        Schedule::new("sweep_stays", DAY, |tick| {
            NewJob::of(&SweepStays {}, tick.at)
        })
        .offset_by(at_night(crm, crm.clock.now())),
    ]
}

/// How long after midnight UTC the hotel's night comes. A change of the clocks moves it with the
/// next start.
fn at_night(crm: &Crm, now: DateTime<Utc>) -> Duration {
    let day = crm.hotel.day_of(now);
    let at = crm.hotel.start_of(day) + SWEEP_AT;
    (at.time() - NaiveTime::MIN).to_std().unwrap_or_default()
}
