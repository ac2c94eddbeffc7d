use crate::{
    Campaign, CampaignDetail, CampaignError, CampaignFilter, CampaignRow, CampaignStatus,
    CampaignSummary, Campaigns, CampaignsTx, EventKind, NewCampaignEvent, RecipientFilter,
    RecipientRow, SendBatch, StatusReason, campaign_entry,
};
use chrono::{DateTime, Utc};
use crm_kernel::{Actor, CampaignId, HotelTime, Page, PageRequest, StoreError};

impl Campaigns {
    /// Stops a campaign after the batch in hand; it can be resumed.
    ///
    /// # Errors
    /// `NotFound`, or `WrongState` unless it is sending.
    pub async fn pause(&self, actor: &Actor, id: CampaignId) -> Result<Campaign, CampaignError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let mut campaign = tx.campaigns().get(id).await?;
        campaign.require(&[CampaignStatus::Sending], "paused")?;
        campaign.pause(StatusReason::ByUser);
        tx.campaigns().update(&campaign).await?;
        let entry = campaign_entry(actor, now, "campaign.paused", id);
        tx.audit().record(entry).await?;
        let event = NewCampaignEvent::new(EventKind::Paused, id, actor, now);
        tx.campaigns()
            .note(&event.because(StatusReason::ByUser))
            .await?;
        tx.commit().await?;
        Ok(campaign)
    }

    /// Goes on with a paused campaign: every open batch gets a job again.
    ///
    /// # Errors
    /// `NotFound`, or `WrongState` unless it is paused.
    pub async fn resume(&self, actor: &Actor, id: CampaignId) -> Result<Campaign, CampaignError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let mut campaign = tx.campaigns().get(id).await?;
        campaign.resume()?;
        tx.campaigns().update(&campaign).await?;
        enqueue_open(&mut *tx, id, now).await?;
        let entry = campaign_entry(actor, now, "campaign.resumed", id);
        tx.audit().record(entry).await?;
        let event = NewCampaignEvent::new(EventKind::Resumed, id, actor, now);
        tx.campaigns().note(&event).await?;
        tx.commit().await?;
        Ok(campaign)
    }

    /// Ends a campaign for good: whoever is in a batch not yet tried is skipped; batches already
    /// tried are seen through, since LINE may have them.
    ///
    /// # Errors
    /// `NotFound`, or `WrongState` unless it is scheduled, sending or paused.
    pub async fn cancel(&self, actor: &Actor, id: CampaignId) -> Result<Campaign, CampaignError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let mut campaign = tx.campaigns().get(id).await?;
        campaign.require(
            &[
                CampaignStatus::Scheduled,
                CampaignStatus::Sending,
                CampaignStatus::Paused,
            ],
            "cancelled",
        )?;
        let was_paused = campaign.status() == CampaignStatus::Paused;
        let skipped = tx.batches().cancel_untried(id, now).await?;
        campaign.cancel(skipped, now);
        tx.campaigns().update(&campaign).await?;
        if was_paused {
            enqueue_open(&mut *tx, id, now).await?;
        }
        let entry = campaign_entry(actor, now, "campaign.cancelled", id);
        tx.audit().record(entry.with("skipped", skipped)).await?;
        let event = NewCampaignEvent::new(EventKind::Cancelled, id, actor, now);
        tx.campaigns().note(&event.with("skipped", skipped)).await?;
        tx.commit().await?;
        Ok(campaign)
    }

    /// One campaign with everything the detail page shows.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, id: CampaignId) -> Result<CampaignDetail, CampaignError> {
        self.queries
            .detail(id)
            .await?
            .ok_or(CampaignError::NotFound)
    }

    /// A page of campaigns, newest first, and how many there are of each status.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn list(
        &self,
        filter: &CampaignFilter,
        page: PageRequest,
    ) -> Result<(Page<CampaignRow>, CampaignSummary), CampaignError> {
        Ok(self.queries.list(filter, page).await?)
    }

    /// A page of recipients and how it went with each.
    ///
    /// # Errors
    /// `NotFound` when there is no such campaign.
    pub async fn recipients(
        &self,
        id: CampaignId,
        filter: &RecipientFilter,
        page: PageRequest,
    ) -> Result<Page<RecipientRow>, CampaignError> {
        if !self.queries.exists(id).await? {
            return Err(CampaignError::NotFound);
        }
        Ok(self.queries.recipients(id, filter, page).await?)
    }

    /// The zone that decides what a day is.
    #[must_use]
    pub const fn hotel(&self) -> HotelTime {
        self.hotel
    }
}

/// Gives every batch that is not settled a job again.
async fn enqueue_open(
    tx: &mut dyn CampaignsTx,
    campaign_id: CampaignId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for batch_id in tx.batches().open(campaign_id).await? {
        let job = SendBatch {
            campaign_id,
            batch_id,
        };
        tx.outbox().enqueue(&job, now).await?;
    }
    Ok(())
}
