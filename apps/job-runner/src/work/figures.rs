//! Keeping the figures of reports true to what happened.

use crate::{JobHandlers, Schedule};
use crm_analytics::RecountFigures;
use crm_bootstrap::Crm;
use crm_kernel::NewJob;
use std::time::Duration;

/// How often it is looked whether the figures were ever counted, and by whose days.
const LOOK_EVERY: Duration = Duration::from_secs(600);

pub(super) fn register(handlers: &mut JobHandlers, crm: &Crm) {
    let figures = crm.figures.clone();
    handlers.register(move |_: RecountFigures, _| {
        let figures = figures.clone();
        async move { Ok(figures.rebuild_if_due().await?) }
    });
}

pub(super) fn schedules() -> Vec<Schedule> {
    vec![Schedule::new("recount_figures", LOOK_EVERY, |tick| {
        NewJob::of(&RecountFigures {}, tick.at)
    })]
}
