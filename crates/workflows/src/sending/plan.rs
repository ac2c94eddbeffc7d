//! Making a plan, range by range. Whoever plans holds the plan's claim; each range is one
//! transaction that locks the campaign, so a planner that dies leaves a plan that another one
//! goes on with where it ended.

use super::start::check_quota;
use super::{PERSONAL_BATCH, Sending, SendingError, Started};
use crate::CrmTx;
use chrono::TimeDelta;
use crm_campaigns::{
    BatchMode, Campaign, CampaignError, CampaignStatus, EventKind, NewCampaignEvent, Plan,
    PlanCampaign, PlanPhase, PlanRequest, StatusReason, hire_senders,
};
use crm_kernel::{Actor, CampaignId, MemberId, StoreError};
use std::time::Duration;

/// How long after the beginning of a plan somebody looks whether its planner is still alive.
const LOOK_AFTER: TimeDelta = TimeDelta::seconds(20);
/// How long until they look again.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// Times that a planner puts up with others in its way, before it leaves the plan to the job.
const PATIENCE: u32 = 20;
/// Rows of a refused plan deleted in one transaction.
const FORGET_AT_ONCE: u32 = 20_000;

/// What became of an attempt to take a plan over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenOver {
    /// There is nothing (more) to plan.
    Done,
    /// Its planner is alive; look again after this long.
    Again(Duration),
}

/// What a look at a plan's planner found.
enum Abandoned {
    /// It is alive, or through.
    No(TakenOver),
    /// A plan that was refused, half deleted.
    Withdrawn,
    /// A plan, half made.
    Plan,
}

impl Sending {
    /// Goes on with a plan whose planner has died, to its end.
    ///
    /// # Errors
    /// `Store` or `Line`: look again.
    pub async fn take_over(&self, job: &PlanCampaign) -> Result<TakenOver, SendingError> {
        let now = self.clock.now();
        let remaining = match self.look_at_planner(job).await? {
            Abandoned::No(taken) => return Ok(taken),
            // What is only to be deleted needs no quota, and nobody to ask for it.
            Abandoned::Withdrawn => None,
            Abandoned::Plan => self.remaining().await?,
        };
        let mut tx = self.store.begin().await?;
        let Some(campaign) = tx.campaigns().find(job.campaign_id).await? else {
            return Ok(TakenOver::Done);
        };
        let Some(mut plan) = tx.plans().find(job.campaign_id).await? else {
            return Ok(TakenOver::Done);
        };
        if plan.phase == PlanPhase::Done {
            return Ok(TakenOver::Done);
        }
        if !plan.is_abandoned(now) {
            return Ok(TakenOver::Again(LOOK_AGAIN));
        }
        plan.claim += 1;
        plan.beat_at = now;
        plan.remaining = remaining;
        tx.plans().save(&plan).await?;
        tx.commit().await?;
        tracing::warn!(
            campaign.id = job.campaign_id.get(),
            "the planner of campaign {} died; its plan goes on",
            job.campaign_id
        );
        match self.plan_on(plan, campaign).await {
            Ok(_) => Ok(TakenOver::Done),
            // The campaign tells why it does not go out.
            Err(error) if error.as_reason().is_some() => Ok(TakenOver::Done),
            Err(error) => Err(error),
        }
    }

    /// Whether there is a planner to take over from, before LINE is asked for anything.
    async fn look_at_planner(&self, job: &PlanCampaign) -> Result<Abandoned, SendingError> {
        let mut tx = self.store.begin().await?;
        let Some(plan) = tx.plans().find(job.campaign_id).await? else {
            return Ok(Abandoned::No(TakenOver::Done));
        };
        Ok(match plan.phase {
            PlanPhase::Done => Abandoned::No(TakenOver::Done),
            _ if !plan.is_abandoned(self.clock.now()) => {
                Abandoned::No(TakenOver::Again(LOOK_AGAIN))
            }
            PlanPhase::Withdrawing => Abandoned::Withdrawn,
            PlanPhase::Clearing | PlanPhase::Planning => Abandoned::Plan,
        })
    }

    /// A plan about to be made. It begins with deleting what a refused one has left, if any.
    pub(super) async fn new_plan(
        &self,
        tx: &mut dyn CrmTx,
        campaign_id: CampaignId,
        mode: BatchMode,
        remaining: Option<u64>,
    ) -> Result<Plan, SendingError> {
        let now = self.clock.now();
        let earlier = tx.plans().find(campaign_id).await?;
        let is_clear = earlier
            .as_ref()
            .is_none_or(|plan| plan.phase == PlanPhase::Done);
        let mut plan = Plan {
            campaign_id,
            phase: if is_clear {
                PlanPhase::Planning
            } else {
                PlanPhase::Clearing
            },
            mode,
            batch_size: self.batch_size(mode),
            asked_at: now,
            again: false,
            scheduled_at: None,
            after: MemberId::new(0),
            up_to: tx.plans().newest_member().await?,
            first_batch: 0,
            eligible: 0,
            remaining,
            claim: earlier.map_or(0, |plan| plan.claim) + 1,
            beat_at: now,
        };
        let most = plan.most_batches();
        plan.first_batch = tx.campaigns().take_numbers(campaign_id, most).await?;
        Ok(plan)
    }

