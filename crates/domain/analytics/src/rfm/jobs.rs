use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use crm_kernel::{Job, Lane, NewJob, StoreError};
use serde::{Deserialize, Serialize};

/// Make the scores of all guests anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GradeGuests {}

impl Job for GradeGuests {
    const NAME: &'static str = "analytics.grade_guests";
    const LANE: Lane = Lane::Background;
    // Comes again by the clock.
    const MAX_ATTEMPTS: u32 = 3;
}

impl GradeGuests {
    /// The job for stays that have changed by `now`: at the next full hour, once for all that
    /// change until then.
    ///
    /// # Errors
    /// `Internal` when the job does not serialise.
    pub fn after_changes(now: DateTime<Utc>) -> Result<NewJob, StoreError> {
        let hour = TimeDelta::hours(1);
        let at = now.duration_trunc(hour).unwrap_or(now) + hour;
        let mut job = NewJob::of(&Self {}, at)?;
        job.dedupe_key = Some(format!("{}:{}", Self::NAME, at.timestamp()));
        Ok(job)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn all_changes_of_an_hour_lead_to_one_job_when_it_is_over() {
        let at = |hour, minute| Utc.with_ymd_and_hms(2026, 9, 24, hour, minute, 0).unwrap();
        let early = GradeGuests::after_changes(at(10, 0)).unwrap();
        let late = GradeGuests::after_changes(at(10, 59)).unwrap();
        let next = GradeGuests::after_changes(at(11, 0)).unwrap();
        assert_eq!(early, late);
        assert_eq!((early.run_at, next.run_at), (at(11, 0), at(12, 0)));
        assert_ne!(late.dedupe_key, next.dedupe_key);
    }
}
