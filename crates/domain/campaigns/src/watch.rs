use crate::{
    CampaignError, CampaignEvent, CampaignProgress, CampaignStatus, Campaigns, Counts, Pace,
};
use chrono::TimeDelta;
use crm_kernel::{CampaignId, Page, PageRequest};

/// A campaign may be through before anybody looks; so long ago its sending is still news.
const LATELY: TimeDelta = TimeDelta::seconds(10);

impl Campaigns {
    /// A page of what happened to a campaign and who did it, the newest first.
    ///
    /// # Errors
    /// `NotFound` when there is no such campaign.
    pub async fn history(
        &self,
        id: CampaignId,
        page: PageRequest,
    ) -> Result<Page<CampaignEvent>, CampaignError> {
        if !self.queries.exists(id).await? {
            return Err(CampaignError::NotFound);
        }
        Ok(self.queries.history(id, page).await?)
    }

    /// How far a campaign has come and how fast it goes.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn progress(&self, id: CampaignId) -> Result<CampaignProgress, CampaignError> {
        let progress = self.queries.progress(id).await?;
        let mut progress = progress.ok_or(CampaignError::NotFound)?;
        progress.pace = self.pace(id, progress.status, &progress.counts).await?;
        Ok(progress)
    }

    /// Campaigns that are being sent, and those that were through within seconds.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn under_way(&self) -> Result<Vec<(CampaignId, CampaignStatus)>, CampaignError> {
        Ok(self.queries.under_way(self.clock.now() - LATELY).await?)
    }

    /// How fast a campaign goes; nothing unless it is being sent.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn pace(
        &self,
        id: CampaignId,
        status: CampaignStatus,
        counts: &Counts,
    ) -> Result<Pace, CampaignError> {
        if status != CampaignStatus::Sending {
            return Ok(Pace::default());
        }
        let taken = self.queries.taken_lately(id, self.clock.now()).await?;
        Ok(Pace::of(taken, counts.pending()))
    }
}
