//! Active campaigns: they go, once each, to whoever comes to fulfil their condition.

use super::start::{frozen_if_same, mode_of};
use super::{Sending, SendingError, TakenOver};
use crm_campaigns::{
    Campaign, CampaignError, CampaignStatus, EventKind, NewCampaignEvent, Plan, PlanPhase,
    RunRound, StatusReason, campaign_entry,
};
use crm_kernel::{Actor, CampaignId};
use crm_templates::TemplateContent;
use std::time::Duration;

/// Times that an activation is prepared anew because the template was changed meanwhile.
const PREPARE_TRIES: u32 = 3;
/// How long a round waits for an earlier plan.
const BUSY: Duration = Duration::from_secs(5);

impl Sending {
    /// Makes a draft with a condition active: what it says is frozen, and whoever fulfils the
    /// condition now is sent at once.
    ///
    /// # Errors
    /// `NotFound`; `WrongState`, `TriggerMissing`, `AudienceTagMissing` or a refused message, which
    /// all leave the campaign as it was; `Line` when LINE cannot be asked.
    pub async fn activate(&self, actor: &Actor, id: CampaignId) -> Result<Campaign, SendingError> {
        if self.brake.is_on().await? {
            return Err(SendingError::Stopped);
        }
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
            self.count_at_line(&mut *tx, &mut campaign, now).await?;
            let event = NewCampaignEvent::new(EventKind::Activated, id, actor, now);
            tx.campaigns().note(&event).await?;
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
    /// in it. Does nothing for a campaign that is not active; comes again for one whose earlier plan
    /// is still being made or taken back.
    ///
    /// # Errors
    /// `Line` or `Store`: try again.
    pub async fn run_round(&self, job: &RunRound) -> Result<TakenOver, SendingError> {
        let id = job.campaign_id;
        let Some(detail) = self.campaigns.detail(id).await? else {
            return Ok(TakenOver::Done);
        };
        let campaign = detail.campaign;
        if campaign.status() != CampaignStatus::Active {
            return Ok(TakenOver::Done);
        }
        let audience = &campaign.record().audience;
        if let Err(error) = self.campaigns.check_audience(audience).await {
            let error = SendingError::from(error);
            return match error.as_reason() {
                Some(reason) => self.halt(id, reason).await,
                None => Err(error),
            };
        }
        let frozen = campaign.record().frozen_template.as_deref();
        let content: TemplateContent =
            serde_json::from_str(frozen.unwrap_or_default()).map_err(SendingError::Damaged)?;
        let remaining = self.remaining().await?;

        let mut tx = self.store.begin().await?;
        let mut campaign = tx.campaigns().get(id).await?;
        let earlier = tx.plans().find(id).await?;
        let is_planning = earlier.is_some_and(|plan| plan.phase != PlanPhase::Done);
        if campaign.status() != CampaignStatus::Active {
            return Ok(TakenOver::Done);
        }
        if is_planning {
            return Ok(TakenOver::Again(BUSY));
        }
        // A tag deleted a moment ago must not widen the audience; the next round will tell.
        let audience = campaign.record().audience.clone();
        tx.campaigns().check_audience(&audience).await?;
        let plan = Plan {
            again: true,
            ..self
                .new_plan(&mut *tx, id, mode_of(&content), remaining)
                .await?
        };
        let plan = self.first_steps(&mut *tx, &mut campaign, plan).await?;
        tx.commit().await?;
        self.plan_on(plan, campaign).await?;
        Ok(TakenOver::Done)
    }

    /// Pauses a campaign that cannot go on.
    pub(super) async fn halt(
        &self,
        id: CampaignId,
        reason: StatusReason,
    ) -> Result<TakenOver, SendingError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let mut campaign = tx.campaigns().get(id).await?;
        if campaign.pause(reason) {
            tx.campaigns().update(&campaign).await?;
            let event = NewCampaignEvent::new(EventKind::Paused, id, &Actor::System, now);
            tx.campaigns().note(&event.because(reason)).await?;
            tx.commit().await?;
        }
        Ok(TakenOver::Done)
    }
}
