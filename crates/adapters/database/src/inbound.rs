use crate::dialect::for_update;
use crate::sql::{Sql, known, page_of, sql};
use crate::{Database, DatabaseTx};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{InboundEventId, Page, PageRequest, StoreError};
use crm_workflows::{
    EventClaim, EventFilter, EventRow, EventStatus, InboundEvent, InboundQueries,
    InboundRepository, WaitingEvent,
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

#[derive(FromQueryResult)]
struct WaitingRow {
    id: i64,
    payload: String,
    received_at: DateTime<Utc>,
    attempts: i32,
    claimed_until: Option<DateTime<Utc>>,
    next_try_at: Option<DateTime<Utc>>,
}

impl WaitingRow {
    fn into_waiting(self) -> WaitingEvent {
        WaitingEvent {
            id: InboundEventId::new(self.id),
            event: serde_json::from_str(&self.payload).ok(),
            received_at: self.received_at,
            attempts: self.attempts.unsigned_abs(),
            claimed_until: self.claimed_until,
            next_try_at: self.next_try_at,
        }
    }
}

#[derive(FromQueryResult)]
struct GuestRow {
    line_uid: Option<String>,
}

/// Columns of a new event; [`row`] has their values.
pub(crate) const NEW_EVENT: &str = "INSERT INTO line_events (webhook_event_id, type, line_uid, \
    message_id, occurred_at, received_at, status, handled_at, payload) VALUES ";
/// As many marks as it has columns.
pub(crate) const NEW_EVENT_MARKS: &str = "(?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// The values of a new event.
pub(crate) fn row(event: &InboundEvent, now: DateTime<Utc>) -> Result<Sql, StoreError> {
    let payload = serde_json::to_string(event).map_err(|e| StoreError::Internal(Box::new(e)))?;
    let line_uid = event.line_uid.as_deref().filter(|uid| uid.len() <= 100);
    let is_waiting = event.is_to_be_handled() && line_uid.is_some();
    Ok(sql("")
        .bind(event.id.as_str())
        // Names of types we do not know may be of any length.
        .bind(event.what.name().chars().take(40).collect::<String>())
        .bind(line_uid)
        .bind(event.message_id().filter(|id| id.len() <= 64))
        .bind(event.at)
        .bind(now)
        .bind(if is_waiting { "waiting" } else { "handled" })
        .bind((!is_waiting).then_some(now))
        .bind(payload))
}

/// The longest reason that is kept.
const MAX_REASON: usize = 500;

#[async_trait]
impl InboundRepository for DatabaseTx {
    async fn insert(
        &mut self,
        event: &InboundEvent,
        now: DateTime<Utc>,
    ) -> Result<Option<InboundEventId>, StoreError> {
        let inserted = sql(format!("{NEW_EVENT}{NEW_EVENT_MARKS}"))
            .join(row(event, now)?)
            .insert(&self.tx)
            .await;
        match inserted {
            Ok(id) => Ok(Some(InboundEventId::new(id))),
            Err(StoreError::Duplicate { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn guest_of(&mut self, id: InboundEventId) -> Result<Option<String>, StoreError> {
        let row: Option<GuestRow> = sql("SELECT line_uid FROM line_events WHERE id = ?")
            .bind(id.get())
            .one(&self.tx)
            .await?;
        Ok(row.and_then(|row| row.line_uid))
    }

    async fn first_waiting(&mut self, line_uid: &str) -> Result<Option<WaitingEvent>, StoreError> {
        loop {
            // Found without a lock and locked by its id. Whoever handles it holds the row and
            // comes to the index last; a lock by way of the index would meet them head-on.
            let first = sql(
                "SELECT id FROM line_events WHERE line_uid = ? AND status = 'waiting' \
                 ORDER BY occurred_at, id LIMIT 1",
            )
            .bind(line_uid)
            .ids::<InboundEventId>(&self.tx)
            .await?;
            let Some(id) = first.into_iter().next() else {
                return Ok(None);
            };
            let row: Option<WaitingRow> = sql(
                "SELECT id, payload, received_at, attempts, claimed_until, next_try_at \
                 FROM line_events WHERE id = ? AND status = 'waiting'",
            )
            .bind(id.get())
            .then(for_update(self.backend()))
            .one(&self.tx)
            .await?;
            // None: it was handled in between, and the next one is to be found.
            if let Some(row) = row {
                return Ok(Some(row.into_waiting()));
            }
        }
    }

    async fn claim(&mut self, id: InboundEventId, claim: EventClaim) -> Result<(), StoreError> {
        sql(
            "UPDATE line_events SET claim_token = ?, claimed_until = ?, next_try_at = NULL, \
             attempts = attempts + 1 WHERE id = ? AND status = 'waiting'",
        )
        .bind(claim.token.to_string())
        .bind(claim.until)
        .bind(id.get())
        .run(&self.tx)
        .await?;
        Ok(())
    }

    async fn is_claimed(&mut self, id: InboundEventId, token: Uuid) -> Result<bool, StoreError> {
        sql("SELECT 1 FROM line_events WHERE id = ? AND claim_token = ? AND status = 'waiting'")
            .bind(id.get())
            .bind(token.to_string())
            .then(for_update(self.backend()))
            .any(&self.tx)
            .await
    }

    async fn handled(&mut self, id: InboundEventId, now: DateTime<Utc>) -> Result<(), StoreError> {
        sql(
            "UPDATE line_events SET status = 'handled', handled_at = ?, claim_token = NULL, \
             claimed_until = NULL, last_error = NULL WHERE id = ? AND status = 'waiting'",
        )
        .bind(now)
        .bind(id.get())
        .run(&self.tx)
        .await?;
        Ok(())
    }

    async fn put_off(
        &mut self,
        id: InboundEventId,
        token: Uuid,
        until: DateTime<Utc>,
        counted: bool,
        reason: &str,
    ) -> Result<(), StoreError> {
        sql(
            "UPDATE line_events SET claim_token = NULL, claimed_until = NULL, next_try_at = ?, \
             attempts = attempts - ?, last_error = ? \
             WHERE id = ? AND claim_token = ? AND status = 'waiting'",
        )
        .bind(until)
        .bind(i32::from(!counted))
        .bind(shortened(reason))
        .bind(id.get())
        .bind(token.to_string())
        .run(&self.tx)
        .await?;
        Ok(())
    }

    async fn give_up(&mut self, id: InboundEventId, reason: &str) -> Result<(), StoreError> {
        sql(
            "UPDATE line_events SET status = 'dead', claim_token = NULL, claimed_until = NULL, \
             last_error = ? WHERE id = ? AND status = 'waiting'",
        )
        .bind(shortened(reason))
        .bind(id.get())
        .run(&self.tx)
        .await?;
        Ok(())
    }

    async fn revive(&mut self, id: InboundEventId) -> Result<bool, StoreError> {
        let revived = sql(
            "UPDATE line_events SET status = 'waiting', attempts = 0, next_try_at = NULL \
             WHERE id = ? AND status = 'dead'",
        )
        .bind(id.get())
        .run(&self.tx)
        .await?;
        Ok(revived > 0)
    }

    async fn exists(&mut self, id: InboundEventId) -> Result<bool, StoreError> {
        sql("SELECT 1 FROM line_events WHERE id = ?")
            .bind(id.get())
            .any(&self.tx)
            .await
    }

    async fn forget(&mut self, line_uid: &str) -> Result<(), StoreError> {
        sql(
            "UPDATE line_events SET payload = '{}', line_uid = NULL, message_id = NULL, \
             status = 'forgotten' WHERE line_uid = ?",
        )
        .bind(line_uid)
        .run(&self.tx)
        .await?;
        Ok(())
    }

    async fn forget_message(&mut self, line_uid: &str, message: &str) -> Result<(), StoreError> {
        // Not by the index of types, which SQLite would take: nearly every event is a message.
        sql(
            "UPDATE line_events SET payload = '{}', status = 'forgotten' \
             WHERE line_uid = ? AND message_id = ? AND COALESCE(type, '') = 'message'",
        )
        .bind(line_uid)
        .bind(message)
        .run(&self.tx)
        .await?;
        Ok(())
    }
}

#[async_trait]
impl InboundQueries for Database {
    async fn left_waiting(
        &self,
        before: DateTime<Utc>,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<InboundEventId>, StoreError> {
        sql(
            "SELECT MIN(id) FROM line_events WHERE status = 'waiting' AND received_at < ? \
             AND (claimed_until IS NULL OR claimed_until < ?) \
             AND (next_try_at IS NULL OR next_try_at < ?) GROUP BY line_uid LIMIT ?",
        )
        .bind(before)
        .bind(now)
        .bind(before)
        .bind(limit)
        .ids(&self.pool)
        .await
    }

    async fn list(
        &self,
        filter: &EventFilter,
        page: PageRequest,
    ) -> Result<Page<EventRow>, StoreError> {
        let mut matching = sql(" FROM line_events WHERE 1 = 1");
        if let Some(status) = filter.status {
            matching = matching.then(" AND status = ?").bind(status.as_str());
        }
        if let Some(kind) = &filter.kind {
            matching = matching.then(" AND type = ?").bind(kind.as_str());
        }
        let total = sql("SELECT COUNT(*)")
            .join(matching.clone())
            .number(&self.pool)
            .await?;
        let rows: Vec<ListedRow> = sql(
            "SELECT id, webhook_event_id, type AS kind, status, occurred_at, received_at, \
             handled_at, attempts, last_error",
        )
        .join(matching)
        .then(" ORDER BY id DESC")
        .page(page)
        .all(&self.pool)
        .await?;
        page_of(rows, total, page, ListedRow::into_view)
    }

    async fn trim(&self, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError> {
        let mut deleted = 0;
        for status in ["handled", "forgotten"] {
            // The oldest of the index; that ids follow the time of arrival ends the walk.
            deleted += sql(
                "DELETE FROM line_events WHERE id IN (SELECT id FROM (SELECT id, received_at \
                 FROM line_events WHERE status = ? ORDER BY id LIMIT ?) oldest \
                 WHERE received_at < ?)",
            )
            .bind(status)
            .bind(limit)
            .bind(before)
            .write(&self.writer)
            .await?;
        }
        Ok(deleted)
    }
}

#[derive(FromQueryResult)]
struct ListedRow {
    id: i64,
    webhook_event_id: String,
    kind: String,
    status: String,
    occurred_at: DateTime<Utc>,
    received_at: DateTime<Utc>,
    handled_at: Option<DateTime<Utc>>,
    attempts: i32,
    last_error: Option<String>,
}

impl ListedRow {
    fn into_view(self) -> Result<EventRow, StoreError> {
        Ok(EventRow {
            id: InboundEventId::new(self.id),
            webhook_event_id: self.webhook_event_id,
            kind: self.kind,
            status: known(EventStatus::parse(&self.status), "status of an event")?,
            occurred_at: self.occurred_at,
            received_at: self.received_at,
            handled_at: self.handled_at,
            attempts: self.attempts.unsigned_abs(),
            last_error: self.last_error,
        })
    }
}

fn shortened(reason: &str) -> String {
    reason.chars().take(MAX_REASON).collect()
}
