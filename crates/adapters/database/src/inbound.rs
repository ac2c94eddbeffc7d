use crate::DatabaseTx;
use crate::dialect::for_update;
use crate::sql::sql;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{InboundEventId, StoreError};
use crm_workflows::{InboundEvent, InboundRepository};
use sea_orm::FromQueryResult;

#[derive(FromQueryResult)]
struct EventRow {
    payload: String,
}

#[async_trait]
impl InboundRepository for DatabaseTx {
    async fn insert(
        &mut self,
        event: &InboundEvent,
        now: DateTime<Utc>,
    ) -> Result<Option<InboundEventId>, StoreError> {
        let payload =
            serde_json::to_string(event).map_err(|e| StoreError::Internal(Box::new(e)))?;
        let inserted = sql(
            "INSERT INTO line_events (webhook_event_id, type, line_uid, occurred_at, \
             received_at, status, payload) VALUES (?, ?, ?, ?, ?, 'waiting', ?)",
        )
        .bind(event.id.as_str())
        // Names of types we do not know may be of any length.
        .bind(event.what.name().chars().take(40).collect::<String>())
        .bind(event.line_uid.as_deref().filter(|uid| uid.len() <= 100))
        .bind(event.at)
        .bind(now)
        .bind(payload)
        .insert(&self.tx)
        .await;
        match inserted {
            Ok(id) => Ok(Some(InboundEventId::new(id))),
            Err(StoreError::Duplicate { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn find_waiting(
        &mut self,
        id: InboundEventId,
    ) -> Result<Option<InboundEvent>, StoreError> {
        let row: Option<EventRow> =
            sql("SELECT payload FROM line_events WHERE id = ? AND status = 'waiting'")
                .bind(id.get())
                .then(for_update(self.backend()))
                .one(&self.tx)
                .await?;
        row.map(|row| {
            serde_json::from_str(&row.payload).map_err(|e| StoreError::Internal(Box::new(e)))
        })
        .transpose()
    }

    async fn forget(&mut self, line_uid: &str) -> Result<(), StoreError> {
        sql(
            "UPDATE line_events SET payload = '{}', line_uid = NULL, status = 'forgotten' \
             WHERE line_uid = ?",
        )
        .bind(line_uid)
        .run(&self.tx)
        .await?;
        Ok(())
    }

    async fn handled(&mut self, id: InboundEventId, now: DateTime<Utc>) -> Result<(), StoreError> {
        sql("UPDATE line_events SET status = 'handled', handled_at = ? WHERE id = ?")
            .bind(now)
            .bind(id.get())
            .run(&self.tx)
            .await?;
        Ok(())
    }
}
