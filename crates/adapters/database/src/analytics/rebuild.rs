use super::rows::COUNTED;
use crate::Database;
use crate::dialect::marks;
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
struct MonthRow {
    name: String,
    month: String,
    subject: i64,
    kept: i64,
    counted: i64,
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

    /// Months that are not the sum of their days, as both are kept.
    async fn wrong_months(&self, tx: &DatabaseTransaction) -> Result<Vec<Difference>, StoreError> {
        let month = if self.is_mysql() {
            "DATE_FORMAT(day, '%Y-%m-01')"
        } else {
            "substr(day, 1, 8) || '01'"
        };
        let listed = Figure::ALL.iter().filter(|figure| figure.is_listed());
        let listed: Vec<&str> = listed.map(|figure| figure.as_str()).collect();
        let rows: Vec<MonthRow> = sql(format!(
            "SELECT name, month, subject, CAST(SUM(kept) AS SIGNED) AS kept, \
             CAST(SUM(counted) AS SIGNED) AS counted FROM (\
             SELECT name, month, subject, n AS kept, 0 AS counted FROM monthly_figures \
             UNION ALL SELECT name, {month} AS month, subject, 0 AS kept, n AS counted \
             FROM daily_figures WHERE subject <> 0 AND name IN ({})) both_of \
             GROUP BY name, month, subject HAVING SUM(kept) <> SUM(counted)",
            marks(listed.len())
        ))
        .bind_all(listed)
        .all(tx)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Difference {
                    figure: known(Figure::parse(&row.name), "figure")?,
                    subject: row.subject,
                    day: known(row.month.parse().ok(), "month")?,
                    is_month: true,
                    kept: row.kept,
                    counted: row.counted,
                })
            })
            .collect()
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
        let months = self.wrong_months(&tx).await?;
        tx.rollback().await.map_err(store_error)?;
        let mut both: BTreeMap<(Figure, i64, NaiveDate), (i64, i64)> = counted
            .into_iter()
            .map(|(cell, n)| (cell, (0, n)))
            .collect();
        for row in kept {
            let figure = known(Figure::parse(&row.name), "figure")?;
            both.entry((figure, row.subject, row.day)).or_default().0 += row.n;
        }
        let of_days = both
            .into_iter()
            .filter(|(_, (kept, counted))| kept != counted)
            .map(|((figure, subject, day), (kept, counted))| Difference {
                figure,
                subject,
                day,
                is_month: false,
                kept,
                counted,
            });
        Ok(Comparison {
            version,
            differences: of_days.chain(months).collect(),
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
            let missing = one.counted - one.kept;
            if one.is_month {
                tx.count_month(one.figure, (one.subject, one.day), missing);
            } else {
                tx.count(one.figure, (one.subject, one.day, 0), missing);
            }
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
