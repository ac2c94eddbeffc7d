use crate::{AuditTrail, Figures, Job, LiveFeed, NewJob, PictureUse, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};

/// A unit of work: everything written through it becomes visible at once on
/// [`commit`](Self::commit), or never.
///
/// Domains extend it with their repositories (`MembersTx: Transaction`), workflows add those
/// up. No call to an outside service between `begin` and `commit`, and no `…Queries`.
#[async_trait]
pub trait Transaction: Send {
    /// Work for later that lands together with the data.
    fn outbox(&mut self) -> &mut dyn Outbox;

    /// The audit log, written together with the change it speaks of.
    fn audit(&mut self) -> &mut dyn AuditTrail;

    /// Our own pictures, kept together with what names them.
    fn pictures(&mut self) -> &mut dyn PictureUse;

    /// Those who listen, told when this is committed.
    fn live(&mut self) -> &mut dyn LiveFeed;

    /// Figures per day, moved when this is committed.
    fn figures(&mut self) -> &mut dyn Figures;

    /// Makes everything visible. Dropping the transaction instead undoes everything.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was written, except that after `Unavailable` the outcome
    /// may be unknown: callers must be safe to repeat.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// Opens units of work of one shape.
#[async_trait]
pub trait Transactions<T: ?Sized>: Send + Sync {
    /// A fresh unit of work.
    ///
    /// # Errors
    /// `Unavailable` when the storage does not answer.
    async fn begin(&self) -> Result<Box<T>, StoreError>;
}

/// Jobs written in the transaction of the data they follow from.
#[async_trait]
pub trait Outbox: Send {
    /// Stores a job. One whose dedupe key is already waiting, running or done is left out:
    /// answers whether it was stored.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn put(&mut self, job: NewJob) -> Result<bool, StoreError>;
}

impl dyn Outbox + '_ {
    /// Stores `job`, to be run at `run_at` or soon after.
    ///
    /// # Errors
    /// [`StoreError`] of the storage, or `Internal` when the job does not serialise.
    pub async fn enqueue<J: Job>(
        &mut self,
        job: &J,
        run_at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.put(NewJob::of(job, run_at)?).await
    }
}
