//! Files that staff take away, and the calendar of reports.

use super::HeldJob;
use crate::{JobContext, JobFailure, JobHandlers, Schedule};
use crm_bootstrap::Crm;
use crm_exports::{BeginSchedules, MakeExport, SweepExports};
use crm_kernel::NewJob;
use std::time::Duration;

/// How often the calendar is looked at, should the job of a report have been lost.
const LOOK_EVERY: Duration = Duration::from_secs(600);
/// How often files are taken away whose time is over; their links die by themselves.
const SWEEP_EVERY: Duration = Duration::from_secs(300);

pub(super) fn register(handlers: &mut JobHandlers, crm: &Crm) {
    let reports = crm.reports.clone();
    handlers.register(move |job: MakeExport, context: JobContext| {
        let reports = reports.clone();
        async move {
            let hold = HeldJob(context.lease);
            let Err(error) = reports.make(&job, &hold).await else {
                return Ok(());
            };
            let failure = JobFailure::from(error);
            let is_last = context.attempt >= context.max_attempts;
            if is_last || matches!(failure, JobFailure::GiveUp { .. }) {
                // Nobody shall wait for a file that is not made any more.
                reports.give_up(job.export_id).await?;
            }
            Err(failure)
        }
    });
    let exports = crm.exports.clone();
    handlers.register(move |_: SweepExports, _| {
        let exports = exports.clone();
        async move {
            exports.sweep().await?;
            Ok(())
        }
    });
    let exports = crm.exports.clone();
    handlers.register(move |_: BeginSchedules, _| {
        let exports = exports.clone();
        async move {
            exports.begin_schedules().await?;
            Ok(())
        }
    });
}

/// What is due by the clock.
pub(super) fn schedules() -> Vec<Schedule> {
    vec![
        Schedule::new("begin_report_schedules", LOOK_EVERY, |tick| {
            NewJob::of(&BeginSchedules {}, tick.at)
        }),
        Schedule::new("sweep_exports", SWEEP_EVERY, |tick| {
            NewJob::of(&SweepExports {}, tick.at)
        }),
    ]
}
