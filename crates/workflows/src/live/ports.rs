use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{Facts, MemberId, StoreError};

/// An event as it is kept for those who come back.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptEvent {
    /// Its number. Numbers are given out before the commit: a lower one may appear later.
    pub id: i64,
    /// What happened.
    pub kind: String,
    /// The permission that whoever hears of it must have.
    pub audience: String,
    /// The guest it is about, if it is about one.
    pub member: Option<MemberId>,
    /// Ids and states.
    pub facts: Facts,
    /// When.
    pub at: DateTime<Utc>,
}

/// What is kept, seen from one place in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The lowest number kept.
    pub oldest: Option<i64>,
    /// The highest.
    pub newest: Option<i64>,
    /// How many are kept beyond that place, counted up to a limit.
    pub beyond: u64,
}

/// Events that were committed, for whoever tells them on; never while a unit of work is open.
///
/// To add a method, write its promise in `tests/ports/live.rs` first, then the database; the
/// memory adapter has no queries. Every method fails with [`StoreError`] of the storage only.
#[async_trait]
pub trait LiveQueries: Send + Sync {
    /// The numbers of the newest events, at most `limit`, ascending: those since `since` and the
    /// last before.
    async fn newest(&self, since: DateTime<Utc>, limit: u32) -> Result<Vec<i64>, StoreError>;

    /// Those of `missing` that are there by now, and what came after `after`: at most `limit`,
    /// by ascending number.
    async fn look(
        &self,
        after: i64,
        missing: &[i64],
        limit: u32,
    ) -> Result<Vec<KeptEvent>, StoreError>;

    /// Those of `missing` that never come: they are not there, and no unit of work that is still
    /// open has written them. None while any of them is held by somebody.
    async fn never_coming(&self, missing: &[i64]) -> Result<Vec<i64>, StoreError>;

    /// What is kept, and how much of it beyond `after`, counted up to `most`.
    async fn standing(&self, after: i64, most: u32) -> Result<Standing, StoreError>;

    /// Deletes the oldest events as far as they were told before `before`, at most `limit` at
    /// once, and never the newest; answers how many.
    async fn prune(&self, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError>;
}
