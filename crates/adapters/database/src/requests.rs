//! What requests leave behind: answers kept for a repetition, and counts that several API
//! processes share. Times are milliseconds of the epoch.

use crate::Database;
use crate::sql::sql;
use crm_kernel::StoreError;
use sea_orm::FromQueryResult;

/// What a slot holds when it is claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeptSlot {
    /// It was free, and is ours now.
    Ours,
    /// A request has claimed it since this moment, and has not ended.
    Taken {
        /// The hash of that request.
        request_hash: String,
        /// When it was claimed.
        claimed_at: i64,
    },
    /// A request has claimed it and ended.
    Ended {
        /// The hash of that request.
        request_hash: String,
        /// The status of its answer.
        status: u16,
        /// Its `Location`.
        location: Option<String>,
        /// Its body, sealed.
        body: String,
    },
}

#[derive(FromQueryResult)]
struct Row {
    request_hash: String,
    status: Option<i16>,
    location: Option<String>,
    body: Option<String>,
    claimed_at: i64,
}

impl Database {
    /// Claims a slot for a request; of several that try at once one has it. A slot claimed
    /// before `expired` is free again.
    ///
    /// # Errors
    /// The storage's.
    pub async fn claim_slot(
        &self,
        slot: &str,
        request_hash: &str,
        now: i64,
        expired: i64,
    ) -> Result<KeptSlot, StoreError> {
        // The slot may be given back between the two questions.
        for _ in 0..3 {
            sql("DELETE FROM idempotency_keys WHERE slot = ? AND claimed_at < ?")
                .bind(slot)
                .bind(expired)
                .write(&self.writer)
                .await?;
            let inserted = sql(
                "INSERT INTO idempotency_keys (slot, request_hash, claimed_at) VALUES (?, ?, ?)",
            )
            .bind(slot)
            .bind(request_hash)
            .bind(now)
            .write(&self.writer)
            .await;
            match inserted {
                Ok(_) => return Ok(KeptSlot::Ours),
                Err(StoreError::Duplicate { .. }) => {}
                Err(error) => return Err(error),
            }
            let found: Option<Row> = sql(
                "SELECT request_hash, status, location, body, claimed_at FROM idempotency_keys \
                 WHERE slot = ?",
            )
            .bind(slot)
            .one(&self.pool)
            .await?;
            let Some(row) = found else { continue };
            return Ok(match (row.status, row.body) {
                (Some(status), Some(body)) => KeptSlot::Ended {
                    request_hash: row.request_hash,
                    status: status.unsigned_abs(),
                    location: row.location,
                    body,
                },
                _ => KeptSlot::Taken {
                    request_hash: row.request_hash,
                    claimed_at: row.claimed_at,
                },
            });
        }
        Err(StoreError::Busy("the slot changes hands".into()))
    }

    /// Keeps the answer of the request that has the slot.
    ///
    /// # Errors
    /// The storage's.
    pub async fn keep_answer(
        &self,
        slot: &str,
        status: u16,
        location: Option<&str>,
        body: &str,
    ) -> Result<(), StoreError> {
        let status = i16::try_from(status).unwrap_or(i16::MAX);
        sql("UPDATE idempotency_keys SET status = ?, location = ?, body = ? WHERE slot = ?")
            .bind(status)
            .bind(location)
            .bind(body)
            .bind(slot)
            .write(&self.writer)
            .await?;
        Ok(())
    }

    /// Gives a slot back: its request did nothing that a repetition would do twice.
    ///
    /// # Errors
    /// The storage's.
    pub async fn free_slot(&self, slot: &str) -> Result<(), StoreError> {
        sql("DELETE FROM idempotency_keys WHERE slot = ? AND status IS NULL")
            .bind(slot)
            .write(&self.writer)
            .await?;
        Ok(())
    }

    /// Counts a request of `counted` within a minute, which begins with the first of them, and
    /// answers when that was and how many there are by now.
    ///
    /// # Errors
    /// The storage's.
    pub async fn count_request(&self, counted: &str, now: i64) -> Result<(i64, i64), StoreError> {
        const MINUTE: i64 = 60_000;
        // A window that began later than now belongs to a clock that was put back.
        let (text, row) = if self.is_mysql() {
            (
                "INSERT INTO request_counts (counted, minute, hits) VALUES (?, ?, 1) \
                 ON DUPLICATE KEY UPDATE hits = IF(minute > ? AND minute <= ?, hits + 1, 1), \
                 minute = IF(hits = 1, ?, minute)",
                "SELECT minute, hits FROM request_counts WHERE counted = ?",
            )
        } else {
            (
                "INSERT INTO request_counts (counted, minute, hits) VALUES (?, ?, 1) \
                 ON CONFLICT (counted) DO UPDATE SET \
                 hits = CASE WHEN minute > ? AND minute <= ? THEN hits + 1 ELSE 1 END, \
                 minute = CASE WHEN minute > ? AND minute <= ? THEN minute ELSE ? END",
                "SELECT minute, hits FROM request_counts WHERE counted = ?",
            )
        };
        let since = now - MINUTE;
        let mut count = sql(text).bind(counted).bind(now).bind(since).bind(now);
        if !self.is_mysql() {
            count = count.bind(since).bind(now);
        }
        count.bind(now).write(&self.writer).await?;
        #[derive(FromQueryResult)]
        struct Count {
            minute: i64,
            hits: i64,
        }
        let count: Option<Count> = sql(row).bind(counted).one(&self.pool).await?;
        Ok(count.map_or((now, 1), |count| (count.minute, count.hits)))
    }

    /// Forgets what requests left behind before a moment: kept answers claimed before
    /// `answers`, counts that began before `counts`.
    ///
    /// # Errors
    /// The storage's.
    pub async fn forget_requests(&self, answers: i64, counts: i64) -> Result<u64, StoreError> {
        let kept = sql("DELETE FROM idempotency_keys WHERE claimed_at < ?")
            .bind(answers)
            .write(&self.writer)
            .await?;
        let counted = sql("DELETE FROM request_counts WHERE minute < ?")
            .bind(counts)
            .write(&self.writer)
            .await?;
        Ok(kept + counted)
    }
}
