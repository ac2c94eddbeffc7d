//! What campaigns brought, looked at again where stays changed.

use crate::{JobHandlers, Schedule};
use crm_analytics::{CountConversions, RecheckConversions};
use crm_bootstrap::Crm;
use crm_kernel::NewJob;
use std::time::Duration;

/// How often marks of guests whose stays changed are worked off.
const COUNT_EVERY: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3_600);
/// When guests who booked of late are looked at once more, in UTC: at night in Taiwan.
const AT_NIGHT: Duration = Duration::from_secs(20 * 3_600);

pub(super) fn register(handlers: &mut JobHandlers, crm: &Crm) {
    let conversions = crm.conversions.clone();
    handlers.register(move |_: CountConversions, _| {
        let conversions = conversions.clone();
        async move {
            conversions.count_if_free().await?;
            Ok(())
        }
    });
    let conversions = crm.conversions.clone();
    handlers.register(move |_: RecheckConversions, _| {
        let conversions = conversions.clone();
        async move {
            conversions.recheck().await?;
            Ok(())
        }
    });
}

/// Rounds of every installation.
pub(super) fn schedules() -> Vec<Schedule> {
    vec![
        Schedule::new("count_conversions", COUNT_EVERY, |tick| {
            NewJob::of(&CountConversions {}, tick.at)
        }),
        Schedule::new("recheck_conversions", DAY, |tick| {
            NewJob::of(&RecheckConversions {}, tick.at)
        })
        .offset_by(AT_NIGHT),
    ]
}
