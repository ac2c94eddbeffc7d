//! Events for those who listen: written by a unit of work as its last statement, and read by
//! whoever tells them on.

use crate::audit::{read, stored};
use crate::dialect::{marks, rounded};
use crate::sql::{Sql, sql};
use crate::{Database, DatabaseTx};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{LiveEvent, LiveFeed, MemberId, StoreError};
use crm_workflows::{KeptEvent, LiveQueries, Standing};
use sea_orm::FromQueryResult;

impl LiveFeed for DatabaseTx {
    fn announce(&mut self, event: LiveEvent) {
        self.told.push(event);
    }
}

impl DatabaseTx {
    pub(crate) async fn tell(&mut self) -> Result<(), StoreError> {
        // One by one: of several rows at once MySQL may leave numbers out.
        for event in std::mem::take(&mut self.told) {
            sql(
                "INSERT INTO live_events (kind, audience, member_id, facts, created_at) \
                 VALUES (?, ?, ?, ?, ?)",
            )
            .bind(event.kind)
            .bind(event.audience)
            .bind(event.member.map(MemberId::get))
            .bind(stored(event.facts))
            .bind(event.at)
            .run(&self.tx)
            .await?;
        }
        Ok(())
    }

    pub(crate) async fn forget_told(&mut self, member: MemberId) -> Result<(), StoreError> {
        sql("DELETE FROM live_events WHERE member_id = ?")
            .bind(member.get())
            .run(&self.tx)
            .await?;
        Ok(())
    }

    pub(crate) async fn hand_over_told(
        &mut self,
        from: MemberId,
        to: MemberId,
    ) -> Result<(), StoreError> {
        sql("UPDATE live_events SET member_id = ? WHERE member_id = ?")
            .bind(to.get())
            .bind(from.get())
            .run(&self.tx)
            .await?;
        Ok(())
    }
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    kind: String,
    audience: String,
    member_id: Option<i64>,
    facts: Option<String>,
    created_at: DateTime<Utc>,
}

impl Row {
    fn into_event(self) -> Result<KeptEvent, StoreError> {
        Ok(KeptEvent {
            id: self.id,
            kind: self.kind,
            audience: self.audience,
            member: self.member_id.map(MemberId::new),
            facts: read(self.facts)?,
            at: self.created_at,
        })
    }
}

/// One stretch of the primary key, from the first that is missing on.
fn look(after: i64, missing: &[i64], limit: u32) -> Sql {
    let first = missing.iter().min().map_or(after, |first| first - 1);
    let mut look = sql(
        "SELECT id, kind, audience, member_id, facts, created_at FROM live_events WHERE id > ?",
    )
    .bind(first.min(after));
    if !missing.is_empty() {
        let missing = rounded(missing);
        look = look
            .then(&format!(
                " AND (id > ? OR id IN ({}))",
                marks(missing.len())
            ))
            .bind(after)
            .bind_all(missing);
    }
    look.then(" ORDER BY id LIMIT ?").bind(limit)
}

impl Database {
    /// How this database finds what came after `after` and what is missing: one line per step,
    /// in its own words.
    ///
    /// # Errors
    /// The storage's.
    pub async fn explain_live(
        &self,
        after: i64,
        missing: &[i64],
    ) -> Result<Vec<String>, StoreError> {
        self.explain(look(after, missing, 500)).await
    }
}

#[derive(FromQueryResult)]
struct Told {
    id: i64,
    created_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Ends {
    oldest: Option<i64>,
    newest: Option<i64>,
}

#[async_trait]
impl LiveQueries for Database {
    async fn newest(&self, since: DateTime<Utc>, limit: u32) -> Result<Vec<i64>, StoreError> {
        let rows: Vec<Told> =
            sql("SELECT id, created_at FROM live_events ORDER BY id DESC LIMIT ?")
                .bind(limit)
                .all(&self.pool)
                .await?;
        let before = rows.iter().position(|row| row.created_at < since);
        let count = before.map_or(rows.len(), |place| place + 1);
        Ok(rows
            .into_iter()
            .take(count)
            .rev()
            .map(|row| row.id)
            .collect())
    }

    async fn look(
        &self,
        after: i64,
        missing: &[i64],
        limit: u32,
    ) -> Result<Vec<KeptEvent>, StoreError> {
        let look = look(after, missing, limit);
        let rows: Vec<Row> = look.all(&self.pool).await?;
        rows.into_iter().map(Row::into_event).collect()
    }

    async fn never_coming(&self, missing: &[i64]) -> Result<Vec<i64>, StoreError> {
        // SQLite's writers follow one another, and a number that was rolled back is given out
        // again: what is missing was deleted.
        if missing.is_empty() || !self.is_mysql() {
            return Ok(missing.to_vec());
        }
        let tx = self.begin_tx().await?;
        // A row that is written and not committed is locked by its writer.
        let there = sql(format!(
            "SELECT id FROM live_events WHERE id IN ({}) FOR UPDATE NOWAIT",
            marks(missing.len())
        ))
        .bind_all(missing.iter().copied())
        .ids::<i64>(&tx.tx)
        .await;
        match there {
            Ok(there) => Ok(missing
                .iter()
                .copied()
                .filter(|id| !there.contains(id))
                .collect()),
            Err(StoreError::Busy(_)) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    async fn standing(&self, after: i64, most: u32) -> Result<Standing, StoreError> {
        let ends: Option<Ends> = sql("SELECT (SELECT MIN(id) FROM live_events) AS oldest, \
                 (SELECT MAX(id) FROM live_events) AS newest")
        .one(&self.pool)
        .await?;
        let beyond =
            sql("SELECT COUNT(*) FROM (SELECT id FROM live_events WHERE id > ? LIMIT ?) told")
                .bind(after)
                .bind(most)
                .number(&self.pool)
                .await?;
        Ok(Standing {
            oldest: ends.as_ref().and_then(|ends| ends.oldest),
            newest: ends.and_then(|ends| ends.newest),
            beyond: beyond.unsigned_abs(),
        })
    }

    async fn prune(&self, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError> {
        // By number, which is the order of time but for moments: the first that is young ends it.
        let rows: Vec<Told> = sql("SELECT id, created_at FROM live_events \
             WHERE id < (SELECT MAX(id) FROM live_events) ORDER BY id LIMIT ?")
        .bind(limit)
        .all(&self.pool)
        .await?;
        let old = rows.iter().take_while(|row| row.created_at < before);
        let Some(last) = old.last() else {
            return Ok(0);
        };
        sql("DELETE FROM live_events WHERE id <= ? AND created_at < ?")
            .bind(last.id)
            .bind(before)
            .write(&self.writer)
            .await
    }
}
