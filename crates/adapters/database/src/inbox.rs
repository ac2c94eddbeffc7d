//! Events of many deliveries in one commit. A commit waits for the disk; under a burst a
//! hundred deliveries wait for the same one instead of for each other.

use crate::dialect::{marks, named, pieces, rows_at_once};
use crate::inbound::{NEW_EVENT, NEW_EVENT_MARKS, row};
use crate::sql::sql;
use crate::{Database, DatabaseTx};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{InboundEventId, Outbox, StoreError};
use crm_workflows::{EventInbox, GUESTS_AT_ONCE, HandleInboundEvents, InboundEvent};
use sea_orm::{DbBackend, FromQueryResult};
use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// Events in one commit.
const AT_ONCE: usize = 500;
/// Events that may wait for a commit. LINE delivers again what is turned away.
const MOST_WAITING: usize = 20_000;
/// Tries of a commit that met another writer.
const TRIES: u32 = 5;
/// Commits at a time of a process: a second one would mostly wait for the first at the indexes,
/// and both would hold half as much.
const WRITERS: usize = 1;

/// Writes events down, a group at a time. Clones share the group.
#[derive(Clone, Debug)]
pub struct GroupedInbox {
    database: Database,
    waiting: Arc<Mutex<Waiting>>,
}

#[derive(Debug, Default)]
struct Waiting {
    deliveries: VecDeque<Delivery>,
    events: usize,
    writers: usize,
}

#[derive(Debug)]
struct Delivery {
    events: Vec<InboundEvent>,
    now: DateTime<Utc>,
    answer: oneshot::Sender<Result<usize, StoreError>>,
}

/// One that writes until nothing waits. Should it end before that, it makes room for the next.
struct Writer {
    inbox: GroupedInbox,
    is_done: bool,
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.is_done {
            self.inbox.waiting().writers -= 1;
        }
    }
}

impl GroupedInbox {
    /// An inbox in this database.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self {
            database,
            waiting: Arc::default(),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be written next. `None` = nothing, and the writer who asked is dismissed in the
    /// same breath: whoever comes a moment later must not count on it.
    fn group(&self) -> Option<Vec<Delivery>> {
        let mut waiting = self.waiting();
        if waiting.deliveries.is_empty() {
            waiting.writers -= 1;
            return None;
        }
        let mut group = Vec::new();
        let mut events = 0;
        while let Some(delivery) = waiting.deliveries.pop_front() {
            events += delivery.events.len();
            group.push(delivery);
            let next = waiting.deliveries.front().map_or(0, |d| d.events.len());
            if events + next > AT_ONCE {
                break;
            }
        }
        waiting.events -= events;
        Some(group)
    }

    async fn write_on(mut writer: Writer) {
        while let Some(group) = writer.inbox.group() {
            writer.inbox.write_group(group).await;
        }
        writer.is_done = true;
    }

    async fn write_group(&self, group: Vec<Delivery>) {
        let all: Vec<&[InboundEvent]> = group.iter().map(|d| d.events.as_slice()).collect();
        let now = group.iter().map(|d| d.now).max().unwrap_or_default();
        match self.write_patiently(&all, now).await {
            Ok(new) => {
                for (delivery, new) in group.into_iter().zip(new) {
                    // Whoever does not wait any more has LINE deliver again.
                    let _ = delivery.answer.send(Ok(new));
                }
            }
            // One delivery that cannot be stored must not keep the others out.
            Err(StoreError::Internal(_) | StoreError::Duplicate { .. } | StoreError::Reference)
                if group.len() > 1 =>
            {
                for delivery in group {
                    let one = self
                        .write_patiently(&[&delivery.events], delivery.now)
                        .await;
                    let new = one.map(|new| new.into_iter().sum());
                    let _ = delivery.answer.send(new);
                }
            }
            Err(error) => {
                let words = error.to_string();
                tracing::warn!(%error, deliveries = group.len(), "events could not be stored");
                let mut first = Some(error);
                for delivery in group {
                    let error = first
                        .take()
                        .unwrap_or_else(|| StoreError::Unavailable(words.clone().into()));
                    let _ = delivery.answer.send(Err(error));
                }
            }
        }
    }

    async fn write_patiently(
        &self,
        deliveries: &[&[InboundEvent]],
        now: DateTime<Utc>,
    ) -> Result<Vec<usize>, StoreError> {
        let mut tries = 1;
        loop {
            match self.write(deliveries, now).await {
                Err(StoreError::Busy(_)) if tries < TRIES => {
                    tokio::time::sleep(Duration::from_millis(5) * tries).await;
                    tries += 1;
                }
                other => return other,
            }
        }
    }

