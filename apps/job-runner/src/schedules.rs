//! Jobs that come round by the clock.

use crate::keeper::in_time;
use chrono::{DateTime, Utc};
use crm_kernel::{Clock, JobQueue, NewJob, StoreError};
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tracing::{debug, warn};

/// Longest time between two looks at the clock, which may jump.
const LOOK: Duration = Duration::from_secs(1);

/// One round of a [`Schedule`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// Rounds since 1970; the same in every process.
    pub number: i64,
    /// When it began.
    pub at: DateTime<Utc>,
}

type Make = Arc<dyn Fn(Tick) -> Result<NewJob, StoreError> + Send + Sync>;

/// A job put into the queue once per period, however many processes run.
///
/// Rounds missed while none ran are not made up for, except the latest. Done jobs must be kept
/// for longer than the period, because their key is what tells the others that a round is taken.
#[derive(Clone)]
pub struct Schedule {
    name: String,
    every: Duration,
    offset: Duration,
    make: Make,
}

impl Schedule {
    /// Puts what `make` makes once every `every`; never when that is zero.
    pub fn new<F>(name: impl Into<String>, every: Duration, make: F) -> Self
    where
        F: Fn(Tick) -> Result<NewJob, StoreError> + Send + Sync + 'static,
    {
        Self {
            name: name.into(),
            every,
            offset: Duration::ZERO,
            make: Arc::new(make),
        }
    }

    /// Moves the rounds, which else begin at multiples of the period since 1970 (a day's at
    /// 00:00 UTC).
    #[must_use]
    pub fn offset_by(mut self, offset: Duration) -> Self {
        self.offset = offset;
        self
    }

    /// The round that `now` is in.
    #[must_use]
    pub fn tick(&self, now: DateTime<Utc>) -> Option<Tick> {
        let every = i64::try_from(self.every.as_millis()).ok()?;
        let offset = i64::try_from(self.offset.as_millis()).ok()?;
        let number = now
            .timestamp_millis()
            .checked_sub(offset)?
            .checked_div_euclid(every)?;
        let at = number.checked_mul(every)?.checked_add(offset)?;
        let at = DateTime::from_timestamp_millis(at)?;
        Some(Tick { number, at })
    }

    async fn put(&self, tick: Tick, queue: &dyn JobQueue) -> Result<bool, StoreError> {
        let mut job = (self.make)(tick)?;
        job.dedupe_key = Some(format!("schedule:{}:{}", self.name, tick.number));
        in_time(queue.put(job)).await
    }
}

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schedule")
            .field("name", &self.name)
            .field("every", &self.every)
            .field("offset", &self.offset)
            .finish_non_exhaustive()
    }
}

/// Watches the clock for all schedules of this process.
pub(crate) struct Scheduler {
    queue: Arc<dyn JobQueue>,
    clock: Arc<dyn Clock>,
    /// With the last round known to be in the queue.
    schedules: Vec<(Schedule, Option<Tick>)>,
}

impl Scheduler {
    pub(crate) fn new(
        queue: Arc<dyn JobQueue>,
        clock: Arc<dyn Clock>,
        schedules: &[Schedule],
    ) -> Self {
        Self {
            queue,
            clock,
            schedules: schedules.iter().map(|s| (s.clone(), None)).collect(),
        }
    }

    /// Puts the jobs of all rounds that have begun; answers how many were not yet there.
    pub(crate) async fn put_due(&mut self) -> usize {
        let mut put = 0;
        for (schedule, last) in &mut self.schedules {
            let Some(tick) = schedule.tick(self.clock.now()) else {
                continue;
            };
            if last.is_some_and(|last| last.number >= tick.number) {
                continue;
            }
            match schedule.put(tick, &*self.queue).await {
                Ok(new) => {
                    *last = Some(tick);
                    put += usize::from(new);
                    debug!(new, "schedule {} is at {}", schedule.name, tick.at);
                }
                Err(error) => warn!(
                    error = &error as &dyn std::error::Error,
                    "schedule {} not put; trying again", schedule.name
                ),
            }
        }
        put
    }

    pub(crate) async fn run(mut self) -> Infallible {
        loop {
            self.put_due().await;
            tokio::time::sleep(self.pause()).await;
        }
    }

    /// Until the next round of any schedule begins.
    fn pause(&self) -> Duration {
        let now = self.clock.now();
        let next = self.schedules.iter().filter_map(|(schedule, _)| {
            let next = crate::backoff::later(schedule.tick(now)?.at, schedule.every);
            (next - now).to_std().ok()
        });
        next.min()
            .unwrap_or(LOOK)
            .clamp(Duration::from_millis(10), LOOK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(every: u64) -> Schedule {
        Schedule::new("nightly", Duration::from_secs(every), |_| {
            Err(StoreError::internal("not made here"))
        })
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn a_round_lasts_from_its_beginning_to_the_next() {
        let hourly = schedule(3600);
        assert_eq!(hourly.tick(at(7199)).unwrap().number, 1);
        let next = Tick {
            number: 2,
            at: at(7200),
        };
        assert_eq!(hourly.tick(at(7200)), Some(next));
    }

    #[test]
    fn rounds_can_begin_at_another_hour() {
        let nightly = schedule(86_400).offset_by(Duration::from_secs(3 * 3600));
        let day = 86_400;
        assert_eq!(nightly.tick(at(day)).unwrap().at, at(3 * 3600));
        assert_eq!(nightly.tick(at(day + 3 * 3600)).unwrap().number, 1);
    }

    #[test]
    fn a_period_of_zero_is_off() {
        assert_eq!(schedule(0).tick(at(1)), None);
    }
}
