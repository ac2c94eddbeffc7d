use crate::{MemoryStore, MemoryTx};
use chrono::{DateTime, Utc};
use crm_kernel::{Figure, Figures};

impl Figures for MemoryTx {
    fn add(&mut self, figure: Figure, subject: i64, at: DateTime<Utc>, n: i64) {
        self.tables.figures.push((figure, subject, at, n));
    }
}

impl MemoryStore {
    /// How much of a figure was counted of a subject, over all days.
    #[must_use]
    pub fn figure(&self, figure: Figure, subject: i64) -> i64 {
        self.read(|tables| {
            let of = |(f, s, _, n): &(Figure, i64, DateTime<Utc>, i64)| {
                (*f == figure && *s == subject).then_some(*n)
            };
            tables.figures.iter().filter_map(of).sum()
        })
    }
}
