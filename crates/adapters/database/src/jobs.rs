//! The `jobs` table: the outbox of every unit of work, and the queue that the job runner takes
//! from. Every change of a claimed row names its lease token and claim, so that a holder who
//! lost it changes nothing.

use crate::dialect::{marks, rounded, skip_locked};
use crate::sql::{Sql, sql};
use crate::{Database, DatabaseTx};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{ClaimedJob, JobId, JobQueue, Lane, Lease, NewJob, Outbox, StoreError, Swept};
use sea_orm::FromQueryResult;

pub(crate) const READY: i16 = 0;
pub(crate) const RUNNING: i16 = 1;
const DONE: i16 = 2;
pub(crate) const DEAD: i16 = 3;
/// Longest text kept of an error.
const MAX_ERROR: usize = 500;

#[derive(FromQueryResult)]
struct ClaimedRow {
    id: i64,
    name: String,
    payload: String,
    claims: i32,
    attempts: i32,
    max_attempts: i32,
    run_at: i64,
}

impl ClaimedRow {
    fn into_job(self) -> ClaimedJob {
        ClaimedJob {
            id: JobId::new(self.id),
            name: self.name,
            // An unreadable payload is the handler's to refuse: here it would block the queue.
            payload: serde_json::from_str(&self.payload).unwrap_or_default(),
            claim: self.claims.unsigned_abs(),
            attempt: self.attempts.unsigned_abs(),
            max_attempts: self.max_attempts.unsigned_abs(),
            run_at: DateTime::from_timestamp_millis(self.run_at).unwrap_or_default(),
        }
    }
}

