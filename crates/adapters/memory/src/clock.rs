use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::Clock;
use std::sync::{Arc, Mutex, PoisonError};

/// A clock that stands still until somebody moves it; its clones show the same time.
#[derive(Clone, Debug)]
pub struct MovedClock(Arc<Mutex<DateTime<Utc>>>);

impl MovedClock {
    /// A clock that shows this moment.
    #[must_use]
    pub fn at(moment: DateTime<Utc>) -> Self {
        Self(Arc::new(Mutex::new(moment)))
    }

    /// Sets it, forwards or back.
    pub fn set(&self, moment: DateTime<Utc>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = moment;
    }

    /// Moves it on.
    pub fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Default for MovedClock {
    /// 1 September 2026, 10:00 in Taipei: a day like any other.
    fn default() -> Self {
        Self::at(DateTime::from_timestamp(1_788_228_000, 0).unwrap_or_default())
    }
}

impl Clock for MovedClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_moves_for_all_who_look_at_it() {
        let clock = MovedClock::default();
        assert_eq!(clock.now().to_rfc3339(), "2026-09-01T02:00:00+00:00");
        let other = clock.clone();
        clock.advance(TimeDelta::minutes(5));
        assert_eq!(other.now().to_rfc3339(), "2026-09-01T02:05:00+00:00");
    }
}
