use super::rows::COUNTED;
use crate::Database;
use crate::errors::store_error;
use crate::sql::{known, sql};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use crm_analytics::{Comparison, Difference, FigureRows, FiguresState};
use crm_kernel::{Figure, StoreError};
use sea_orm::{
    DatabaseTransaction, FromQueryResult, IsolationLevel, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use std::collections::BTreeMap;

/// What a figure is, by subject and day.
type Cells = BTreeMap<(Figure, i64, NaiveDate), i64>;

#[derive(FromQueryResult)]
struct QuarterRow {
    subject: i64,
    quarter: String,
    n: i64,
}

#[derive(FromQueryResult)]
struct KeptRow {
    name: String,
    subject: i64,
    day: NaiveDate,
    n: i64,
}

#[derive(FromQueryResult)]
struct StateRow {
    time_zone: Option<String>,
}

impl Database {
    /// A transaction that reads everything as of its first statement.
    async fn one_moment(&self) -> Result<DatabaseTransaction, StoreError> {
        let options = TransactionOptions {
            isolation_level: self.is_mysql().then_some(IsolationLevel::RepeatableRead),
            access_mode: None,
            sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
        };
        let pool = self.pool.clone();
        // In a task of its own, as every transaction: a BEGIN cut off half-way would never end.
        let begun = tokio::spawn(async move { pool.begin_with_options(options).await });
        let begun = begun.await.map_err(|e| StoreError::Internal(Box::new(e)))?;
        begun.map_err(store_error)
    }

    async fn count_rows(&self, tx: &DatabaseTransaction) -> Result<Cells, StoreError> {
        let mut cells = Cells::new();
        for counted in &COUNTED {
            let rows: Vec<QuarterRow> = sql(counted.text(self.is_mysql())).all(tx).await?;
            for row in rows {
                let wall = NaiveDateTime::parse_from_str(&row.quarter, "%Y-%m-%dT%H:%M");
                let wall = known(wall.ok(), "time")?;
                let day = self.hotel.day_of(wall.and_utc());
                *cells.entry((counted.figure, 0, day)).or_default() += row.n;
                if row.subject != 0 {
                    *cells.entry((counted.figure, row.subject, day)).or_default() += row.n;
                }
            }
        }
        Ok(cells)
    }
}

#[async_trait]
impl FigureRows for Database {
    async fn compare(&self) -> Result<Comparison, StoreError> {
        let tx = self.one_moment().await?;
        let version = sql("SELECT version FROM figures_state WHERE id = 1")
            .number(&tx)
            .await?;
        let kept: Vec<KeptRow> = sql(
            "SELECT name, subject, day, CAST(SUM(n) AS SIGNED) AS n FROM daily_figures \
             WHERE part >= 0 GROUP BY name, subject, day",
        )
        .all(&tx)
        .await?;
        let counted = self.count_rows(&tx).await?;
        tx.rollback().await.map_err(store_error)?;
        let mut both: BTreeMap<(Figure, i64, NaiveDate), (i64, i64)> = counted
            .into_iter()
            .map(|(cell, n)| (cell, (0, n)))
            .collect();
        for row in kept {
            let figure = known(Figure::parse(&row.name), "figure")?;
            both.entry((figure, row.subject, row.day)).or_default().0 += row.n;
        }
        let differences = both
            .into_iter()
            .filter(|(_, (kept, counted))| kept != counted)
            .map(|((figure, subject, day), (kept, counted))| Difference {
                figure,
                subject,
                day,
                kept,
                counted,
            })
            .collect();
        Ok(Comparison {
            version,
            differences,
        })
    }

    async fn mend(
        &self,
        comparison: &Comparison,
        zone: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin_tx().await?;
        let is_ours = sql(
            "UPDATE figures_state SET version = version + 1, time_zone = ?, rebuilt_at = ? \
             WHERE id = 1 AND version = ?",
        )
        .bind(zone)
        .bind(now)
        .bind(comparison.version)
        .run(&tx.tx)
        .await?;
        if is_ours == 0 {
            return Ok(false);
        }
        for one in &comparison.differences {
            let key = (one.figure.as_str(), one.subject, one.day, 0);
            *tx.counted.entry(key).or_default() += one.counted - one.kept;
        }
        tx.finish().await?;
        Ok(true)
    }

    async fn state(&self) -> Result<FiguresState, StoreError> {
        let row: Option<StateRow> = sql("SELECT time_zone FROM figures_state WHERE id = 1")
            .one(&self.pool)
            .await?;
        Ok(FiguresState {
            time_zone: row.and_then(|row| row.time_zone),
        })
    }
}
