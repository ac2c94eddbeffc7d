//! Active campaigns: they go, once each, to whoever comes to fulfil their condition.

use super::start::{frozen_if_same, mode_of};
use super::{Sending, SendingError};
use crm_campaigns::{
    Campaign, CampaignError, CampaignStatus, PlanPhase, RunRound, StatusReason, campaign_entry,
};
use crm_kernel::{Actor, CampaignId};
use crm_templates::TemplateContent;

/// Times that an activation is prepared anew because the template was changed meanwhile.
const PREPARE_TRIES: u32 = 3;
/// Numbers left free before the batches of a round. While it is planned, batches of earlier rounds
/// are divided and tried again, and take the numbers that follow the last one stored.
const ROOM: i64 = 1 << 32;

impl Sending {
    /// Makes a draft with a condition active: what it says is frozen, and whoever fulfils the
    /// condition now is sent at once.
    ///
    /// # Errors
    /// `NotFound`; `WrongState`, `TriggerMissing`, `AudienceTagMissing` or a refused message, which
    /// all leave the campaign as it was; `Line` when LINE cannot be asked.
    pub async fn activate(&self, actor: &Actor, id: CampaignId) -> Result<Campaign, SendingError> {
        for _ in 0..PREPARE_TRIES {
            let detail = self.campaigns.detail(id).await?;
            let campaign = detail.ok_or(CampaignError::NotFound)?.campaign;
            campaign.check_activatable()?;
            let template = self.template_of(&campaign).await?;
            let prepared = self.approve(&campaign, template).await?;

            let now = self.clock.now();
            let mut tx = self.store.begin().await?;
            let mut campaign = tx.campaigns().get(id).await?;
            let Some(frozen) = frozen_if_same(&mut *tx, &campaign, &prepared).await? else {
                continue;
            };
            campaign.activate(frozen, now)?;
            tx.campaigns().update(&campaign).await?;
            let entry = campaign_entry(actor, now, "campaign.activated", id);
            tx.audit().record(entry).await?;
            let job = RunRound { campaign_id: id };
            tx.outbox().enqueue(&job, now).await?;
            tx.commit().await?;
            return Ok(campaign);
        }
        Err(SendingError::TemplateChanged)
    }

    /// Writes a round for every active campaign; answers how many.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn begin_rounds(&self) -> Result<usize, SendingError> {
        let active = self.campaigns.active().await?;
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        for campaign_id in &active {
            let job = RunRound {
                campaign_id: *campaign_id,
            };
            tx.outbox().enqueue(&job, now).await?;
        }
        tx.commit().await?;
        Ok(active.len())
    }

    /// Plans everybody who fulfils the condition of an active campaign by now and was never planned
    /// in it. Does nothing for a campaign that is not active, or that is being planned.
    ///
    /// # Errors
    /// `Line` or `Store`: try again.
    pub async fn run_round(&self, job: &RunRound) -> Result<(), SendingError> {
        let id = job.campaign_id;
        let Some(detail) = self.campaigns.detail(id).await? else {
            return Ok(());
        };
        let campaign = detail.campaign;
        if campaign.status() != CampaignStatus::Active {
            return Ok(());
        }
        let tags = campaign.record().audience.tags();
        if !self.campaigns.missing_tags(&tags).await?.is_empty() {
            return self.halt(id, StatusReason::AudienceTagMissing).await;
        }
        let frozen = campaign.record().frozen_template.as_deref();
        let content: TemplateContent =
            serde_json::from_str(frozen.unwrap_or_default()).map_err(SendingError::Damaged)?;
        let remaining = self.remaining().await?;

        let mut tx = self.store.begin().await?;
        let mut campaign = tx.campaigns().get(id).await?;
        let earlier = tx.plans().find(id).await?;
        let is_planning = earlier.is_some_and(|plan| plan.phase != PlanPhase::Done);
        if campaign.status() != CampaignStatus::Active || is_planning {
            return Ok(());
        }
        // A tag deleted a moment ago must not widen the audience.
        if !tx.campaigns().missing_tags(&tags).await?.is_empty() {
            return Ok(());
        }
        let mode = mode_of(&content);
        let mut plan = self.new_plan(&mut *tx, id, mode, remaining).await?;
        plan.phase = PlanPhase::Planning;
        plan.again = true;
        plan.first_batch = plan.first_batch.saturating_add(ROOM);
        let plan = self.first_steps(&mut *tx, &mut campaign, plan).await?;
        tx.commit().await?;
        self.plan_on(plan, campaign).await.map(|_| ())
    }

    /// Pauses an active campaign that cannot go on.
    async fn halt(&self, id: CampaignId, reason: StatusReason) -> Result<(), SendingError> {
        let mut tx = self.store.begin().await?;
        let mut campaign = tx.campaigns().get(id).await?;
        if campaign.pause(reason) {
            tx.campaigns().update(&campaign).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