    pub(super) const fn batch_size(&self, mode: BatchMode) -> u32 {
        match mode {
            BatchMode::Bulk => self.rules.bulk_batch,
            BatchMode::Personal => PERSONAL_BATCH,
        }
    }

    /// Plans the first range in the transaction that begins the plan. A plan that is whole by then
    /// leaves nothing behind when it is refused; one that is not is watched over by a job.
    pub(super) async fn first_steps(
        &self,
        tx: &mut dyn CrmTx,
        campaign: &mut Campaign,
        mut plan: Plan,
    ) -> Result<Plan, SendingError> {
        tx.campaigns().update(campaign).await?;
        self.step(tx, campaign, &mut plan).await?;
        if plan.phase != PlanPhase::Done {
            let job = PlanCampaign {
                campaign_id: plan.campaign_id,
            };
            let at = self.clock.now() + LOOK_AFTER;
            tx.outbox().enqueue(&job, at).await?;
        }
        Ok(plan)
    }

    /// Makes a begun plan whole. When it is refused, the campaign is what it was before, or failed
    /// with the reason if a schedule asked for it.
    pub(super) async fn plan_on(
        &self,
        mut plan: Plan,
        mut campaign: Campaign,
    ) -> Result<Started, SendingError> {
        let (id, claim) = (plan.campaign_id, plan.claim);
        let mut trouble = 0;
        while plan.phase != PlanPhase::Done {
            match self.next_step(id, claim).await {
                Ok(Some(stepped)) => (plan, campaign) = stepped,
                // Somebody else goes on with it, or has ended it.
                Ok(None) => return self.left_to_others(id).await,
                // A member was deleted between being read and being written, or somebody held what
                // it needs; look again.
                Err(SendingError::Store(StoreError::Reference | StoreError::Busy(_)))
                    if trouble < PATIENCE =>
                {
                    trouble += 1;
                }
                Err(error) => {
                    if let Some(reason) = error.as_reason() {
                        self.refuse(id, claim, reason).await?;
                    }
                    return Err(error);
                }
            }
            // SQLite's writers do not queue: whoever waits looks every 100 ms.
            self.pause.pause(self.rules.rest_between_ranges).await;
        }
        let counts = campaign.counts();
        tracing::info!(
            campaign.id = id.get(),
            planned = counts.recipients,
            skipped = counts.skipped,
            "the plan of campaign {id} is done"
        );
        Ok(Started::Frozen(Box::new(campaign)))
    }

    /// One step in a transaction of its own; `None` where the claim is gone.
    async fn next_step(
        &self,
        id: CampaignId,
        claim: i64,
    ) -> Result<Option<(Plan, Campaign)>, SendingError> {
        let mut tx = self.store.begin().await?;
        let mut campaign = tx.campaigns().get(id).await?;
        let Some(mut plan) = tx.plans().find(id).await?.filter(|p| p.claim == claim) else {
            return Ok(None);
        };
        let was_planning = plan.phase == PlanPhase::Planning;
        self.step(&mut *tx, &mut campaign, &mut plan).await?;
        if was_planning && plan.phase == PlanPhase::Done {
            self.note_planned(&mut *tx, &campaign).await?;
        }
        tx.commit().await?;
        Ok(Some((plan, campaign)))
    }

    /// What is said of a plan that somebody else has taken over or ended.
    async fn left_to_others(&self, id: CampaignId) -> Result<Started, SendingError> {
        let detail = self.campaigns.detail(id).await?;
        let campaign = detail.ok_or(CampaignError::NotFound)?.campaign;
        let goes_on = [
            CampaignStatus::Sending,
            CampaignStatus::Active,
            CampaignStatus::Paused,
            CampaignStatus::Sent,
        ];
        campaign.require(&goes_on, "sent")?;
        Ok(Started::Frozen(Box::new(campaign)))
    }

    /// One step of a plan: a range of members, or the end.
    async fn step(
        &self,
        tx: &mut dyn CrmTx,
        campaign: &mut Campaign,
        plan: &mut Plan,
    ) -> Result<(), SendingError> {
        plan.beat_at = self.clock.now();
        match plan.phase {
            PlanPhase::Clearing => self.clear(tx, plan, PlanPhase::Planning).await?,
            PlanPhase::Withdrawing => self.clear(tx, plan, PlanPhase::Done).await?,
            PlanPhase::Planning => self.plan_range(tx, campaign, plan).await?,
            PlanPhase::Done => {}
        }
        tx.plans().save(plan).await?;
        Ok(())
    }

