//! When the rows that were there from the start changed: never earlier than the row before, so
//! that the place of a moment is found by halving.

use chrono::{Days, NaiveDate};

use crate::time::at_hour;

/// Rows written in one go share a second; no usual page size is a multiple of it.
const AT_ONCE: usize = 7;
/// The hotel has been using the system for this long.
const PAST_DAYS: u64 = 730;
/// What changed in these last days is about guests who are here or will come.
pub(crate) const RECENT_DAYS: u64 = 5;
/// A correction by hand that touched more rows than fit on a page.
const CORRECTION: usize = 450;

/// The moments of a table's rows.
#[derive(Debug, Clone)]
pub(crate) struct Timeline {
    rows: usize,
    /// Rows from here on belong to the last days.
    recent: usize,
    first: i64,
    turn: i64,
    last: i64,
    /// The first row of a correction that touched many.
    correction: Option<usize>,
}

impl Timeline {
    /// Over the whole past alike.
    pub(crate) fn even(rows: usize, today: NaiveDate) -> Self {
        Self::new(rows, rows, today)
    }

    /// A tenth of the rows in the last days.
    pub(crate) fn busy(rows: usize, today: NaiveDate) -> Self {
        let mut line = Self::new(rows, rows - rows / 10, today);
        line.correction = (rows >= 4 * CORRECTION).then_some(rows / 3);
        line
    }

    fn new(rows: usize, recent: usize, today: NaiveDate) -> Self {
        let before = |days| at_hour(today - Days::new(days), 0);
        // The present day begins with nothing done, so that no row is ahead of a clock.
        let last = at_hour(today, 0);
        Self {
            rows,
            recent,
            first: before(PAST_DAYS),
            turn: if recent == rows {
                last
            } else {
                before(RECENT_DAYS)
            },
            last,
            correction: None,
        }
    }

    pub(crate) const fn is_recent(&self, index: usize) -> bool {
        index >= self.recent
    }

    pub(crate) fn at(&self, index: usize) -> i64 {
        let index = match self.correction {
            Some(first) if (first..first + CORRECTION).contains(&index) => first,
            _ => index,
        };
        let (from, to, place, of) = if self.is_recent(index) {
            let place = index - self.recent;
            (self.turn, self.last, place, self.rows - self.recent)
        } else {
            (self.first, self.turn, index, self.recent)
        };
        let slots = i64::try_from(of / AT_ONCE + 1).unwrap_or(i64::MAX);
        let slot = i64::try_from(place / AT_ONCE).unwrap_or(0);
        from + (to - from) * slot / slots
    }

    /// The first row that changed at this moment or later.
    pub(crate) fn first_at(&self, moment: i64) -> usize {
        let (mut low, mut high) = (0, self.rows);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.at(middle) < moment {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2025, 10, 8).unwrap()
    }

    #[test]
    fn no_row_changed_before_the_one_in_front_of_it() {
        for line in [
            Timeline::even(500, today()),
            Timeline::busy(2_000, today()),
            Timeline::busy(30, today()),
        ] {
            let moments: Vec<i64> = (0..line.rows).map(|i| line.at(i)).collect();
            assert!(moments.is_sorted());
            assert!(*moments.last().unwrap() < at_hour(today(), 0));
        }
    }

    #[test]
    fn the_place_of_a_moment_is_the_first_row_with_it() {
        let line = Timeline::busy(2_000, today());
        for index in [0, 6, 7, 700, 1_999] {
            let place = line.first_at(line.at(index));
            assert!(place <= index);
            assert_eq!(line.at(place), line.at(index));
            assert!(place == 0 || line.at(place - 1) < line.at(index));
        }
    }
}
