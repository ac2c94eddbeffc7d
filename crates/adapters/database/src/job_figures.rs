//! The queue as operators see it, and the job runners that are alive.

use crate::Database;
use crate::jobs::{DEAD, READY};
use crate::sql::sql;
use chrono::{DateTime, Utc};
use crm_kernel::{Actor, AuditEntry, AuditTrail, JobId, Lane, StoreError};
use sea_orm::FromQueryResult;

/// How long ago a job runner must have shown itself last to be forgotten.
const FORGET_RUNNERS_MS: i64 = 3_600_000;

/// A job that is not done, for operators.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct JobRow {
    /// Its id.
    pub id: i64,
    /// What it does.
    pub name: String,
    /// Its lane.
    pub lane: String,
    /// Tries so far.
    pub attempts: i32,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When it was, or is, due; epoch milliseconds.
    pub run_at: i64,
}

/// How the queue stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobFigures {
    /// Jobs that are due and that nobody has taken.
    pub due: i64,
    /// How long the oldest of them has been due, in milliseconds.
    pub lag_ms: i64,
    /// Jobs given up.
    pub dead: i64,
    /// Processes that hold a good lease now.
    pub job_runners: i64,
}

impl Database {
    /// Notes that a job runner is alive, and will be at least until then.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    pub async fn job_runner_alive(
        &self,
        name: &str,
        until: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let until = until.timestamp_millis();
        let known = sql("UPDATE job_runners SET good_until = ? WHERE token = ?")
            .bind(until)
            .bind(name)
            .write(&self.writer)
            .await?;
        if known == 0 {
            // Whoever starts takes away those who ended long ago.
            sql("DELETE FROM job_runners WHERE good_until < ?")
                .bind(until - FORGET_RUNNERS_MS)
                .write(&self.writer)
                .await?;
            sql("INSERT INTO job_runners (token, good_until) VALUES (?, ?)")
                .bind(name)
                .bind(until)
                .write(&self.writer)
                .await?;
        }
        Ok(())
    }

    /// How the queue stands, for `/ready` and operators.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    pub async fn job_figures(&self, now: DateTime<Utc>) -> Result<JobFigures, StoreError> {
        let now = now.timestamp_millis();
        let mut figures = JobFigures::default();
        for lane in Lane::ALL {
            let due =
                sql("SELECT COUNT(*) FROM jobs WHERE lane = ? AND status = ? AND run_at <= ?")
                    .bind(lane.as_str())
                    .bind(READY)
                    .bind(now)
                    .number(&self.pool)
                    .await?;
            let oldest =
                sql("SELECT MIN(run_at) FROM jobs WHERE lane = ? AND status = ? AND run_at <= ?")
                    .bind(lane.as_str())
                    .bind(READY)
                    .bind(now)
                    .number(&self.pool)
                    .await?;
            figures.due += due;
            if due > 0 {
                figures.lag_ms = figures.lag_ms.max(now - oldest);
            }
        }
        figures.dead = sql("SELECT COUNT(*) FROM jobs WHERE status = ?")
            .bind(DEAD)
            .number(&self.pool)
            .await?;
        figures.job_runners = sql("SELECT COUNT(*) FROM job_runners WHERE good_until > ?")
            .bind(now)
            .number(&self.pool)
            .await?;
        Ok(figures)
    }

    /// Dead jobs, newest first, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    pub async fn dead_jobs(&self, limit: u32) -> Result<Vec<JobRow>, StoreError> {
        sql(
            "SELECT id, name, lane, attempts, last_error, run_at FROM jobs WHERE status = ? \
             ORDER BY id DESC LIMIT ?",
        )
        .bind(DEAD)
        .bind(limit)
        .all(&self.pool)
        .await
    }

    /// Makes a dead job due again, with all its attempts, and notes who did; answers whether
    /// there was one.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    pub async fn revive_job(
        &self,
        actor: &Actor,
        id: JobId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin_tx().await?;
        let revived = sql(
            "UPDATE jobs SET status = ?, attempts = 0, run_at = ?, finished_at = NULL \
             WHERE id = ? AND status = ?",
        )
        .bind(READY)
        .bind(now.timestamp_millis())
        .bind(id.get())
        .bind(DEAD)
        .run(&tx.tx)
        .await?;
        if revived == 0 {
            return Ok(false);
        }
        let entry = AuditEntry::new(actor, now, "job.retried", "job", id.get());
        tx.record(entry).await?;
        tx.finish().await?;
        Ok(true)
    }
}