    async fn clear(
        &self,
        tx: &mut dyn CrmTx,
        plan: &mut Plan,
        then: PlanPhase,
    ) -> Result<(), SendingError> {
        let gone = tx
            .recipients()
            .forget_some(plan.campaign_id, FORGET_AT_ONCE);
        if gone.await? == 0 {
            plan.phase = then;
        }
        Ok(())
    }

    async fn note_planned(
        &self,
        tx: &mut dyn CrmTx,
        campaign: &Campaign,
    ) -> Result<(), SendingError> {
        let (id, now) = (campaign.id(), self.clock.now());
        let counts = campaign.counts();
        let event = NewCampaignEvent::new(EventKind::Planned, id, &Actor::System, now)
            .with("planned", counts.recipients)
            .with("skipped", counts.skipped);
        Ok(tx.campaigns().note(&event).await?)
    }

    async fn plan_range(
        &self,
        tx: &mut dyn CrmTx,
        campaign: &mut Campaign,
        plan: &mut Plan,
    ) -> Result<(), SendingError> {
        let id = plan.campaign_id;
        let request = PlanRequest {
            campaign_id: id,
            selection: &self.selection(campaign, plan.asked_at),
            batch_size: plan.batch_size,
        };
        let part = plan.next_part(self.rules.members_at_once);
        let counts = tx.recipients().plan_part(&request, &part).await?;
        for (reason, skipped) in &counts.skipped {
            tx.campaigns().count_skips(id, *reason, *skipped).await?;
        }
        campaign.plan(counts.planned, counts.skipped_total());
        plan.advance(&part, counts.eligible());
        if plan.is_through() {
            self.finish_plan(tx, campaign, plan).await?;
        }
        tx.campaigns().update(campaign).await?;
        Ok(())
    }

    /// Everybody is planned: the batches, each with its key, and the senders that take them.
    async fn finish_plan(
        &self,
        tx: &mut dyn CrmTx,
        campaign: &mut Campaign,
        plan: &mut Plan,
    ) -> Result<(), SendingError> {
        // Whoever waits in earlier batches needs the quota too.
        let is_enough = check_quota(campaign.counts().pending(), plan.remaining);
        if !plan.again {
            if plan.eligible == 0 {
                return Err(CampaignError::AudienceEmpty.into());
            }
            is_enough?;
        } else if is_enough.is_err() {
            // They are planned for good, and wait until somebody has seen to the quota.
            let reason = StatusReason::QuotaInsufficient;
            if campaign.pause(reason) {
                let (id, now) = (plan.campaign_id, self.clock.now());
                let event = NewCampaignEvent::new(EventKind::Paused, id, &Actor::System, now);
                tx.campaigns().note(&event.because(reason)).await?;
            }
        }
        let batches = plan.portion(|| self.ids.uuid());
        tx.batches()
            .insert(plan.campaign_id, plan.mode, &batches)
            .await?;
        plan.phase = PlanPhase::Done;
        if campaign.status().sends() {
            let untried = i64::try_from(batches.len()).unwrap_or(i64::MAX);
            hire_senders(tx, plan.campaign_id, untried, self.clock.now()).await?;
        }
        Ok(())
    }

    /// Takes a begun plan back, row by row.
    async fn refuse(
        &self,
        id: CampaignId,
        claim: i64,
        reason: StatusReason,
    ) -> Result<(), SendingError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let mut campaign = tx.campaigns().get(id).await?;
        // A round adds to what was sent before; there is nothing to take back.
        let ours = |plan: &Plan| plan.claim == claim && !plan.again;
        let Some(mut plan) = tx.plans().find(id).await?.filter(ours) else {
            return Ok(());
        };
        campaign.take_back(reason);
        if plan.scheduled_at.is_some() {
            campaign.fail(reason, now);
        }
        tx.campaigns().note_end(&campaign, now).await?;
        tx.campaigns().update(&campaign).await?;
        tx.campaigns().forget_skips(id).await?;
        plan.phase = PlanPhase::Withdrawing;
        plan.eligible = 0;
        tx.plans().save(&plan).await?;
        tx.commit().await?;
        if let Err(error) = self.withdraw(id, claim).await {
            // Whoever asked is to hear why it was refused; the plan's job deletes the rest.
            tracing::warn!(%error, "a refused plan is not all deleted yet");
        }
        Ok(())
    }

    async fn withdraw(&self, id: CampaignId, claim: i64) -> Result<(), SendingError> {
        while let Some((plan, _)) = self.next_step(id, claim).await?
            && plan.phase != PlanPhase::Done
        {
            self.pause.pause(self.rules.rest_between_ranges).await;
        }
        Ok(())
    }
}
