//! Pages of a window: from where the page before ended, in the time the page takes.

use chrono::NaiveDate;

use super::Hotel;
use super::changed::Place;
use super::row::{Row, Table, day_in};

/// Which rows are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The table.
    pub table: Table,
    /// Changed at this second or later.
    pub since: Option<i64>,
    /// Changed before this second.
    pub until: i64,
    /// Of stays: arriving on these days, the last included.
    pub arrivals: Option<(NaiveDate, NaiveDate)>,
}

/// A page of rows.
#[derive(Debug, Clone)]
pub struct Page {
    /// The rows in their order.
    pub rows: Vec<Row>,
    /// Whether there are more behind them.
    pub has_more: bool,
}

impl Hotel {
    /// The page of a window behind `after`, the moment and key of the last row before.
    #[must_use]
    pub fn page(&self, window: &Window, after: Option<&(i64, String)>, limit: usize) -> Page {
        let mut rows: Vec<Row> = self.walk(window, after).take(limit + 1).collect();
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        Page { rows, has_more }
    }

    /// Every row of a window, each made when its turn comes.
    pub fn walk<'a>(
        &'a self,
        window: &'a Window,
        after: Option<&'a Place>,
    ) -> impl Iterator<Item = Row> + 'a {
        let since = window.since.unwrap_or(i64::MIN);
        let table = window.table;
        let timeline = self.timeline(table);
        let from = timeline.first_at(after.map_or(since, |(at, _)| *at));
        let end = timeline.first_at(window.until);
        let mut first_rows = (from..end)
            .filter(move |&index| !self.changed(table).is_replaced(index))
            .map(move |index| (timeline.at(index), index))
            .skip_while(move |(at, index)| {
                after.is_some_and(|(last, key)| at == last && self.key(table, *index) <= *key)
            })
            .filter(move |&(_, index)| self.arrives_in(window, index))
            .peekable();
        let mut later = self
            .changed(table)
            .from(since, after)
            .take_while(move |row| row.changed_at < window.until)
            .filter(move |row| match window.arrivals {
                Some((from, to)) => {
                    day_in(&row.fields, "ci_dat").is_some_and(|day| (from..=to).contains(&day))
                }
                None => true,
            })
            .peekable();
        std::iter::from_fn(move || {
            let first = first_rows.peek().map(|&(at, index)| (at, index));
            let changed_first = match (first, later.peek()) {
                (None, None) => return None,
                (None, Some(_)) => true,
                (Some(_), None) => false,
                (Some((at, index)), Some(row)) => {
                    row.changed_at < at
                        || (row.changed_at == at && row.key < self.key(table, index))
                }
            };
            if changed_first {
                later.next().cloned()
            } else {
                first_rows.next().map(|(_, index)| self.made(table, index))
            }
        })
    }

    fn arrives_in(&self, window: &Window, index: usize) -> bool {
        match window.arrivals {
            Some((from, to)) if window.table == Table::Stays => {
                // What is written as 1800 arrives then.
                let is_1800 = super::cases::StayCase::of(index)
                    == Some(super::cases::StayCase::ArrivalIn1800);
                !is_1800 && (from..=to).contains(&self.source().arrival(index))
            }
            _ => true,
        }
    }
}
