//! The buckets of turns (`send_paces`): a few small transactions a second, by the database's
//! clock, which all processes share whatever their own say.

use crate::dialect::for_update;
use crate::errors::store_error;
use crate::sql::sql;
use crate::{Database, DatabaseTx};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::StoreError;
use crm_workflows::{Bucket, PaceStore, Reservation, SendKind, SlowedDown};
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::num::NonZeroU32;
use std::time::Duration;

#[derive(FromQueryResult)]
struct Row {
    next_at: i64,
    slowed_to: Option<i64>,
    slowed_at: Option<i64>,
}

impl From<Row> for Bucket {
    fn from(row: Row) -> Self {
        let slowed = row.slowed_to.zip(row.slowed_at);
        Self {
            next_at: DateTime::from_timestamp_nanos(row.next_at),
            slowed: slowed.map(|(to, at)| SlowedDown {
                to: to as f64 / 1_000.0,
                at: DateTime::from_timestamp_nanos(at),
            }),
        }
    }
}

fn nanoseconds(at: DateTime<Utc>) -> Result<i64, StoreError> {
    at.timestamp_nanos_opt()
        .ok_or_else(|| StoreError::internal("a time that cannot be stored"))
}

/// The database's time. Asked on its own: what a statement that waits for a lock calls *now* is
/// when it began to wait.
async fn present(db: &impl ConnectionTrait, is_mysql: bool) -> Result<DateTime<Utc>, StoreError> {
    let microseconds = if is_mysql {
        "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))"
    } else {
        "SELECT CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000"
    };
    let microseconds = sql(microseconds).number(db).await?;
    DateTime::from_timestamp_micros(microseconds)
        .ok_or_else(|| StoreError::internal("the database's clock cannot be read"))
}

fn bucket(kind: SendKind) -> crate::sql::Sql {
    sql("SELECT next_at, slowed_to, slowed_at FROM send_paces WHERE kind = ?").bind(kind.as_str())
}

fn missing() -> StoreError {
    StoreError::internal("there is no bucket for these sends")
}

impl DatabaseTx {
    async fn store_bucket(&self, kind: SendKind, bucket: Bucket) -> Result<(), StoreError> {
        let slowed = bucket.slowed;
        sql("UPDATE send_paces SET next_at = ?, slowed_to = ?, slowed_at = ? WHERE kind = ?")
            .bind(nanoseconds(bucket.next_at)?)
            .bind(slowed.map(|slowed| (slowed.to * 1_000.0) as i64))
            .bind(slowed.map(|slowed| nanoseconds(slowed.at)).transpose()?)
            .bind(kind.as_str())
            .run(&self.tx)
            .await?;
        Ok(())
    }
}

impl Database {
    /// Locks a bucket and moves it on. No unit of work: nothing that a guest or a user would
    /// miss lands with it.
    async fn change_bucket<T>(
        &self,
        kind: SendKind,
        change: impl FnOnce(Bucket, DateTime<Utc>) -> (Bucket, T),
    ) -> Result<T, StoreError> {
        let tx = self.begin_tx().await?;
        let lock = for_update(tx.backend());
        let row: Option<Row> = bucket(kind).then(lock).one(&tx.tx).await?;
        let row = row.ok_or_else(missing)?;
        let now = present(&tx.tx, tx.is_mysql()).await?;
        let (bucket, answer) = change(row.into(), now);
        tx.store_bucket(kind, bucket).await?;
        tx.tx.commit().await.map_err(store_error)?;
        Ok(answer)
    }
}

#[async_trait]
impl PaceStore for Database {
    async fn reserve(
        &self,
        kind: SendKind,
        want: u32,
        max: NonZeroU32,
    ) -> Result<Reservation, StoreError> {
        self.change_bucket(kind, |bucket, now| bucket.reserve(want, now, max))
            .await
    }

    async fn charge(&self, kind: SendKind, max: NonZeroU32) -> Result<(), StoreError> {
        self.change_bucket(kind, |bucket, now| (bucket.charge(now, max), ()))
            .await
    }

    async fn slow_down(
        &self,
        kind: SendKind,
        retry_after: Option<Duration>,
        max: NonZeroU32,
    ) -> Result<(), StoreError> {
        self.change_bucket(kind, |bucket, now| {
            (bucket.slow_down(retry_after, now, max), ())
        })
        .await
    }

    async fn rate(&self, kind: SendKind, max: NonZeroU32) -> Result<f64, StoreError> {
        let row: Option<Row> = bucket(kind).one(&self.pool).await?;
        let now = present(&self.pool, self.is_mysql()).await?;
        Ok(Bucket::from(row.ok_or_else(missing)?).rate(now, max))
    }
}