    /// Stores what is new, with its jobs; answers how many were new of each delivery.
    async fn write(
        &self,
        deliveries: &[&[InboundEvent]],
        now: DateTime<Utc>,
    ) -> Result<Vec<usize>, StoreError> {
        let mut tx = self.database.begin_tx().await?;
        let ids: Vec<&str> = deliveries
            .iter()
            .flat_map(|events| events.iter().map(|event| event.id.as_str()))
            .collect();
        let mut known = tx.known_events(&ids).await?;
        let mut new = Vec::new();
        let mut counts = Vec::with_capacity(deliveries.len());
        for events in deliveries {
            let before = new.len();
            for event in *events {
                if known.insert(event.id.clone()) {
                    new.push(event);
                }
            }
            counts.push(new.len() - before);
        }
        if new.is_empty() {
            return Ok(counts);
        }
        tx.insert_events(&new, now).await?;
        let first = tx.first_of_each_guest(&new).await?;
        for event_ids in first.chunks(GUESTS_AT_ONCE) {
            let job = HandleInboundEvents {
                event_ids: event_ids.to_vec(),
            };
            let outbox: &mut dyn Outbox = &mut tx;
            outbox.enqueue(&job, now).await?;
        }
        tx.finish().await?;
        Ok(counts)
    }
}

#[async_trait]
impl EventInbox for GroupedInbox {
    async fn store(
        &self,
        events: Vec<InboundEvent>,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        let (answer, answered) = oneshot::channel();
        {
            let mut waiting = self.waiting();
            let is_too_much = waiting.events + events.len() > MOST_WAITING;
            if is_too_much && waiting.events > 0 {
                return Err(StoreError::Busy("too many events wait".into()));
            }
            waiting.events += events.len();
            waiting.deliveries.push_back(Delivery {
                events,
                now,
                answer,
            });
            if waiting.writers < WRITERS {
                waiting.writers += 1;
                let writer = Writer {
                    inbox: self.clone(),
                    is_done: false,
                };
                drop(waiting);
                // On its own: a caller that goes away must not take a commit along half-way.
                tokio::spawn(Self::write_on(writer));
            }
        }
        answered
            .await
            .unwrap_or_else(|gone| Err(StoreError::Unavailable(Box::new(gone))))
    }
}

#[derive(FromQueryResult)]
struct KnownRow {
    webhook_event_id: String,
}

#[derive(FromQueryResult)]
struct FirstRow {
    id: i64,
    line_uid: Option<String>,
    status: String,
}

impl DatabaseTx {
    async fn known_events(&mut self, ids: &[&str]) -> Result<HashSet<String>, StoreError> {
        let mut known = HashSet::with_capacity(ids.len());
        for some in named(ids) {
            let rows: Vec<KnownRow> = sql(format!(
                "SELECT webhook_event_id FROM line_events WHERE webhook_event_id IN ({})",
                marks(some.len())
            ))
            .bind_all(some)
            .all(&self.tx)
            .await?;
            known.extend(rows.into_iter().map(|row| row.webhook_event_id));
        }
        Ok(known)
    }

    /// Events that another process stored meanwhile are passed over.
    async fn insert_events(
        &mut self,
        events: &[&InboundEvent],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let or_not = match self.backend() {
            DbBackend::MySql => " ON DUPLICATE KEY UPDATE id = id",
            _ => " ON CONFLICT (webhook_event_id) DO NOTHING",
        };
        for some in pieces(events, rows_at_once(9)) {
            let mut insert = sql(NEW_EVENT);
            for (place, event) in some.iter().enumerate() {
                let comma = if place == 0 { "" } else { ", " };
                insert = insert.then(comma).then(NEW_EVENT_MARKS);
                insert = insert.join(row(event, now)?);
            }
            insert.then(or_not).run(&self.tx).await?;
        }
        Ok(())
    }

    /// Of the events that wait, one for each guest: the one stored first.
    async fn first_of_each_guest(
        &mut self,
        events: &[&InboundEvent],
    ) -> Result<Vec<InboundEventId>, StoreError> {
        let waiting = events.iter().filter(|event| event.is_to_be_handled());
        let ids: Vec<&str> = waiting.map(|event| event.id.as_str()).collect();
        let mut stored = Vec::with_capacity(ids.len());
        for some in named(&ids) {
            // Told which status and order are wanted, SQLite reads every event that waits instead
            // of looking up these.
            let rows: Vec<FirstRow> = sql(format!(
                "SELECT id, line_uid, status FROM line_events WHERE webhook_event_id IN ({})",
                marks(some.len())
            ))
            .bind_all(some)
            .all(&self.tx)
            .await?;
            stored.extend(rows.into_iter().filter(|row| row.status == "waiting"));
        }
        stored.sort_unstable_by_key(|row| row.id);
        let mut guests = HashSet::new();
        let first = stored.into_iter().filter_map(|row| {
            let is_first = guests.insert(row.line_uid);
            is_first.then(|| InboundEventId::new(row.id))
        });
        Ok(first.collect())
    }
}