fn insert(job: NewJob) -> Sql {
    sql(
        "INSERT INTO jobs (lane, name, payload, run_at, max_attempts, dedupe_key) \
         VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(job.lane.as_str())
    .bind(job.name)
    .bind(job.payload.to_string())
    .bind(job.run_at.timestamp_millis())
    .bind(i32::try_from(job.max_attempts).unwrap_or(i32::MAX))
    .bind(job.dedupe_key)
}

/// Whether the job was stored; not when its dedupe key is taken.
fn is_new(inserted: Result<u64, StoreError>) -> Result<bool, StoreError> {
    match inserted {
        Ok(_) => Ok(true),
        Err(StoreError::Duplicate { key: "job_dedupe" }) => Ok(false),
        Err(error) => Err(error),
    }
}

#[async_trait]
impl Outbox for DatabaseTx {
    async fn put(&mut self, job: NewJob) -> Result<bool, StoreError> {
        is_new(insert(job).run(&self.tx).await)
    }
}

const CLAIMED: &str = "id, name, payload, claims, attempts, max_attempts, run_at";

impl Database {
    async fn claim_sqlite(&self, take: Sql) -> Result<Vec<ClaimedRow>, StoreError> {
        take.then(&format!(" RETURNING {CLAIMED}"))
            .write_returning(&self.writer)
            .await
    }
}

#[async_trait]
impl JobQueue for Database {
    async fn claim(
        &self,
        lane: Lane,
        limit: u32,
        lease: &Lease,
        now: DateTime<Utc>,
    ) -> Result<Vec<ClaimedJob>, StoreError> {
        // Without the hint MySQL may read a small table whole, and lock other lanes' rows.
        let hint = if self.is_mysql() {
            " FORCE INDEX (ix_jobs_due)"
        } else {
            ""
        };
        let due = |select: &str| {
            sql(format!(
                "SELECT {select} FROM jobs{hint} WHERE lane = ? AND status = ? AND run_at <= ? \
                 ORDER BY run_at, id LIMIT ?"
            ))
            .bind(lane.as_str())
            .bind(READY)
            .bind(now.timestamp_millis())
            .bind(limit)
        };
        let take = || {
            sql(
                "UPDATE jobs SET status = ?, attempts = attempts + 1, claims = claims + 1, \
                 lease_token = ?, lease_until = ? WHERE id IN (",
            )
            .bind(RUNNING)
            .bind(lease.token.as_str())
            .bind(lease.until.timestamp_millis())
        };
        let mut rows = if self.is_mysql() {
            let tx = self.begin_tx().await?;
            let mut rows: Vec<ClaimedRow> = due(CLAIMED)
                .then(skip_locked(tx.backend()))
                .all(&tx.tx)
                .await?;
            if rows.is_empty() {
                // Merely dropping it would end it some time later, with its locks held till then.
                tx.tx.rollback().await.map_err(crate::errors::store_error)?;
                return Ok(Vec::new());
            }
            let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
            let ids = rounded(&ids);
            take()
                .then(&marks(ids.len()))
                .bind_all(ids)
                .then(")")
                .run(&tx.tx)
                .await?;
            tx.tx.commit().await.map_err(crate::errors::store_error)?;
            for row in &mut rows {
                row.attempts += 1;
                row.claims += 1;
            }
            rows
        } else {
            // A look first: an idle runner must not take SQLite's one write lock at every poll.
            if !due("id").any(&self.pool).await? {
                return Ok(Vec::new());
            }
            self.claim_sqlite(take().join(due("id")).then(")")).await?
        };
        rows.sort_by_key(|row| (row.run_at, row.id));
        Ok(rows.into_iter().map(ClaimedRow::into_job).collect())
    }

    async fn renew(&self, lease: &Lease) -> Result<u64, StoreError> {
        sql("UPDATE jobs SET lease_until = ? WHERE lease_token = ? AND status = ?")
            .bind(lease.until.timestamp_millis())
            .bind(lease.token.as_str())
            .bind(RUNNING)
            .write(&self.writer)
            .await
    }

    async fn complete(
        &self,
        token: &str,
        done: &[(JobId, u32)],
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let mut completed = 0;
        for chunk in done.chunks(500) {
            let ours = vec!["(id = ? AND claims = ?)"; chunk.len()].join(" OR ");
            let mut update = sql(format!(
                "UPDATE jobs SET status = ?, finished_at = ?, lease_token = NULL, \
                 lease_until = NULL WHERE lease_token = ? AND status = ? AND ({ours})"
            ))
            .bind(DONE)
            .bind(now.timestamp_millis())
            .bind(token)
            .bind(RUNNING);
            for (id, claim) in chunk {
                update = update.bind(id.get()).bind(*claim);
            }
            completed += update.write(&self.writer).await?;
        }
        Ok(completed)
    }

    async fn fail(
        &self,
        token: &str,
        id: JobId,
        claim: u32,
        error: &str,
        retry_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (status, finished_at) = match retry_at {
            Some(_) => (READY, None),
            None => (DEAD, Some(now.timestamp_millis())),
        };
        let error: String = error.chars().take(MAX_ERROR).collect();
        let failed = sql(
            "UPDATE jobs SET status = ?, run_at = ?, last_error = ?, finished_at = ?, \
             lease_token = NULL, lease_until = NULL \
             WHERE id = ? AND lease_token = ? AND claims = ? AND status = ?",
        )
        .bind(status)
        .bind(retry_at.unwrap_or(now).timestamp_millis())
        .bind(error)
        .bind(finished_at)
        .bind(id.get())
        .bind(token)
        .bind(claim)
        .bind(RUNNING)
        .write(&self.writer)
        .await?;
        Ok(failed > 0)
    }

    async fn postpone(
        &self,
        token: &str,
        id: JobId,
        claim: u32,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let postponed = sql(
            "UPDATE jobs SET status = ?, attempts = attempts - 1, run_at = ?, \
             lease_token = NULL, lease_until = NULL \
             WHERE id = ? AND lease_token = ? AND claims = ? AND status = ?",
        )
        .bind(READY)
        .bind(until.timestamp_millis())
        .bind(id.get())
        .bind(token)
        .bind(claim)
        .bind(RUNNING)
        .write(&self.writer)
        .await?;
        Ok(postponed > 0)
    }

    async fn release(&self, token: &str) -> Result<u64, StoreError> {
        sql(
            "UPDATE jobs SET status = ?, attempts = attempts - 1, lease_token = NULL, \
             lease_until = NULL WHERE lease_token = ? AND status = ?",
        )
        .bind(READY)
        .bind(token)
        .bind(RUNNING)
        .write(&self.writer)
        .await
    }

    async fn sweep(&self, now: DateTime<Utc>) -> Result<Swept, StoreError> {
        let now = now.timestamp_millis();
        let lost = sql("SELECT id FROM jobs WHERE status = ? AND lease_until < ? LIMIT 1")
            .bind(RUNNING)
            .bind(now);
        if !lost.any(&self.pool).await? {
            return Ok(Swept::default());
        }
        let dead = sql(
            "UPDATE jobs SET status = ?, finished_at = ?, lease_token = NULL, lease_until = NULL, \
             last_error = 'the process that ran it died' \
             WHERE status = ? AND lease_until < ? AND attempts >= max_attempts",
        )
        .bind(DEAD)
        .bind(now)
        .bind(RUNNING)
        .bind(now)
        .write(&self.writer)
        .await?;
        let released = sql(
            "UPDATE jobs SET status = ?, lease_token = NULL, lease_until = NULL \
             WHERE status = ? AND lease_until < ?",
        )
        .bind(READY)
        .bind(RUNNING)
        .bind(now)
        .write(&self.writer)
        .await?;
        Ok(Swept { released, dead })
    }

    async fn put(&self, job: NewJob) -> Result<bool, StoreError> {
        is_new(insert(job).write(&self.writer).await)
    }

    async fn prune(&self, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError> {
        let old: Vec<JobId> =
            sql("SELECT id FROM jobs WHERE status = ? AND finished_at < ? LIMIT ?")
                .bind(DONE)
                .bind(before.timestamp_millis())
                .bind(limit.min(10_000))
                .ids(&self.pool)
                .await?;
        if old.is_empty() {
            return Ok(0);
        }
        sql(format!(
            "DELETE FROM jobs WHERE id IN ({})",
            marks(old.len())
        ))
        .bind_all(old.iter().map(|id| id.get()))
        .write(&self.writer)
        .await
    }
}
