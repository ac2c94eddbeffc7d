use chrono::{DateTime, TimeDelta, Utc};

/// Whether a message may be planned for this moment: later than now, at most a year ahead.
///
/// # Errors
/// What is wrong with it, safe to show.
pub fn check_schedule(at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), &'static str> {
    if at <= now {
        return Err("must be in the future");
    }
    if at - now > TimeDelta::days(366) {
        return Err("must be at most a year ahead");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_lies_within_the_coming_year() {
        let now = DateTime::UNIX_EPOCH;
        assert!(check_schedule(now, now).is_err());
        assert!(check_schedule(now + TimeDelta::seconds(1), now).is_ok());
        assert!(check_schedule(now + TimeDelta::days(366), now).is_ok());
        assert!(check_schedule(now + TimeDelta::days(367), now).is_err());
    }
}
