//! Which guests are worth most.

use super::HeldJob;
use crate::{JobContext, JobHandlers, Schedule};
use crm_analytics::{GradeGuests, Progress};
use crm_bootstrap::Crm;
use crm_kernel::NewJob;
use crm_workflows::Hold;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3_600);
/// When the scores are made anew, in UTC: at night in Taiwan, when the day's stays are known.
const AT_NIGHT: Duration = Duration::from_secs(20 * 3_600);
/// Rest between two stretches of members. SQLite's writers do not queue across processes;
/// whoever waits looks again after at most 100 ms.
const SQLITE_TURN: Duration = Duration::from_millis(110);
/// Times that a step is tried which met another writer, and the pause before.
const TRIES: u32 = 5;
const TRY_AGAIN: Duration = Duration::from_secs(1);

pub(super) fn register(handlers: &mut JobHandlers, crm: &Crm) {
    let rfm = crm.rfm.clone();
    let rest = if crm.database.is_mysql() {
        Duration::ZERO
    } else {
        SQLITE_TURN
    };
    handlers.register(move |_: GradeGuests, context: JobContext| {
        let rfm = rfm.clone();
        async move {
            let hold = HeldJob(context.lease);
            let mut run = rfm.begin().await?;
            let mut tries = 1;
            loop {
                let pause = match rfm.step(&mut run).await {
                    Ok(Progress::More) => {
                        tries = 1;
                        rest
                    }
                    // Whoever began later makes the same scores.
                    Ok(Progress::Done | Progress::Overtaken) => return Ok(()),
                    Err(error) if tries < TRIES => {
                        tracing::warn!(%error, "a step of the scores is tried again");
                        tries += 1;
                        TRY_AGAIN
                    }
                    Err(error) => return Err(error.into()),
                };
                if !hold.wait(pause).await {
                    return Ok(());
                }
            }
        }
    });
}

/// The nightly round.
pub(super) fn schedules() -> Vec<Schedule> {
    let nightly = Schedule::new("grade_guests", DAY, |tick| {
        NewJob::of(&GradeGuests {}, tick.at)
    });
    vec![nightly.offset_by(AT_NIGHT)]
}
