use super::{Sending, SendingError};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use crm_campaigns::{SendBatch, StartCampaign};
use crm_kernel::{Job, Lane, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// A schedule this far past has lost its job; one that is merely late still has it.
const OVERDUE: TimeDelta = TimeDelta::seconds(60);

/// Look for campaigns that wait for a job which no longer exists: a job can be declared dead, or
/// be deleted by hand, and nobody would notice but the guests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RescueStranded {}

impl Job for RescueStranded {
    const NAME: &'static str = "campaigns.rescue_stranded";
    const LANE: Lane = Lane::Background;
    const MAX_ATTEMPTS: u32 = 1;
}

/// What must have a job, and which jobs there are. Every method fails with [`StoreError`] of the
/// storage only.
#[async_trait]
pub trait StrandedQueries: Send + Sync {
    /// Scheduled campaigns whose time was before `before`.
    async fn overdue(&self, before: DateTime<Utc>) -> Result<Vec<StartCampaign>, StoreError>;

    /// Batches that are not settled, of campaigns that are being sent; of cancelled ones those
    /// that were tried.
    async fn unsettled(&self) -> Result<Vec<SendBatch>, StoreError>;

    /// The payloads of all jobs of that name that wait or run.
    async fn waiting(&self, job_name: &str) -> Result<Vec<serde_json::Value>, StoreError>;
}

impl Sending {
    /// Gives everything that is stranded a job again; answers how many. A job too many does no
    /// harm: whoever comes second finds nothing to do.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn rescue(&self) -> Result<usize, SendingError> {
        let now = self.clock.now();
        // Jobs are read first: what gets its job in between is then rescued in vain, not missed.
        let started = self.jobs::<StartCampaign>().await?;
        let tried = self.jobs::<SendBatch>().await?;
        let mut starts = self.stranded.overdue(now - OVERDUE).await?;
        starts.retain(|job| !started.contains(job));
        let mut batches = self.stranded.unsettled().await?;
        batches.retain(|job| !tried.contains(job));
        if starts.is_empty() && batches.is_empty() {
            return Ok(0);
        }
        let mut tx = self.store.begin().await?;
        for job in &starts {
            tx.outbox().enqueue(job, now).await?;
        }
        for job in &batches {
            tx.outbox().enqueue(job, now).await?;
        }
        tx.commit().await?;
        let rescued = starts.len() + batches.len();
        tracing::warn!(
            starts = starts.len(),
            batches = batches.len(),
            "{rescued} stranded jobs were written again"
        );
        Ok(rescued)
    }

    async fn jobs<J: Job + Eq + std::hash::Hash>(&self) -> Result<HashSet<J>, SendingError> {
        let payloads = self.stranded.waiting(J::NAME).await?;
        Ok(payloads
            .into_iter()
            .filter_map(|payload| serde_json::from_value(payload).ok())
            .collect())
    }
}
