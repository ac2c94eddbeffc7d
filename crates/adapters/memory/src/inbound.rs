use crate::MemoryTx;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{InboundEventId, StoreError};
use crm_workflows::{EventClaim, InboundEvent, InboundRepository, WaitingEvent};
use uuid::Uuid;

/// An event and how far it came.
#[derive(Clone)]
pub(crate) struct StoredEvent {
    event: InboundEvent,
    received_at: DateTime<Utc>,
    state: State,
    attempts: u32,
    claim: Option<EventClaim>,
    next_try_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Handled,
    Dead,
    Forgotten,
}

impl StoredEvent {
    fn is_claimed(&self, token: Uuid) -> bool {
        self.state == State::Waiting && self.claim.is_some_and(|claim| claim.token == token)
    }
}

impl MemoryTx {
    fn waiting(&mut self, id: InboundEventId) -> Option<&mut StoredEvent> {
        let row = self.tables.events.get_mut(&id)?;
        (row.state == State::Waiting).then_some(row)
    }
}

#[async_trait]
impl InboundRepository for MemoryTx {
    async fn insert(
        &mut self,
        event: &InboundEvent,
        now: DateTime<Utc>,
    ) -> Result<Option<InboundEventId>, StoreError> {
        let mut stored = self.tables.events.values();
        if stored.any(|other| other.event.id == event.id) {
            return Ok(None);
        }
        let id = self.tables.next_id();
        let state = if event.is_to_be_handled() {
            State::Waiting
        } else {
            State::Handled
        };
        let row = StoredEvent {
            event: event.clone(),
            received_at: now,
            state,
            attempts: 0,
            claim: None,
            next_try_at: None,
        };
        self.tables.events.insert(id, row);
        Ok(Some(id))
    }

    async fn guest_of(&mut self, id: InboundEventId) -> Result<Option<String>, StoreError> {
        let row = self.tables.events.get(&id);
        let known = row.filter(|row| row.state != State::Forgotten);
        Ok(known.and_then(|row| row.event.line_uid.clone()))
    }

    async fn first_waiting(&mut self, line_uid: &str) -> Result<Option<WaitingEvent>, StoreError> {
        let events = self.tables.events.iter();
        let theirs = events.filter(|(_, row)| {
            row.state == State::Waiting && row.event.line_uid.as_deref() == Some(line_uid)
        });
        let first = theirs.min_by_key(|(id, row)| (row.event.at, **id));
        Ok(first.map(|(id, row)| WaitingEvent {
            id: *id,
            event: Some(row.event.clone()),
            received_at: row.received_at,
            attempts: row.attempts,
            claimed_until: row.claim.map(|claim| claim.until),
            next_try_at: row.next_try_at,
        }))
    }

    async fn claim(&mut self, id: InboundEventId, claim: EventClaim) -> Result<(), StoreError> {
        if let Some(row) = self.waiting(id) {
            row.claim = Some(claim);
            row.next_try_at = None;
            row.attempts += 1;
        }
        Ok(())
    }

    async fn is_claimed(&mut self, id: InboundEventId, token: Uuid) -> Result<bool, StoreError> {
        let row = self.tables.events.get(&id);
        Ok(row.is_some_and(|row| row.is_claimed(token)))
    }

    async fn handled(&mut self, id: InboundEventId, _now: DateTime<Utc>) -> Result<(), StoreError> {
        if let Some(row) = self.waiting(id) {
            row.state = State::Handled;
            row.claim = None;
        }
        Ok(())
    }

    async fn put_off(
        &mut self,
        id: InboundEventId,
        token: Uuid,
        until: DateTime<Utc>,
        counted: bool,
        _reason: &str,
    ) -> Result<(), StoreError> {
        if let Some(row) = self.waiting(id).filter(|row| row.is_claimed(token)) {
            row.claim = None;
            row.next_try_at = Some(until);
            row.attempts -= u32::from(!counted);
        }
        Ok(())
    }

    async fn give_up(&mut self, id: InboundEventId, _reason: &str) -> Result<(), StoreError> {
        if let Some(row) = self.waiting(id) {
            row.claim = None;
            row.state = State::Dead;
        }
        Ok(())
    }

    async fn revive(&mut self, id: InboundEventId) -> Result<bool, StoreError> {
        let row = self.tables.events.get_mut(&id);
        let Some(row) = row.filter(|row| row.state == State::Dead) else {
            return Ok(false);
        };
        row.state = State::Waiting;
        row.attempts = 0;
        row.next_try_at = None;
        Ok(true)
    }

    async fn exists(&mut self, id: InboundEventId) -> Result<bool, StoreError> {
        Ok(self.tables.events.contains_key(&id))
    }

    async fn forget(&mut self, line_uid: &str) -> Result<(), StoreError> {
        for row in self.tables.events.values_mut() {
            if row.event.line_uid.as_deref() == Some(line_uid) {
                row.state = State::Forgotten;
                row.event.line_uid = None;
            }
        }
        Ok(())
    }

    async fn forget_message(&mut self, line_uid: &str, message: &str) -> Result<(), StoreError> {
        for row in self.tables.events.values_mut() {
            let event = &row.event;
            if event.line_uid.as_deref() == Some(line_uid) && event.message_id() == Some(message) {
                row.state = State::Forgotten;
            }
        }
        Ok(())
    }
}
