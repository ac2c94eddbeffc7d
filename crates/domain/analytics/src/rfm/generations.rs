use super::RfmBorders;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, StoreError};

/// The rows of one run: made apart, and shown when they are whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RfmGeneration(pub i64);

/// How far a stretch of members came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stretch {
    /// To this member; there may be more.
    To(MemberId),
    /// To the end.
    Ended,
    /// A later run has begun: this one is not wanted any more.
    Overtaken,
}

/// Makes scores of all guests, a stretch of members at a time (those of `at_once` rows), each in
/// a unit of work of its own that is short however many guests there are. Whoever stops in the middle leaves rows that
/// nobody sees; every later run clears them away.
#[async_trait]
pub trait RfmGenerations: Send + Sync {
    /// A new generation; from now on the earlier ones that are not whole are given up.
    ///
    /// # Errors
    /// The storage's.
    async fn begin(&self) -> Result<RfmGeneration, StoreError>;

    /// Deletes rows of earlier generations, but for the one that is shown, of members after
    /// `after`.
    ///
    /// # Errors
    /// The storage's.
    async fn clear(
        &self,
        generation: RfmGeneration,
        after: MemberId,
        at_once: u32,
    ) -> Result<Stretch, StoreError>;

    /// Measures the stays of members after `after`; a member without a stay that took place gets
    /// no row.
    ///
    /// # Errors
    /// The storage's.
    async fn measure(
        &self,
        generation: RfmGeneration,
        after: MemberId,
        at_once: u32,
    ) -> Result<Stretch, StoreError>;

    /// The borders between all that was measured, the same as `RfmBorders::of`.
    ///
    /// # Errors
    /// The storage's.
    async fn borders(&self, generation: RfmGeneration) -> Result<RfmBorders, StoreError>;

    /// Gives members after `after` the scores that the borders say.
    ///
    /// # Errors
    /// The storage's.
    async fn score(
        &self,
        generation: RfmGeneration,
        borders: &RfmBorders,
        after: MemberId,
        at_once: u32,
    ) -> Result<Stretch, StoreError>;

    /// Shows this generation instead of the one before, with the grid counted of it: at once.
    /// Answers whether it was shown; not when a later run has begun.
    ///
    /// # Errors
    /// The storage's.
    async fn show(&self, generation: RfmGeneration, now: DateTime<Utc>)
    -> Result<bool, StoreError>;
}
