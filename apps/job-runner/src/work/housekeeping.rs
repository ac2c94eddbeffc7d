//! What is due by the clock alone, and what is thrown away in the course of it.

use crate::{JobContext, JobHandlers, Schedule};
use chrono::TimeDelta;
use crm_bootstrap::Crm;
use crm_campaigns::BeginRounds;
use crm_kernel::{Job, JobQueue, Lane, NewJob};
use crm_messages::SweepMedia;
use crm_uploads::SweepUploads;
use crm_workflows::{
    FetchLineStats, LiveQueries, PruneClicks, RescueEvents, RescueStranded, TrimEvents,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);
/// When the day's rounds begin, in UTC: at night in Taiwan.
const AT_NIGHT: Duration = Duration::from_secs(19 * 3_600);
/// Done jobs are kept this long, for whoever looks into what happened. Their dedupe keys mark
/// rounds of schedules as taken, so it must be longer than any schedule's period.
const KEEP_DONE: TimeDelta = TimeDelta::days(7);
const PRUNE_AT_ONCE: u32 = 5_000;
/// What was told to those who listen is kept this long for those who come back.
const KEEP_TOLD: TimeDelta = TimeDelta::days(1);
const FORGET_AT_ONCE: u32 = 1_000;
/// Files of members that no import took are kept this long.
const KEEP_FILES: TimeDelta = TimeDelta::days(2);

/// Delete jobs that were done long ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prune {}

impl Job for Prune {
    const NAME: &'static str = "jobs.prune";
    const LANE: Lane = Lane::Background;
    const MAX_ATTEMPTS: u32 = 3;
}

/// Forget what was told to those who listen long ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgetTold {}

impl Job for ForgetTold {
    const NAME: &'static str = "live.forget";
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

/// Forget what is kept of members for a time only: how to undo merges that cannot be undone
/// any more, and files that no import took. Count members anew, should an older release have
/// stored some without counting them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TidyMembers {}

impl Job for TidyMembers {
    const NAME: &'static str = "members.tidy";
    const LANE: Lane = Lane::Background;
    const MAX_ATTEMPTS: u32 = 3;
}

pub(super) fn register(handlers: &mut JobHandlers, crm: &Crm) {
    let sending = crm.sending.clone();
    handlers.register(move |_: RescueStranded, _| {
        let sending = sending.clone();
        async move {
            sending.rescue().await?;
            Ok(())
        }
    });
    let sending = crm.sending.clone();
    handlers.register(move |_: BeginRounds, _| {
        let sending = sending.clone();
        async move {
            sending.begin_rounds().await?;
            Ok(())
        }
    });
    let sending = crm.sending.clone();
    handlers.register(move |_: FetchLineStats, _| {
        let sending = sending.clone();
        async move {
            sending.fetch_line_stats().await?;
            Ok(())
        }
    });
    let (database, clock) = (crm.database.clone(), crm.clock.clone());
    handlers.register(move |_: Prune, _| {
        let (database, clock) = (database.clone(), clock.clone());
        async move {
            let before = clock.now() - KEEP_DONE;
            while JobQueue::prune(&database, before, PRUNE_AT_ONCE).await? > 0 {}
            Ok(())
        }
    });
    let inbound = crm.inbound.clone();
    handlers.register(move |_: RescueEvents, _| {
        let inbound = inbound.clone();
        async move {
            inbound.rescue().await?;
            Ok(())
        }
    });
    let inbound = crm.inbound.clone();
    handlers.register(move |_: TrimEvents, _| {
        let inbound = inbound.clone();
        async move {
            inbound.trim().await?;
            Ok(())
        }
    });
    let (database, clock) = (crm.database.clone(), crm.clock.clone());
    handlers.register(move |_: ForgetTold, _| {
        let (database, clock) = (database.clone(), clock.clone());
        async move {
            let before = clock.now() - KEEP_TOLD;
            while LiveQueries::prune(&database, before, FORGET_AT_ONCE).await? > 0 {}
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
    let (kept_answers, clock) = (crm.kept_answers.clone(), crm.clock.clone());
    handlers.register(move |_: ForgetRequests, _| {
        let (kept_answers, clock) = (kept_answers.clone(), clock.clone());
        async move {
            kept_answers.forget_old(clock.now()).await?;
            Ok(())
        }
    });
    let taps = crm.taps.clone();
    handlers.register(move |_: PruneClicks, _| {
        let taps = taps.clone();
        async move {
            taps.prune_clicks().await?;
            Ok(())
        }
    });
    let crm = crm.clone();
    handlers.register(move |_: TidyMembers, _: JobContext| {
        let crm = crm.clone();
        async move {
            let now = crm.clock.now();
            crm.members.forget_old_merges(now).await?;
            crm.files.forget_put_aside(now - KEEP_FILES).await?;
            let missing = crm.database.recount_members().await?;
            if missing != 0 {
                tracing::warn!(missing, "the number of members was wrong and is mended");
            }
            Ok(())
        }
    });
}

/// What is due by the clock.
#[must_use]
pub fn schedules() -> Vec<Schedule> {
    vec![
        Schedule::new("prune_jobs", HOUR, |tick| NewJob::of(&Prune {}, tick.at)),
        Schedule::new("forget_told", HOUR, |tick| {
            NewJob::of(&ForgetTold {}, tick.at)
        }),
        Schedule::new("rescue_stranded", MINUTE, |tick| {
            NewJob::of(&RescueStranded {}, tick.at)
        }),
        Schedule::new("rescue_events", MINUTE, |tick| {
            NewJob::of(&RescueEvents {}, tick.at)
        }),
        Schedule::new("trim_events", DAY, |tick| {
            NewJob::of(&TrimEvents {}, tick.at)
        })
        .offset_by(AT_NIGHT),
        Schedule::new("campaign_rounds", HOUR, |tick| {
            NewJob::of(&BeginRounds {}, tick.at)
        }),
        Schedule::new("fetch_line_stats", MINUTE, |tick| {
            NewJob::of(&FetchLineStats {}, tick.at)
        }),
        Schedule::new("forget_requests", HOUR, |tick| {
            NewJob::of(&ForgetRequests {}, tick.at)
        }),
        Schedule::new("prune_clicks", HOUR, |tick| {
            NewJob::of(&PruneClicks {}, tick.at)
        }),
        Schedule::new("sweep_uploads", DAY, |tick| {
            NewJob::of(&SweepUploads {}, tick.at)
        })
        .offset_by(AT_NIGHT),
        Schedule::new("sweep_media", DAY, |tick| {
            NewJob::of(&SweepMedia {}, tick.at)
        })
        .offset_by(AT_NIGHT),
        Schedule::new("tidy_members", DAY, |tick| {
            NewJob::of(&TidyMembers {}, tick.at)
        })
        .offset_by(AT_NIGHT),
    ]
}
