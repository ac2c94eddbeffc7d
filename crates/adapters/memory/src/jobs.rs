use crate::{MemoryStore, MemoryTx};
use async_trait::async_trait;
use crm_kernel::{NewJob, Outbox, StoreError};

impl MemoryStore {
    /// Every job that was committed, in the order they were written.
    #[must_use]
    pub fn jobs(&self) -> Vec<NewJob> {
        self.read(|tables| tables.jobs.clone())
    }
}

#[async_trait]
impl Outbox for MemoryTx {
    async fn put(&mut self, job: NewJob) -> Result<bool, StoreError> {
        let known = job.dedupe_key.is_some()
            && self
                .tables
                .jobs
                .iter()
                .any(|other| (other.lane, &other.dedupe_key) == (job.lane, &job.dedupe_key));
        if !known {
            self.tables.jobs.push(job);
        }
        Ok(!known)
    }
}
