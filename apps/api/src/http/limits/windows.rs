use super::Allowance;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

const MINUTE: TimeDelta = TimeDelta::minutes(1);
/// Most that are counted at the same time, about 10 MB. Whoever is one too many makes the oldest
/// forgotten.
const MOST: usize = 50_000;

/// So many requests for each `K` within a minute, which begins with the first of them.
pub(super) struct Windows<K> {
    limit: u32,
    most: usize,
    open: Mutex<Open<K>>,
}

struct Open<K> {
    windows: HashMap<K, Window>,
    /// Every window by its end: all are as long, so whatever comes later ends later.
    by_end: VecDeque<(DateTime<Utc>, K)>,
}

struct Window {
    ends: DateTime<Utc>,
    taken: u32,
}

impl<K: Clone + Eq + Hash> Windows<K> {
    /// Nothing taken; `0` = no limit.
    pub(super) fn new(limit: u32) -> Self {
        Self {
            limit,
            most: MOST,
            open: Mutex::new(Open {
                windows: HashMap::new(),
                by_end: VecDeque::new(),
            }),
        }
    }

    /// Takes one request and tells how the limit stands; `None` when there is none.
    pub(super) fn take(&self, key: K, now: DateTime<Utc>) -> Option<Allowance> {
        if self.limit == 0 {
            return None;
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.forget(now, self.most);
        let window = open.window_of(key, now);
        let is_over = window.taken >= self.limit;
        if !is_over {
            window.taken += 1;
        }
        let times = (window.ends, now);
        Some(standing(self.limit, window.taken, times, is_over))
    }
}

impl<K: Clone + Eq + Hash> Open<K> {
    /// Drops the windows that are over, and the oldest when a further one would be too many.
    fn forget(&mut self, now: DateTime<Utc>, most: usize) {
        while let Some((ends, _)) = self.by_end.front()
            && (*ends <= now || self.by_end.len() >= most)
        {
            let Some((ends, key)) = self.by_end.pop_front() else {
                return;
            };
            if self.windows.get(&key).is_some_and(|w| w.ends == ends) {
                self.windows.remove(&key);
            }
        }
    }

    fn window_of(&mut self, key: K, now: DateTime<Utc>) -> &mut Window {
        let by_end = &mut self.by_end;
        let fresh = Window {
            ends: now + MINUTE,
            taken: 0,
        };
        let window = self.windows.entry(key.clone()).or_insert_with(|| {
            by_end.push_back((fresh.ends, key.clone()));
            Window { ..fresh }
        });
        // A clock that was put back must not keep anybody out for longer.
        if window.ends - now > MINUTE {
            by_end.push_back((fresh.ends, key));
            *window = fresh;
        }
        window
    }
}

/// How a limit stands of which so many are taken, in a window that ends, now.
pub(super) fn standing(
    limit: u32,
    taken: u32,
    (ends, now): (DateTime<Utc>, DateTime<Utc>),
    is_over: bool,
) -> Allowance {
    Allowance {
        limit,
        remaining: limit.saturating_sub(taken),
        reset: rounded_up(ends - DateTime::UNIX_EPOCH),
        wait: is_over.then(|| rounded_up(ends - now).unsigned_abs().max(1)),
    }
}

/// Whole seconds; who waits for so long does not come too early.
fn rounded_up(time: TimeDelta) -> i64 {
    time.num_seconds() + i64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::milliseconds(millis)
    }

    fn left<K: Clone + Eq + Hash>(windows: &Windows<K>, key: K, millis: i64) -> (u32, Option<u64>) {
        let taken = windows.take(key, at(millis)).unwrap();
        (taken.remaining, taken.wait)
    }

    #[test]
    fn a_limit_counts_down_to_nothing_and_is_whole_again_a_minute_after_its_first() {
        let windows = Windows::new(2);
        assert_eq!(left(&windows, "mei", 500), (1, None));
        assert_eq!(left(&windows, "mei", 30_000), (0, None));
        assert_eq!(left(&windows, "mei", 30_000), (0, Some(31)));
        assert_eq!(left(&windows, "mei", 60_499), (0, Some(1)));
        assert_eq!(left(&windows, "mei", 60_500), (1, None));
    }

    #[test]
    fn the_reset_is_not_told_too_early() {
        let taken = Windows::new(2).take("mei", at(500)).unwrap();
        assert_eq!((taken.limit, taken.reset), (2, 61));
        let taken = Windows::new(2).take("mei", at(3_000)).unwrap();
        assert_eq!(taken.reset, 63);
    }

    #[test]
    fn everybody_has_a_limit_of_their_own_and_no_limit_is_none() {
        let windows = Windows::new(1);
        assert_eq!(left(&windows, "mei", 0), (0, None));
        assert_eq!(left(&windows, "lin", 0), (0, None));
        assert_eq!(Windows::new(0).take("mei", at(0)), None);
    }

    #[test]
    fn what_is_over_is_forgotten() {
        let windows = Windows::new(5);
        for key in 0..100 {
            left(&windows, key, key);
        }
        left(&windows, 1_000, 70_000);
        let open = windows.open.lock().unwrap();
        assert_eq!((open.windows.len(), open.by_end.len()), (1, 1));
    }

    #[test]
    fn a_crowd_does_not_take_more_memory_than_there_is() {
        let mut windows = Windows::new(1);
        windows.most = 3;
        for key in 0..10 {
            assert_eq!(left(&windows, key, key), (0, None));
        }
        assert_eq!(left(&windows, 9, 10).1, Some(60));
        let open = windows.open.lock().unwrap();
        assert!(open.windows.len() <= 3 && open.by_end.len() <= 3);
    }

    #[test]
    fn a_clock_that_was_put_back_keeps_nobody_out() {
        let windows = Windows::new(1);
        assert_eq!(left(&windows, "mei", 3_600_000), (0, None));
        assert_eq!(left(&windows, "mei", 0), (0, None));
        assert_eq!(left(&windows, "mei", 1), (0, Some(60)));
    }
}
