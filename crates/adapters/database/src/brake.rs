//! The brake of all sends: one row that is always there (`sending_brake`).

use crate::dialect::for_update;
use crate::sql::sql;
use crate::{Database, DatabaseTx};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{StoreError, UserId};
use crm_workflows::{BrakeQueries, BrakeRepository, Stop, StopView, StoppedBy};
use sea_orm::FromQueryResult;

#[derive(FromQueryResult)]
struct Row {
    stopped_at: Option<DateTime<Utc>>,
    stopped_by: Option<i64>,
    reason: Option<String>,
}

#[derive(FromQueryResult)]
struct ViewRow {
    stopped_at: Option<DateTime<Utc>>,
    reason: Option<String>,
    user_id: Option<i64>,
    username: Option<String>,
    full_name: Option<String>,
}

#[async_trait]
impl BrakeRepository for DatabaseTx {
    async fn find(&mut self) -> Result<Option<Stop>, StoreError> {
        let row: Option<Row> =
            sql("SELECT stopped_at, stopped_by, reason FROM sending_brake WHERE id = 1")
                .then(for_update(self.backend()))
                .one(&self.tx)
                .await?;
        let row = row.ok_or_else(|| StoreError::internal("the brake is missing"))?;
        Ok(row.stopped_at.map(|since| Stop {
            since,
            by: row.stopped_by.map(UserId::new),
            reason: row.reason,
        }))
    }

    async fn set(&mut self, stop: Option<&Stop>) -> Result<(), StoreError> {
        sql("UPDATE sending_brake SET stopped_at = ?, stopped_by = ?, reason = ? WHERE id = 1")
            .bind(stop.map(|stop| stop.since))
            .bind(stop.and_then(|stop| stop.by).map(UserId::get))
            .bind(stop.and_then(|stop| stop.reason.as_deref()))
            .run(&self.tx)
            .await?;
        Ok(())
    }
}

#[async_trait]
impl BrakeQueries for Database {
    async fn stop(&self) -> Result<Option<StopView>, StoreError> {
        let row: Option<ViewRow> = sql(
            "SELECT b.stopped_at, b.reason, u.id AS user_id, u.username, u.full_name \
             FROM sending_brake b LEFT JOIN users u ON u.id = b.stopped_by WHERE b.id = 1",
        )
        .one(&self.pool)
        .await?;
        let row = row.ok_or_else(|| StoreError::internal("the brake is missing"))?;
        let Some(since) = row.stopped_at else {
            return Ok(None);
        };
        let by = row
            .user_id
            .zip(row.username)
            .map(|(id, username)| StoppedBy {
                id: UserId::new(id),
                username,
                full_name: row.full_name,
            });
        Ok(Some(StopView {
            since,
            by,
            reason: row.reason,
        }))
    }
}
