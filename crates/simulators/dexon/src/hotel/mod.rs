//! The hotel whose rows are told: made from a seed, and changed by whoever plays the clerk.

mod cases;
mod changed;
mod clerk;
mod guests;
mod page;
mod row;
mod stay_fields;
mod stays;
mod timeline;
mod truth;

use chrono::{Days, NaiveDate};

use changed::Changed;
use stays::Source;
use timeline::Timeline;

pub use cases::{GUEST_PERIOD, STAY_PERIOD};
pub use clerk::NoSuchRow;
pub(crate) use clerk::fields_of;
pub use page::{Page, Window};
pub use row::{Fields, Meaning, Row, Table, Verdict};
pub use truth::{TableTruth, Truth};

/// A made-up hotel. Rows from the start are a function of seed and place and take no memory.
#[derive(Debug, Clone)]
pub struct Hotel {
    seed: u64,
    guests: usize,
    stays: usize,
    today: NaiveDate,
    business_date: NaiveDate,
    guest_times: Timeline,
    stay_times: Timeline,
    changed_guests: Changed,
    changed_stays: Changed,
    added: u64,
}

impl Hotel {
    /// A hotel with so many rows of guests and stays, on 8 October 2025.
    #[must_use]
    pub fn seeded(seed: u64, guests: usize, stays: usize) -> Self {
        let today = NaiveDate::from_ymd_opt(2025, 10, 8).unwrap_or_default();
        Self {
            seed,
            guests,
            stays,
            today,
            business_date: today,
            guest_times: Timeline::even(guests, today),
            stay_times: Timeline::busy(stays, today),
            changed_guests: Changed::default(),
            changed_stays: Changed::default(),
            added: 0,
        }
    }

    /// The same hotel on another day: every day of its rows is counted from this one.
    #[must_use]
    pub fn on(self, today: NaiveDate) -> Self {
        Self {
            today,
            business_date: today,
            guest_times: Timeline::even(self.guests, today),
            stay_times: Timeline::busy(self.stays, today),
            ..self
        }
    }

    /// The day its rows are counted from.
    #[must_use]
    pub const fn today(&self) -> NaiveDate {
        self.today
    }

    /// The day that the night audit has opened.
    #[must_use]
    pub const fn business_date(&self) -> NaiveDate {
        self.business_date
    }

    /// Lets the night audit open this day.
    pub const fn set_business_date(&mut self, day: NaiveDate) {
        self.business_date = day;
    }

    /// Lets the night audit open the next days.
    pub fn advance_business_date(&mut self, days: u64) {
        self.business_date = self.business_date + Days::new(days);
    }

    fn source(&self) -> Source<'_> {
        Source {
            seed: self.seed,
            guests: self.guests,
            today: self.today,
            timeline: &self.stay_times,
        }
    }

    const fn timeline(&self, table: Table) -> &Timeline {
        match table {
            Table::Guests => &self.guest_times,
            Table::Stays => &self.stay_times,
        }
    }

    const fn changed(&self, table: Table) -> &Changed {
        match table {
            Table::Guests => &self.changed_guests,
            Table::Stays => &self.changed_stays,
        }
    }

    const fn rows_at_start(&self, table: Table) -> usize {
        match table {
            Table::Guests => self.guests,
            Table::Stays => self.stays,
        }
    }

    fn key(&self, table: Table, index: usize) -> String {
        match table {
            Table::Guests => guests::code(index),
            Table::Stays => stays::key(index),
        }
    }

    /// The row that was at this place from the start.
    fn made(&self, table: Table, index: usize) -> Row {
        match table {
            Table::Guests => guests::row(self.seed, index, self.guest_times.at(index)),
            Table::Stays => self.source().row(index),
        }
    }

    /// The row with this key (`gcust_cod`, or order and room as `00708801-001`).
    #[must_use]
    pub fn find(&self, table: Table, key: &str) -> Option<Row> {
        if let Some(row) = self.changed(table).get(key) {
            return Some(row.clone());
        }
        let index = self.place(table, key)?;
        (!self.changed(table).is_replaced(index)).then(|| self.made(table, index))
    }

    /// The place of a key that was there from the start.
    fn place(&self, table: Table, key: &str) -> Option<usize> {
        let index = match table {
            Table::Guests => guests::place_of(key),
            Table::Stays => {
                let (order, room) = key.rsplit_once('-')?;
                stays::place_of(order, room.parse().ok()?)
            }
        };
        index.filter(|&index| index < self.rows_at_start(table))
    }
}
