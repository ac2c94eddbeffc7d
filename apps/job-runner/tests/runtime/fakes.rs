//! Time and ids under the test's control.

use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::{Clock, IdGenerator};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::SeqCst};
use std::time::SystemTime;
use uuid::Uuid;

/// The real time, moved by a number of milliseconds.
#[derive(Default)]
pub struct MovedClock(AtomicI64);

impl MovedClock {
    pub fn advance(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_milliseconds(), SeqCst);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::<Utc>::from(SystemTime::now()) + TimeDelta::milliseconds(self.0.load(SeqCst))
    }
}

/// Ids that count, never the same twice in a test.
#[derive(Default)]
pub struct CountingIds(AtomicU64);

impl IdGenerator for CountingIds {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, SeqCst)))
    }
}
