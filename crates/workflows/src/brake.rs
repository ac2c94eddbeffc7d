//! The emergency stop: while it is on, nothing leaves but answers to guests.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::{
    Actor, AuditEntry, Clock, DomainError, ErrorKind, FieldError, StoreError, Transaction,
    Transactions, UserId,
};
use futures::lock::Mutex;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tracing::instrument;

/// When work that met the brake looks again.
pub const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// How old an answer may be that sends go by.
const FRESH: TimeDelta = TimeDelta::seconds(1);
/// Longest reason.
const MAX_REASON: usize = 200;

/// Sending is stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Since when.
    pub since: DateTime<Utc>,
    /// By whom.
    pub by: Option<UserId>,
    /// Why, in their words.
    pub reason: Option<String>,
}

/// The user who stopped everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoppedBy {
    /// Their id.
    pub id: UserId,
    /// Their user name.
    pub username: String,
    /// Their full name.
    pub full_name: Option<String>,
}

/// A stop as screens see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StopView {
    /// Since when.
    pub since: DateTime<Utc>,
    /// By whom; `None` when they are gone.
    pub by: Option<StoppedBy>,
    /// Why, in their words.
    pub reason: Option<String>,
}

/// The one brake, inside a unit of work.
#[async_trait]
pub trait BrakeRepository: Send {
    /// The stop, if there is one; locked either way.
    ///
    /// # Errors
    /// Those of the storage.
    async fn find(&mut self) -> Result<Option<Stop>, StoreError>;

    /// Stops, or lets go.
    ///
    /// # Errors
    /// Those of the storage.
    async fn set(&mut self, stop: Option<&Stop>) -> Result<(), StoreError>;
}

/// The unit of work of the brake.
pub trait BrakeTx: Transaction {
    /// The brake.
    fn brake(&mut self) -> &mut dyn BrakeRepository;
}

/// The brake as screens and sends see it.
#[async_trait]
pub trait BrakeQueries: Send + Sync {
    /// The stop, if there is one.
    ///
    /// # Errors
    /// Those of the storage.
    async fn stop(&self) -> Result<Option<StopView>, StoreError>;
}

/// What can go wrong with the brake.
#[derive(Debug, Error)]
pub enum BrakeError {
    /// The input breaks rules; each of them is named.
    #[error("the reason is not valid")]
    Invalid(Vec<FieldError>),
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DomainError for BrakeError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Invalid(_) => ErrorKind::Invalid,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "sending_invalid",
            Self::Store(error) => error.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(fields) => fields.clone(),
            Self::Store(_) => Vec::new(),
        }
    }
}

/// What the storage said when it was last asked.
#[derive(Clone, Copy)]
struct Seen {
    at: DateTime<Utc>,
    on: bool,
}

/// Stops every send of the installation, and lets them go on.
#[derive(Clone)]
pub struct Brake {
    store: Arc<dyn Transactions<dyn BrakeTx>>,
    queries: Arc<dyn BrakeQueries>,
    clock: Arc<dyn Clock>,
    seen: Arc<Mutex<Option<Seen>>>,
}

impl Brake {
    /// Plugs the brake into its ports.
    #[must_use]
    pub fn new(
        store: Arc<dyn Transactions<dyn BrakeTx>>,
        queries: Arc<dyn BrakeQueries>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            store,
            queries,
            clock,
            seen: Arc::default(),
        }
    }

    /// Stops everything; nothing changes when it is stopped already.
    ///
    /// # Errors
    /// `Invalid` for a reason that is too long; those of the store.
    #[instrument(name = "brake.pull", skip_all, fields(?actor))]
    pub async fn pull(&self, actor: &Actor, reason: Option<&str>) -> Result<(), BrakeError> {
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
        if reason.is_some_and(|reason| reason.chars().count() > MAX_REASON) {
            let problem = FieldError::new("reason", "has more than 200 characters");
            return Err(BrakeError::Invalid(vec![problem]));
        }
        let mut tx = self.store.begin().await?;
        if tx.brake().find().await?.is_some() {
            return Ok(());
        }
        let now = self.clock.now();
        let stop = Stop {
            since: now,
            by: actor.user_id(),
            reason: reason.map(str::to_owned),
        };
        tx.brake().set(Some(&stop)).await?;
        let mut entry = AuditEntry::new(actor, now, "sending.stopped", "sending", None);
        if let Some(reason) = reason {
            entry = entry.with("reason", reason);
        }
        tx.audit().record(entry).await?;
        tx.commit().await?;
        *self.seen.lock().await = Some(Seen { at: now, on: true });
        tracing::warn!("all sending is stopped");
        Ok(())
    }

    /// Lets sends go on; nothing changes when nothing is stopped.
    ///
    /// # Errors
    /// Those of the store.
    #[instrument(name = "brake.release", skip_all, fields(?actor))]
    pub async fn release(&self, actor: &Actor) -> Result<(), BrakeError> {
        let mut tx = self.store.begin().await?;
        let Some(stop) = tx.brake().find().await? else {
            return Ok(());
        };
        let now = self.clock.now();
        tx.brake().set(None).await?;
        let entry = AuditEntry::new(actor, now, "sending.resumed", "sending", None)
            .with("stopped_at", stop.since.to_rfc3339());
        tx.audit().record(entry).await?;
        tx.commit().await?;
        *self.seen.lock().await = Some(Seen { at: now, on: false });
        tracing::warn!("sending goes on");
        Ok(())
    }

    /// The stop as it stands, if there is one.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn stop(&self) -> Result<Option<StopView>, StoreError> {
        self.queries.stop().await
    }

    /// Whether sends must not leave, as of a second ago at most: cheap enough to ask before
    /// each of them.
    ///
    /// # Errors
    /// Those of the store; nothing may leave then either.
    pub async fn is_on(&self) -> Result<bool, StoreError> {
        let mut seen = self.seen.lock().await;
        let now = self.clock.now();
        if let Some(Seen { at, on }) = *seen
            && at <= now
            && now - at < FRESH
        {
            return Ok(on);
        }
        let on = self.queries.stop().await?.is_some();
        *seen = Some(Seen { at: now, on });
        Ok(on)
    }
}
