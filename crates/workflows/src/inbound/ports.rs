use super::{EventFilter, EventRow, InboundEvent};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{InboundEventId, Page, PageRequest, StoreError, Transaction};
use uuid::Uuid;

/// Where events are put down before LINE gets its answer.
#[async_trait]
pub trait EventInbox: Send + Sync {
    /// Stores those of the events that are not stored yet, with a job for those that are to be
    /// handled: all of it or nothing, and for good once this answers. Events that come while
    /// others are being written share one commit. Answers how many were new.
    ///
    /// # Errors
    /// [`StoreError`] of the storage, `Busy` also when more waits than can be held.
    async fn store(
        &self,
        events: Vec<InboundEvent>,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError>;
}

/// A unit of work over inbound events.
pub trait InboundTx: Transaction {
    /// The events.
    fn inbound(&mut self) -> &mut dyn InboundRepository;
}

/// The event of a guest whose turn it is.
#[derive(Clone, Debug)]
pub struct WaitingEvent {
    /// The row.
    pub id: InboundEventId,
    /// What happened; none if the row cannot be read.
    pub event: Option<InboundEvent>,
    /// When it was first stored.
    pub received_at: DateTime<Utc>,
    /// How often it was taken in hand.
    pub attempts: u32,
    /// Until when somebody has it in hand.
    pub claimed_until: Option<DateTime<Utc>>,
    /// Not before this moment.
    pub next_try_at: Option<DateTime<Utc>>,
}

/// A hold on an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventClaim {
    /// Whose it is; never the same twice.
    pub token: Uuid,
    /// Until when it is good.
    pub until: DateTime<Utc>,
}

/// Stored events. A guest's events are handled one after the other, the earliest first: whoever
/// wants one locks the first that waits ([`first_waiting`](Self::first_waiting)) and claims it.
/// What names a claim changes nothing once the claim is another's.
///
/// Every method fails with [`StoreError`] of the storage only. To add one, write its promise in
/// `tests/ports` first, then memory and database.
#[async_trait]
pub trait InboundRepository: Send {
    /// Stores an event that waits to be handled, or that is kept only; `None` when it was stored
    /// before.
    async fn insert(
        &mut self,
        event: &InboundEvent,
        now: DateTime<Utc>,
    ) -> Result<Option<InboundEventId>, StoreError>;

    /// Whose event it is; `None` for nobody's and for one that was forgotten.
    async fn guest_of(&mut self, id: InboundEventId) -> Result<Option<String>, StoreError>;

    /// The first of a guest's events that wait, by their own time, then in the order they came;
    /// locked.
    async fn first_waiting(&mut self, line_uid: &str) -> Result<Option<WaitingEvent>, StoreError>;

    /// Takes a waiting event in hand and counts the attempt.
    async fn claim(&mut self, id: InboundEventId, claim: EventClaim) -> Result<(), StoreError>;

    /// Whether an event waits under this claim; locked.
    async fn is_claimed(&mut self, id: InboundEventId, token: Uuid) -> Result<bool, StoreError>;

    /// Marks it as handled.
    async fn handled(&mut self, id: InboundEventId, now: DateTime<Utc>) -> Result<(), StoreError>;

    /// Lays a claimed event down until `until`, for this reason; `counted` = the attempt counts.
    async fn put_off(
        &mut self,
        id: InboundEventId,
        token: Uuid,
        until: DateTime<Utc>,
        counted: bool,
        reason: &str,
    ) -> Result<(), StoreError>;

    /// Declares a waiting event dead, for this reason, whoever has it in hand: the guest's next
    /// event goes on.
    async fn give_up(&mut self, id: InboundEventId, reason: &str) -> Result<(), StoreError>;

    /// Has a dead event wait again, with all its attempts. Answers whether it was dead.
    async fn revive(&mut self, id: InboundEventId) -> Result<bool, StoreError>;

    /// Whether there is such an event.
    async fn exists(&mut self, id: InboundEventId) -> Result<bool, StoreError>;

    /// Forgets what a guest's events say and whose they are; that they were delivered stays
    /// known, so that a redelivery changes nothing.
    async fn forget(&mut self, line_uid: &str) -> Result<(), StoreError>;

    /// Forgets what a guest's event says that brought this message.
    async fn forget_message(&mut self, line_uid: &str, message: &str) -> Result<(), StoreError>;
}

/// Events as operators see them; never while a unit of work is open.
#[async_trait]
pub trait InboundQueries: Send + Sync {
    /// Events that wait since before `before` and that nobody has in hand, one for each guest,
    /// at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn left_waiting(
        &self,
        before: DateTime<Utc>,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<InboundEventId>, StoreError>;

    /// A page of the events that match every part of the filter, the one stored last first.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn list(
        &self,
        filter: &EventFilter,
        page: PageRequest,
    ) -> Result<Page<EventRow>, StoreError>;

    /// Deletes up to `limit` events that are handled or forgotten and came before `before`, the
    /// oldest first; answers how many.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn trim(&self, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError>;
}
