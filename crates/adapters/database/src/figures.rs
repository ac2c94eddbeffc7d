//! Figures per hotel day: gathered in a unit of work, and moved by its last statements, because
//! everybody writes these rows.

use crate::DatabaseTx;
use crate::dialect::{pieces, rows, rows_at_once};
use crate::sql::sql;
use chrono::{DateTime, NaiveDate, Utc};
use crm_kernel::{Figure, Figures, StoreError};

/// A name, what it is counted of, the day, and the part of the total.
pub(crate) type FigureKey = (&'static str, i64, NaiveDate, i32);

/// Parts of the figure of all subjects; whoever counts of one subject moves one of them.
const PARTS: i64 = 8;

impl Figures for DatabaseTx {
    fn add(&mut self, figure: Figure, subject: i64, at: DateTime<Utc>, n: i64) {
        if n == 0 {
            return;
        }
        let (name, day) = (figure.as_str(), self.hotel.day_of(at));
        let part = i32::try_from(subject.rem_euclid(PARTS)).unwrap_or_default();
        *self.counted.entry((name, 0, day, part)).or_default() += n;
        if subject != 0 {
            *self.counted.entry((name, subject, day, 0)).or_default() += n;
        }
    }
}

impl DatabaseTx {
    /// Moves the figures that were gathered, in the order of their keys: whoever moves two of
    /// them never waits for somebody who waits for him.
    pub(crate) async fn move_figures(&mut self) -> Result<(), StoreError> {
        let counted: Vec<(FigureKey, i64)> = std::mem::take(&mut self.counted)
            .into_iter()
            .filter(|(_, n)| *n != 0)
            .collect();
        let add = if self.is_mysql() {
            "ON DUPLICATE KEY UPDATE n = n + VALUES(n)"
        } else {
            "ON CONFLICT (name, subject, day, part) DO UPDATE SET n = n + excluded.n"
        };
        for some in pieces(&counted, rows_at_once(5)) {
            let values = rows(5, some.len());
            let insert = sql(format!(
                "INSERT INTO daily_figures (name, subject, day, part, n) VALUES {values} {add}"
            ));
            let bound = some.iter().fold(insert, |insert, (key, n)| {
                let (name, subject, day, part) = *key;
                insert
                    .bind(name)
                    .bind(subject)
                    .bind(day)
                    .bind(part)
                    .bind(*n)
            });
            bound.run(&self.tx).await?;
        }
        Ok(())
    }
}
