//! The `jobs` table over a plain vector, and connections to it that can break.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{ClaimedJob, Job, JobId, JobQueue, Lane, Lease, NewJob, StoreError, Swept};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Ready,
    Running,
    Done,
    Dead,
}

#[derive(Clone, Debug)]
pub struct Row {
    pub id: JobId,
    pub new: NewJob,
    pub status: Status,
    pub claims: u32,
    pub attempts: u32,
    pub lease: Option<Lease>,
    pub error: Option<String>,
}

/// Shared by all runners of a test, like a database.
#[derive(Default)]
pub struct Table {
    rows: Mutex<Vec<Row>>,
    pub completed: AtomicU64,
    pub refused: AtomicU64,
    pub renewals: AtomicU64,
}

impl Table {
    pub fn rows(&self) -> MutexGuard<'_, Vec<Row>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn row(&self, id: JobId) -> Row {
        self.rows()[usize::try_from(id.get()).unwrap_or(0)].clone()
    }

    pub fn only(&self) -> Row {
        self.row(JobId::new(0))
    }

    pub fn count(&self, status: Status) -> usize {
        self.rows().iter().filter(|r| r.status == status).count()
    }

    pub fn enqueue<J: Job>(&self, job: &J, run_at: DateTime<Utc>) {
        if let Ok(new) = NewJob::of(job, run_at) {
            self.insert(new);
        }
    }

    pub fn insert(&self, new: NewJob) -> bool {
        let mut rows = self.rows();
        let taken = |row: &Row| new.dedupe_key.is_some() && row.new.dedupe_key == new.dedupe_key;
        if rows.iter().any(taken) {
            return false;
        }
        let id = JobId::new(i64::try_from(rows.len()).unwrap_or(i64::MAX));
        rows.push(Row {
            id,
            new,
            status: Status::Ready,
            claims: 0,
            attempts: 0,
            lease: None,
            error: None,
        });
        true
    }

    /// Changes the row if this token holds this very claim.
    fn fenced(&self, token: &str, id: JobId, claim: u32, change: impl FnOnce(&mut Row)) -> bool {
        let mut rows = self.rows();
        let held = |row: &&mut Row| {
            row.id == id && row.claims == claim && held_by(row, token) && {
                row.status == Status::Running
            }
        };
        let Some(row) = rows.iter_mut().find(held) else {
            self.refused.fetch_add(1, SeqCst);
            return false;
        };
        row.lease = None;
        change(row);
        true
    }
}

fn held_by(row: &Row, token: &str) -> bool {
    row.lease.as_ref().is_some_and(|l| l.token == token)
}

/// One process' way to the table.
#[derive(Clone)]
pub struct Connection {
    pub table: Arc<Table>,
    pub broken: Arc<AtomicBool>,
    /// The answer to the next claim that finds something gets lost on its way.
    pub deaf: Arc<AtomicBool>,
}

impl Connection {
    pub fn to(table: &Arc<Table>) -> Self {
        Self {
            table: Arc::clone(table),
            broken: Arc::default(),
            deaf: Arc::default(),
        }
    }

    fn table(&self) -> Result<&Table, StoreError> {
        if self.broken.load(SeqCst) {
            return Err(StoreError::Unavailable("cut".into()));
        }
        Ok(&self.table)
    }
}

#[async_trait]
impl JobQueue for Connection {
    async fn claim(
        &self,
        lane: Lane,
        limit: u32,
        lease: &Lease,
        now: DateTime<Utc>,
    ) -> Result<Vec<ClaimedJob>, StoreError> {
        let mut rows = self.table()?.rows();
        let due =
            |r: &&mut Row| r.status == Status::Ready && r.new.lane == lane && r.new.run_at <= now;
        let mut due: Vec<&mut Row> = rows.iter_mut().filter(due).collect();
        due.sort_by_key(|row| (row.new.run_at, row.id));
        let claim = |row: &mut Row| {
            row.status = Status::Running;
            row.attempts += 1;
            row.claims += 1;
            row.lease = Some(lease.clone());
            ClaimedJob {
                id: row.id,
                name: row.new.name.to_owned(),
                payload: row.new.payload.clone(),
                claim: row.claims,
                attempt: row.attempts,
                max_attempts: row.new.max_attempts,
                run_at: row.new.run_at,
            }
        };
        let claimed: Vec<_> = due.into_iter().take(limit as usize).map(claim).collect();
        if !claimed.is_empty() && self.deaf.swap(false, SeqCst) {
            return Err(StoreError::Unavailable("no answer".into()));
        }
        Ok(claimed)
    }

    async fn renew(&self, lease: &Lease) -> Result<u64, StoreError> {
        let table = self.table()?;
        table.renewals.fetch_add(1, SeqCst);
        let mut rows = table.rows();
        let ours = rows.iter_mut().filter(|r| held_by(r, &lease.token));
        Ok(ours.map(|r| r.lease = Some(lease.clone())).count() as u64)
    }

    async fn complete(
        &self,
        token: &str,
        done: &[(JobId, u32)],
        _: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let table = self.table()?;
        let finish = |row: &mut Row| row.status = Status::Done;
        let ours = |(id, claim): &&(JobId, u32)| table.fenced(token, *id, *claim, finish);
        let count = done.iter().filter(ours).count() as u64;
        table.completed.fetch_add(count, SeqCst);
        Ok(count)
    }

    async fn fail(
        &self,
        token: &str,
        id: JobId,
        claim: u32,
        error: &str,
        retry_at: Option<DateTime<Utc>>,
        _: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        Ok(self.table()?.fenced(token, id, claim, |row| {
            row.error = Some(error.to_owned());
            row.status = retry_at.map_or(Status::Dead, |_| Status::Ready);
            row.new.run_at = retry_at.unwrap_or(row.new.run_at);
        }))
    }

    async fn postpone(
        &self,
        token: &str,
        id: JobId,
        claim: u32,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        Ok(self.table()?.fenced(token, id, claim, |row| {
            row.status = Status::Ready;
            row.attempts -= 1;
            row.new.run_at = until;
        }))
    }

    async fn release(&self, token: &str) -> Result<u64, StoreError> {
        let mut rows = self.table()?.rows();
        let ours = rows.iter_mut().filter(|row| held_by(row, token));
        let release = |row: &mut Row| {
            row.lease = None;
            row.status = Status::Ready;
            row.attempts -= 1;
        };
        Ok(ours.map(release).count() as u64)
    }

    async fn sweep(&self, now: DateTime<Utc>) -> Result<Swept, StoreError> {
        let mut swept = Swept::default();
        for row in self.table()?.rows().iter_mut() {
            if row.lease.as_ref().is_none_or(|l| l.until >= now) {
                continue;
            }
            row.lease = None;
            if row.attempts < row.new.max_attempts {
                row.status = Status::Ready;
                swept.released += 1;
            } else {
                row.status = Status::Dead;
                row.error = Some("the process stopped".to_owned());
                swept.dead += 1;
            }
        }
        Ok(swept)
    }

    async fn put(&self, job: NewJob) -> Result<bool, StoreError> {
        Ok(self.table()?.insert(job))
    }

    async fn prune(&self, _: DateTime<Utc>, _: u32) -> Result<u64, StoreError> {
        Ok(0)
    }
}
