use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use crm_kernel::{Clock, IdGenerator};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct MovedClock(Mutex<DateTime<Utc>>);

impl Default for MovedClock {
    /// Ten in the morning in Taipei, on the day before Moon Festival 2026.
    fn default() -> Self {
        let start = Utc.with_ymd_and_hms(2026, 9, 24, 2, 0, 0);
        Self(Mutex::new(start.unwrap()))
    }
}

impl MovedClock {
    /// Moves it forward (or back).
    pub fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for MovedClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// Ids 1, 2, 3, …
#[derive(Debug, Default)]
pub struct CountingIds(AtomicU64);

impl IdGenerator for CountingIds {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed) + 1))
    }
}
