use super::Cursor;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long a number may be missing before somebody asks whether it still comes.
const PATIENCE: Duration = Duration::from_secs(10);
/// So many missing numbers at most are remembered; beyond, the oldest are asked about at once.
const MOST: usize = 1_000;

/// What has been seen of a growing list of numbers that do not appear in their order. MySQL gives
/// them out before the commit, so a lower one may come after a higher one, or never: each that
/// was passed by is looked for until it is there, or until it is certain that it never comes.
#[derive(Clone, Debug, Default)]
pub struct Tail {
    last: i64,
    /// Passed by, since when.
    missing: BTreeMap<i64, Instant>,
}

impl Tail {
    /// Begins behind the newest numbers, given ascending. What is missing among them may still
    /// come.
    #[must_use]
    pub fn behind(newest: &[i64], now: Instant) -> Self {
        let mut tail = Self {
            last: newest.first().map_or(0, |first| first - 1),
            missing: BTreeMap::new(),
        };
        for id in newest {
            tail.note(*id, now);
        }
        tail
    }

    /// The highest number seen.
    #[must_use]
    pub const fn last(&self) -> i64 {
        self.last
    }

    /// The numbers that were passed by, ascending.
    #[must_use]
    pub fn missing(&self) -> Vec<i64> {
        self.missing.keys().copied().collect()
    }

    /// Up to here nothing is missing.
    #[must_use]
    pub fn floor(&self) -> i64 {
        let first = self.missing.keys().next();
        first.map_or(self.last, |first| first - 1)
    }

    /// Takes note of a number, and answers its place; `None` when it was seen before.
    pub fn note(&mut self, id: i64, now: Instant) -> Option<Cursor> {
        if id > self.last {
            // A database that counts in great steps has no more in between than we remember.
            let most = i64::try_from(MOST).unwrap_or(i64::MAX);
            for passed in (self.last + 1).max(id - most)..id {
                self.missing.insert(passed, now);
            }
            self.last = id;
        } else {
            self.missing.remove(&id)?;
        }
        Some(Cursor {
            number: id,
            floor: self.floor(),
        })
    }

    /// Those to be asked about: missing for long, or too many.
    #[must_use]
    pub fn doubtful(&self, now: Instant) -> Vec<i64> {
        let excess = self.missing.len().saturating_sub(MOST);
        let mut all = self.missing.iter().enumerate();
        let mut doubtful = Vec::new();
        for (place, (id, since)) in &mut all {
            if place < excess || now.saturating_duration_since(*since) >= PATIENCE {
                doubtful.push(*id);
            }
        }
        doubtful
    }

    /// Looks for these no longer.
    pub fn give_up(&mut self, never_coming: &[i64]) {
        for id in never_coming {
            self.missing.remove(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(tail: &mut Tail, ids: &[i64], now: Instant) -> Vec<String> {
        let noted = ids.iter().filter_map(|id| tail.note(*id, now));
        noted.map(|cursor| cursor.to_string()).collect()
    }

    #[test]
    fn a_number_that_comes_late_is_seen_once() {
        let now = Instant::now();
        let mut tail = Tail::default();
        assert_eq!(
            places(&mut tail, &[1, 3, 4, 7], now),
            ["1", "3-1", "4-1", "7-1"]
        );
        assert_eq!(tail.missing(), [2, 5, 6]);
        assert_eq!(places(&mut tail, &[2, 3, 6, 2], now), ["2-4", "6-4"]);
        assert_eq!((tail.floor(), tail.last()), (4, 7));
        assert_eq!(places(&mut tail, &[5, 8], now), ["5-7", "8"]);
        assert_eq!(tail.missing(), [0; 0]);
    }

    #[test]
    fn what_is_missing_for_long_is_asked_about_and_given_up_only_then() {
        let start = Instant::now();
        let mut tail = Tail::default();
        places(&mut tail, &[2], start);
        let later = start + Duration::from_secs(6);
        places(&mut tail, &[4], later);
        assert_eq!(tail.doubtful(later), [0; 0]);
        let late = start + PATIENCE;
        assert_eq!(tail.doubtful(late), [1]);
        assert_eq!(tail.floor(), 0);
        tail.give_up(&[1]);
        assert_eq!(tail.floor(), 2);
        assert_eq!(tail.missing(), [3]);
    }

    #[test]
    fn whoever_begins_late_looks_for_what_may_still_come_and_for_nothing_before() {
        let now = Instant::now();
        let tail = Tail::behind(&[70, 71, 74], now);
        assert_eq!(tail.missing(), [72, 73]);
        assert_eq!((tail.floor(), tail.last()), (71, 74));
        assert_eq!(Tail::behind(&[], now).floor(), 0);
    }

    #[test]
    fn memory_is_bounded_where_numbers_are_given_out_in_great_steps() {
        let now = Instant::now();
        let mut tail = Tail::default();
        tail.note(1, now);
        tail.note(1_000_000, now);
        assert_eq!(tail.missing().len(), MOST);
        tail.note(1_000_003, now);
        assert_eq!(tail.doubtful(now).len(), 2);
    }
}
