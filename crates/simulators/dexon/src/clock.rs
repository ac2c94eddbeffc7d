//! The hotel's clock.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use crate::time::day_of;

/// What the hotel's clock shows.
#[derive(Clone)]
pub struct Clock(Kind);

#[derive(Clone)]
enum Kind {
    Still(i64),
    Running(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>),
}

impl Clock {
    /// A clock that stands still, but for one second with each change of a row: what changed is
    /// then part of the next window, and nothing else happens by itself.
    #[must_use]
    pub const fn still(at: DateTime<Utc>) -> Self {
        Self(Kind::Still(at.timestamp()))
    }

    /// A clock that shows what `now` says.
    pub fn running(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Kind::Running(Arc::new(now)))
    }

    /// This machine's clock.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the simulator is an outside party; who runs one by hand wants the real time"
    )]
    pub fn of_this_machine() -> Self {
        Self::running(Utc::now)
    }

    /// The day it shows, in Taipei.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        day_of(self.now())
    }

    pub(crate) fn now(&self) -> i64 {
        match &self.0 {
            Kind::Still(at) => *at,
            Kind::Running(now) => now().timestamp(),
        }
    }

    /// One second goes by if the clock stands still.
    pub(crate) fn tick(&mut self) {
        if let Kind::Still(at) = &mut self.0 {
            *at += 1;
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::Still(at) => write!(f, "Clock(still at {at})"),
            Kind::Running(_) => f.write_str("Clock(running)"),
        }
    }
}
