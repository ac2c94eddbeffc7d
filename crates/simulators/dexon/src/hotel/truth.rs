//! What is really in the hotel, so that a reader's counts can be compared with it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::row::{Meaning, Row, Table, Verdict};
use super::{Hotel, Window};

/// Keys told of one special case; there may be thousands.
const NAMED: usize = 20;

/// What is really in the hotel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Truth {
    /// Guest history.
    pub guests: TableTruth,
    /// Orders and rooms.
    pub stays: TableTruth,
}

/// What is really in a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TableTruth {
    /// Rows that are sent.
    pub rows: usize,
    /// Those to be taken.
    pub good: usize,
    /// Those to be counted as failed.
    pub bad: usize,
    /// Those to be passed over.
    pub ignored: usize,
    /// Of good stays: what has become of them.
    pub meanings: BTreeMap<Meaning, usize>,
    /// Of good stays: what guests who are or were here pay, in dollars.
    pub amount: i64,
    /// How many there are of each special case.
    pub cases: BTreeMap<&'static str, usize>,
    /// Keys of each special case, the first twenty: `gcust_cod`, or order and room.
    pub keys: BTreeMap<&'static str, Vec<String>>,
}

impl TableTruth {
    fn add(&mut self, row: Row) {
        self.rows += 1;
        match row.verdict {
            Verdict::Good => self.good += 1,
            Verdict::Bad => self.bad += 1,
            Verdict::Ignored => self.ignored += 1,
        }
        if let Some(meaning) = row.meaning {
            *self.meanings.entry(meaning).or_default() += 1;
            if matches!(meaning, Meaning::InHouse | Meaning::CheckedOut) {
                self.amount += row.amount;
            }
        }
        if let Some(case) = row.case {
            *self.cases.entry(case).or_default() += 1;
            let keys = self.keys.entry(case).or_default();
            if keys.len() < NAMED {
                keys.push(row.key);
            }
        }
    }
}

impl Hotel {
    /// What is really in the hotel, rows that were added or changed included.
    #[must_use]
    pub fn truth(&self) -> Truth {
        Truth {
            guests: self.truth_of(Table::Guests),
            stays: self.truth_of(Table::Stays),
        }
    }

    /// How many rows a table has.
    #[must_use]
    pub fn count(&self, table: Table) -> usize {
        let changed = self.changed(table);
        self.rows_at_start(table) - changed.replaced() + changed.all().count()
    }

    fn truth_of(&self, table: Table) -> TableTruth {
        let everything = Window {
            table,
            since: None,
            until: i64::MAX,
            arrivals: None,
        };
        let mut truth = TableTruth::default();
        for row in self.walk(&everything, None) {
            truth.add(row);
        }
        truth
    }
}
