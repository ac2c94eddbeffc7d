use crate::MemoryTx;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{InboundEventId, StoreError};
use crm_workflows::{InboundEvent, InboundRepository};

/// An event and whether it was acted upon.
#[derive(Clone)]
pub(crate) struct StoredEvent {
    event: InboundEvent,
    handled_at: Option<DateTime<Utc>>,
}

#[async_trait]
impl InboundRepository for MemoryTx {
    async fn insert(
        &mut self,
        event: &InboundEvent,
        _now: DateTime<Utc>,
    ) -> Result<Option<InboundEventId>, StoreError> {
        let mut stored = self.tables.events.values();
        if stored.any(|other| other.event.id == event.id) {
            return Ok(None);
        }
        let id = self.tables.next_id();
        let row = StoredEvent {
            event: event.clone(),
            handled_at: None,
        };
        self.tables.events.insert(id, row);
        Ok(Some(id))
    }

    async fn find_waiting(
        &mut self,
        id: InboundEventId,
    ) -> Result<Option<InboundEvent>, StoreError> {
        let row = self.tables.events.get(&id);
        let waiting = row.filter(|row| row.handled_at.is_none());
        Ok(waiting.map(|row| row.event.clone()))
    }

    async fn forget(&mut self, line_uid: &str) -> Result<(), StoreError> {
        let tables = &mut self.tables;
        tables
            .events
            .retain(|_, row| row.event.line_uid.as_deref() != Some(line_uid));
        Ok(())
    }

    async fn handled(&mut self, id: InboundEventId, now: DateTime<Utc>) -> Result<(), StoreError> {
        if let Some(row) = self.tables.events.get_mut(&id) {
            row.handled_at = Some(now);
        }
        Ok(())
    }
}
