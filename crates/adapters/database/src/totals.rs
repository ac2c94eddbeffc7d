//! How long a list is, without counting it each time.

use crate::dialect::for_update;
use crate::sql::{Sql, sql};
use crate::{Database, DatabaseTx};
use crm_kernel::StoreError;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Parts of a kept total; a writer changes one of them.
const PARTS: i64 = 8;

/// Smaller totals are counted each time.
pub(crate) const WORTH_REMEMBERING: i64 = 5_000;

/// How long a large total stands.
const REMEMBERED: Duration = Duration::from_secs(10);

/// Totals remembered at most.
const ROOM: usize = 1_000;

/// Large totals of the last seconds, by what was counted: nobody notices whether a list has
/// 412,345 rows or two more, but each count of them would read them all.
#[derive(Clone, Debug, Default)]
pub(crate) struct RememberedTotals {
    known: Arc<Mutex<HashMap<String, (Instant, i64)>>>,
}

impl RememberedTotals {
    fn get(&self, what: &str) -> Option<i64> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, n) = known.get(what)?;
        (at.elapsed() < REMEMBERED).then_some(*n)
    }

    fn put(&self, what: String, n: i64) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if n < WORTH_REMEMBERING {
            known.remove(&what);
            return;
        }
        if known.len() >= ROOM {
            known.retain(|_, (at, _)| at.elapsed() < REMEMBERED);
        }
        if known.len() < ROOM {
            known.insert(what, (Instant::now(), n));
        }
    }
}

impl Database {
    /// What `statement` counts, or counted a moment ago if that was much.
    pub(crate) async fn total(&self, what: String, statement: Sql) -> Result<i64, StoreError> {
        if let Some(n) = self.totals.get(&what) {
            return Ok(n);
        }
        let n = statement.number(&self.pool).await?;
        self.totals.put(what, n);
        Ok(n)
    }

    /// All members, from the kept total.
    pub(crate) async fn all_members(&self) -> Result<i64, StoreError> {
        sql("SELECT CAST(SUM(n) AS SIGNED) FROM kept_totals WHERE name = 'members'")
            .number(&self.pool)
            .await
    }
}

/// Members that are there and not in the kept total. One statement sees one moment, in which
/// every transaction is there with its rows and its part of the total, or not at all.
const MISSING: &str = "SELECT (SELECT COUNT(*) FROM members) \
    - (SELECT CAST(SUM(n) AS SIGNED) FROM kept_totals WHERE name = 'members')";

impl Database {
    /// Makes the kept total of members equal to the rows again, and answers by how much it was
    /// short. It drifts only where somebody writes members by hand, or a release that keeps no
    /// totals does during an upgrade. Costs one count; may run beside writers, and several times
    /// at once: only if something is missing do writers wait for a second count.
    ///
    /// # Errors
    /// The storage's.
    pub async fn recount_members(&self) -> Result<i64, StoreError> {
        if sql(MISSING).number(&self.pool).await? == 0 {
            return Ok(0);
        }
        let tx = self.begin_tx().await?;
        // Whoever recounts too waits here, and then finds it mended.
        sql("SELECT n FROM kept_totals WHERE name = 'members' AND part = 0")
            .then(for_update(tx.backend()))
            .number(&tx.tx)
            .await?;
        let missing = sql(MISSING).number(&tx.tx).await?;
        sql("UPDATE kept_totals SET n = n + ? WHERE name = 'members' AND part = 0")
            .bind(missing)
            .run(&tx.tx)
            .await?;
        tx.finish().await?;
        Ok(missing)
    }
}

impl DatabaseTx {
    /// Notes that there is a member more or less; written by [`keep_totals`](Self::keep_totals).
    pub(crate) fn count_member(&mut self, id: i64, delta: i64) {
        self.members_added += delta;
        self.total_part = id.rem_euclid(PARTS);
    }

    /// Moves the kept totals. The last statement of a transaction: everybody writes these rows.
    pub(crate) async fn keep_totals(&mut self) -> Result<(), StoreError> {
        if self.members_added == 0 {
            return Ok(());
        }
        sql("UPDATE kept_totals SET n = n + ? WHERE name = 'members' AND part = ?")
            .bind(self.members_added)
            .bind(self.total_part)
            .run(&self.tx)
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_large_totals_are_remembered() {
        let totals = RememberedTotals::default();
        totals.put("few".into(), 4_999);
        totals.put("many".into(), 5_000);
        assert_eq!(totals.get("few"), None);
        assert_eq!(totals.get("many"), Some(5_000));
        totals.put("many".into(), 5);
        assert_eq!(totals.get("many"), None);
    }

    #[test]
    fn there_is_an_end_to_what_is_remembered() {
        let totals = RememberedTotals::default();
        for i in 0..ROOM + 5 {
            totals.put(i.to_string(), 20_000);
        }
        assert_eq!(totals.get(&(ROOM + 1).to_string()), None);
    }
}
