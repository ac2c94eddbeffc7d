use crate::{JobId, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Jobs of one lane never wait behind another lane's: a campaign of a million recipients must
/// not delay the answer to a guest who is writing now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    /// A guest or a member of staff is waiting: webhook events, clicks.
    Interactive,
    /// Campaign batches.
    Sending,
    /// Fetching what guests sent: it may take minutes, and LINE may be slow.
    Content,
    /// Everything else: schedules, clean-up, syncs.
    Background,
}

impl Lane {
    /// All lanes.
    pub const ALL: [Self; 4] = [
        Self::Interactive,
        Self::Sending,
        Self::Content,
        Self::Background,
    ];

    /// The name stored in the row.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Interactive => "interactive",
            Self::Sending => "sending",
            Self::Content => "content",
            Self::Background => "background",
        }
    }
}

/// A piece of work that is written down now and done later, at least once: handlers must be
/// safe to repeat.
pub trait Job: Serialize + DeserializeOwned + Send + Sync {
    /// Stable name; what the handler is found by. Renaming it loses the jobs already stored.
    const NAME: &'static str;
    /// Which lane it runs in.
    const LANE: Lane;
    /// Tries before it is declared dead, the first included.
    const MAX_ATTEMPTS: u32 = 10;

    /// Two jobs with the same key are one. `None` = every job counts.
    fn dedupe_key(&self) -> Option<String> {
        None
    }
}

/// A job about to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct NewJob {
    /// [`Job::NAME`].
    pub name: &'static str,
    /// [`Job::LANE`].
    pub lane: Lane,
    /// The job itself.
    pub payload: Value,
    /// Not before this moment.
    pub run_at: DateTime<Utc>,
    /// [`Job::dedupe_key`].
    pub dedupe_key: Option<String>,
    /// [`Job::MAX_ATTEMPTS`].
    pub max_attempts: u32,
}

impl NewJob {
    /// The row of a typed job.
    ///
    /// # Errors
    /// `Internal` when the job does not serialise.
    pub fn of<J: Job>(job: &J, run_at: DateTime<Utc>) -> Result<Self, StoreError> {
        Ok(Self {
            name: J::NAME,
            lane: J::LANE,
            payload: serde_json::to_value(job).map_err(|e| StoreError::Internal(Box::new(e)))?,
            run_at,
            dedupe_key: job.dedupe_key(),
            max_attempts: J::MAX_ATTEMPTS,
        })
    }
}

/// A process' hold on the jobs it has claimed. Whoever lets it run out has lost them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Unguessable name of the holder, one per process start.
    pub token: String,
    /// Until when the hold is good, by the holder's clock.
    pub until: DateTime<Utc>,
}

/// A job in the hands of a process. `(lease token, id, claim)` is its fencing token: nobody else
/// can report on it, nor can a report that was delayed while the job was put off and taken again.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimedJob {
    /// The row.
    pub id: JobId,
    /// [`Job::NAME`].
    pub name: String,
    /// The job itself.
    pub payload: Value,
    /// Counts the claims of the row; never the same again.
    pub claim: u32,
    /// Which try this is, from 1; counted when claimed, so that a crash counts too. Being put off
    /// takes it back.
    pub attempt: u32,
    /// Tries it may have.
    pub max_attempts: u32,
    /// When it was due.
    pub run_at: DateTime<Utc>,
}

/// What a sweep of run-out leases did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Jobs given back to be run again.
    pub released: u64,
    /// Jobs that had used up their attempts.
    pub dead: u64,
}

/// The job runner's side of the `jobs` table. Every write is fenced: it changes a row only while
/// the caller's lease holds that very claim, and says whether it did.
#[async_trait]
pub trait JobQueue: Send + Sync {
    /// Takes up to `limit` due jobs of one lane, oldest first. Two callers never get the same.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn claim(
        &self,
        lane: Lane,
        limit: u32,
        lease: &Lease,
        now: DateTime<Utc>,
    ) -> Result<Vec<ClaimedJob>, StoreError>;

    /// Extends the hold on everything claimed under this token; answers how many.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn renew(&self, lease: &Lease) -> Result<u64, StoreError>;

    /// Marks claims as done; answers how many were still ours.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn complete(
        &self,
        token: &str,
        done: &[(JobId, u32)],
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError>;

    /// Records a failed attempt: to be run again at `retry_at`, or dead when `None`.
    /// Answers whether it was still ours. `error` must hold no personal data.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn fail(
        &self,
        token: &str,
        id: JobId,
        claim: u32,
        error: &str,
        retry_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// Puts off an attempt that was no failure (a limit, a pause): it does not count.
    /// Answers whether it was still ours.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn postpone(
        &self,
        token: &str,
        id: JobId,
        claim: u32,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// Gives back everything claimed under this token, uncounted; for an orderly end.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn release(&self, token: &str) -> Result<u64, StoreError>;

    /// Gives back jobs whose lease ran out before `now`, or declares them dead when their
    /// attempts are used up.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn sweep(&self, now: DateTime<Utc>) -> Result<Swept, StoreError>;

    /// Stores a job outside any domain transaction (schedules). Answers whether it was stored,
    /// that is, whether its dedupe key was new.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn put(&self, job: NewJob) -> Result<bool, StoreError>;

    /// Deletes done jobs finished before `before`, at most `limit`; answers how many.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn prune(&self, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError>;
}
