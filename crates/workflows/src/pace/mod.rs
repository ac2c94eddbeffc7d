//! How fast we may call LINE: one [`Bucket`] of turns for each endpoint that sends, shared by
//! all processes of an installation.

mod bucket;

pub use bucket::{Bucket, Reservation, SlowedDown};

use crate::{Hold, SendKind};
use async_trait::async_trait;
use crm_kernel::StoreError;
use std::num::NonZeroU32;
use std::time::Duration;

/// Makes campaigns wait for their turn, so that LINE's own brake is not needed.
#[async_trait]
pub trait Pace: Send + Sync {
    /// Waits until the next request of this kind may go, in order of arrival; false when the
    /// job is no longer ours. Storage being away never stops anybody: until it is back, each
    /// process keeps the whole rate for itself.
    async fn turn(&self, kind: SendKind, hold: &dyn Hold) -> bool;

    /// Counts a request that goes without waiting: campaigns slow down by that much.
    async fn ahead(&self, kind: SendKind);

    /// LINE asked to slow down: everybody does, for a while.
    async fn slow_down(&self, kind: SendKind, retry_after: Option<Duration>);

    /// The present rate; `None` when there is no limit of ours.
    ///
    /// # Errors
    /// Those of the storage.
    async fn rate(&self, kind: SendKind) -> Result<Option<Rate>, StoreError>;
}

/// How fast requests of one kind go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Requests a second at present.
    pub per_second: f64,
    /// Requests a second when LINE does not mind.
    pub max_per_second: u32,
}

/// Where the buckets are kept. Each call is one small transaction that locks the bucket and
/// reads the storage's own clock: the clocks of the processes do not matter.
#[async_trait]
pub trait PaceStore: Send + Sync {
    /// [`Bucket::reserve`].
    ///
    /// # Errors
    /// Those of the storage; nothing was reserved.
    async fn reserve(
        &self,
        kind: SendKind,
        want: u32,
        max: NonZeroU32,
    ) -> Result<Reservation, StoreError>;

    /// [`Bucket::charge`].
    ///
    /// # Errors
    /// Those of the storage.
    async fn charge(&self, kind: SendKind, max: NonZeroU32) -> Result<(), StoreError>;

    /// [`Bucket::slow_down`].
    ///
    /// # Errors
    /// Those of the storage.
    async fn slow_down(
        &self,
        kind: SendKind,
        retry_after: Option<Duration>,
        max: NonZeroU32,
    ) -> Result<(), StoreError>;

    /// [`Bucket::rate`], without a lock.
    ///
    /// # Errors
    /// Those of the storage.
    async fn rate(&self, kind: SendKind, max: NonZeroU32) -> Result<f64, StoreError>;
}

/// No limit of ours: nobody waits.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unpaced;

#[async_trait]
impl Pace for Unpaced {
    async fn turn(&self, _: SendKind, hold: &dyn Hold) -> bool {
        hold.is_valid()
    }

    async fn ahead(&self, _: SendKind) {}

    async fn slow_down(&self, _: SendKind, _: Option<Duration>) {}

    async fn rate(&self, _: SendKind) -> Result<Option<Rate>, StoreError> {
        Ok(None)
    }
}
