use crate::{
    Campaign, CampaignDetail, CampaignError, CampaignFilter, CampaignRow, CampaignStatus,
    CampaignSummary, Campaigns, CampaignsTx, EventKind, NewCampaignEvent, PlanCampaign, PlanPhase,
    RecipientFilter, RecipientRow, SkipReason, StatusReason, call_senders, campaign_entry,
};
use chrono::{DateTime, Utc};
use crm_kernel::{Actor, CampaignId, HotelTime, Page, PageRequest, StoreError};
use uuid::Uuid;

impl Campaigns {
    /// Stops a campaign after the batch in hand; it can be resumed.
    ///
    /// # Errors
    /// `NotFound`, or `WrongState` unless it is sending or active.
    pub async fn pause(&self, actor: &Actor, id: CampaignId) -> Result<Campaign, CampaignError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let mut campaign = tx.campaigns().get(id).await?;
        campaign.require(&[CampaignStatus::Sending, CampaignStatus::Active], "paused")?;
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

    /// Goes on with a paused campaign: its senders come back, or its planner.
    ///
    /// # Errors
    /// `NotFound`, or `WrongState` unless it is paused.
    pub async fn resume(&self, actor: &Actor, id: CampaignId) -> Result<Campaign, CampaignError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let mut campaign = tx.campaigns().get(id).await?;
        campaign.resume()?;
        tx.campaigns().update(&campaign).await?;
        let plan = tx.plans().find(id).await?;
        if plan.is_some_and(|plan| plan.phase != PlanPhase::Done) {
            let job = PlanCampaign { campaign_id: id };
            tx.outbox().enqueue(&job, now).await?;
        }
        call_senders(&mut *tx, id, now).await?;
        let entry = campaign_entry(actor, now, "campaign.resumed", id);
        tx.audit().record(entry).await?;
        let event = NewCampaignEvent::new(EventKind::Resumed, id, actor, now);
        tx.campaigns().note(&event).await?;
        tx.commit().await?;
        Ok(campaign)
    }

    /// Ends a campaign for good: whoever is in a batch not yet tried is skipped; batches already
    /// tried are seen through, since LINE may have them. A plan in the making ends where it is.
    ///
    /// # Errors
    /// `NotFound`, or `WrongState` unless it is scheduled, sending, active or paused.
    pub async fn cancel(&self, actor: &Actor, id: CampaignId) -> Result<Campaign, CampaignError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let mut campaign = tx.campaigns().get(id).await?;
        campaign.require(
            &[
                CampaignStatus::Scheduled,
                CampaignStatus::Sending,
                CampaignStatus::Active,
                CampaignStatus::Paused,
            ],
            "cancelled",
        )?;
        let was_paused = campaign.status() == CampaignStatus::Paused;
        end_plan(&mut *tx, id, now).await?;
        let skipped = tx.batches().cancel_untried(id, now).await?;
        let reason = SkipReason::Cancelled;
        tx.campaigns().count_skips(id, reason, skipped).await?;
        campaign.cancel(skipped, now);
        tx.campaigns().update(&campaign).await?;
        if was_paused {
            call_senders(&mut *tx, id, now).await?;
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

/// Ends a plan in the making: whoever it has planned gets a batch, to be cancelled with it. Its
/// key is never used.
async fn end_plan(
    tx: &mut dyn CampaignsTx,
    id: CampaignId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(mut plan) = tx.plans().find(id).await? else {
        return Ok(());
    };
    // A plan that was refused is not the campaign's any more; its rows are on their way out.
    if matches!(plan.phase, PlanPhase::Done | PlanPhase::Withdrawing) {
        return Ok(());
    }
    plan.claim += 1;
    if plan.phase == PlanPhase::Clearing {
        // Nobody is planned yet; what an earlier plan left still has to go.
        plan.phase = PlanPhase::Withdrawing;
        let job = PlanCampaign { campaign_id: id };
        tx.outbox().enqueue(&job, now).await?;
    } else {
        let batches = plan.portion(Uuid::nil);
        tx.batches().insert(id, plan.mode, &batches).await?;
        plan.phase = PlanPhase::Done;
    }
    tx.plans().save(&plan).await
}
