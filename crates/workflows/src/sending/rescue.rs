use super::{Sending, SendingError};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use crm_campaigns::{PlanCampaign, SendBatches, StartCampaign, hire_senders};
use crm_kernel::{CampaignId, Job, Lane, StoreError};
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
    // Once would do, but for a process that is killed in the middle: that is no dead job.
    const MAX_ATTEMPTS: u32 = 3;
}

/// What must have a job, and which jobs there are. Every method fails with [`StoreError`] of the
/// storage only.
#[async_trait]
pub trait StrandedQueries: Send + Sync {
    /// Scheduled campaigns whose time was before `before`.
    async fn overdue(&self, before: DateTime<Utc>) -> Result<Vec<StartCampaign>, StoreError>;

    /// Senders whose batch was tried and is not settled, of campaigns that are being sent, are
    /// active or were cancelled.
    async fn unsettled(&self) -> Result<Vec<SendBatches>, StoreError>;

    /// Campaigns that are being sent or active and have batches never tried.
    async fn untried(&self) -> Result<Vec<CampaignId>, StoreError>;

    /// Plans in the making whose planner last wrote before `before`.
    async fn unplanned(&self, before: DateTime<Utc>) -> Result<Vec<PlanCampaign>, StoreError>;

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
        let planners = self.jobs::<PlanCampaign>().await?;
        let senders = self.jobs::<SendBatches>().await?;
        let mut starts = self.stranded.overdue(now - OVERDUE).await?;
        starts.retain(|job| !started.contains(job));
        let mut plans = self.stranded.unplanned(now - OVERDUE).await?;
        plans.retain(|job| !planners.contains(job));
        let mut tried = self.stranded.unsettled().await?;
        tried.retain(|job| !senders.contains(job));
        let at_work: HashSet<CampaignId> = senders.iter().map(|job| job.campaign_id).collect();
        let mut untried = self.stranded.untried().await?;
        untried.retain(|campaign| !at_work.contains(campaign));
        let rescued = starts.len() + plans.len() + tried.len() + untried.len();
        if rescued == 0 {
            return Ok(0);
        }
        let mut tx = self.store.begin().await?;
        for job in &starts {
            tx.outbox().enqueue(job, now).await?;
        }
        for job in &plans {
            tx.outbox().enqueue(job, now).await?;
        }
        for job in &tried {
            tx.outbox().enqueue(job, now).await?;
        }
        for campaign in &untried {
            let open = tx.batches().open(*campaign).await?;
            hire_senders(&mut *tx, *campaign, open.untried, now).await?;
        }
        tx.commit().await?;
        tracing::warn!(
            starts = starts.len(),
            plans = plans.len(),
            senders = tried.len(),
            campaigns = untried.len(),
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
