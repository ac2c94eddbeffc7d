use super::body::sample_person;
use super::links::{NOBODY, SentLinks};
use super::{Sending, SendingError};
use crate::{CrmTx, SendKind, SentIn, WireMessages};
use chrono::{DateTime, Utc};
use crm_campaigns::{
    BatchMode, Campaign, CampaignError, EventKind, NewCampaignEvent, Plan, PlanPhase, Selection,
    StartCampaign, StartCause, StatusReason, campaign_entry,
};
use crm_kernel::{Actor, CampaignId, StoreError};
use crm_templates::{Template, TemplateContent};

/// Times that a send is prepared anew because something it rests on was changed meanwhile.
const PREPARE_TRIES: u32 = 3;

/// What became of an attempt to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Started {
    /// The plan is frozen and its batches are on their way.
    Frozen(Box<Campaign>),
    /// A schedule that no longer is the campaign's; nothing was done.
    NotDue,
    /// It does not go out; the campaign says why.
    GivenUp(StatusReason),
}

impl Sending {
    /// Sends a draft or scheduled campaign now: answers as soon as its plan is whole, or another
    /// process has taken the plan over.
    ///
    /// # Errors
    /// `NotFound`; `WrongState`, `AudienceEmpty`, `AudienceTagMissing`, `QuotaInsufficient` or
    /// a refused message, which all leave the campaign as it was; `Stopped` while all sending
    /// is; `Line` when LINE cannot be asked.
    pub async fn send_now(&self, actor: &Actor, id: CampaignId) -> Result<Campaign, SendingError> {
        if self.brake.is_on().await? {
            return Err(SendingError::Stopped);
        }
        match self.start(actor, id, StartCause::Request).await? {
            Started::Frozen(campaign) => Ok(*campaign),
            // A request is never "not due", and never given up without an error.
            Started::NotDue | Started::GivenUp(_) => Err(CampaignError::NotFound.into()),
        }
    }

    /// Starts a scheduled campaign whose time has come. What a user would be told as an error
    /// ends the campaign as failed, with the reason; LINE or storage being away is an error, so
    /// that the job is tried again.
    ///
    /// # Errors
    /// `Line` or `Store`; `Stopped` while all sending is.
    pub async fn start_due(&self, job: &StartCampaign) -> Result<Started, SendingError> {
        if self.brake.is_on().await? {
            return Err(SendingError::Stopped);
        }
        let cause = StartCause::Schedule(job.scheduled_at);
        let error = match self.start(&Actor::System, job.campaign_id, cause).await {
            Ok(started) => return Ok(started),
            Err(error) => error,
        };
        match error.as_reason() {
            Some(reason) => self.give_up(job.campaign_id, cause, reason).await,
            None if error.is_no_such_campaign() => Ok(Started::NotDue),
            None => Err(error),
        }
    }

    async fn start(
        &self,
        actor: &Actor,
        id: CampaignId,
        cause: StartCause,
    ) -> Result<Started, SendingError> {
        for _ in 0..PREPARE_TRIES {
            let now = self.clock.now();
            let Some(detail) = self.campaigns.detail(id).await? else {
                return Err(CampaignError::NotFound.into());
            };
            if !detail.campaign.may_start(cause)? {
                return Ok(Started::NotDue);
            }
            if detail
                .campaign
                .is_too_late(cause, now, self.rules.max_lateness)
            {
                return self.give_up(id, cause, StatusReason::MissedWindow).await;
            }
            let prepared = self.prepare(&detail.campaign, now).await?;
            match self.begin(actor, id, cause, &prepared).await {
                Ok(Some(started)) => return Ok(started),
                // Something it rests on was changed meanwhile, or somebody held what it needs.
                Ok(None) | Err(SendingError::Store(StoreError::Busy(_))) => {}
                Err(error) => return Err(error),
            }
        }
        Err(SendingError::TemplateChanged)
    }

    /// Asks everything that must be asked outside: is there an audience, would LINE take the
    /// message, is there quota for it.
    async fn prepare(
        &self,
        campaign: &Campaign,
        now: DateTime<Utc>,
    ) -> Result<Prepared, SendingError> {
        let template = self.template_of(campaign).await?;
        let selection = self.selection(campaign, now);
        let estimate = self.campaigns.estimate(&selection).await?;
        if estimate.eligible == 0 {
            return Err(CampaignError::AudienceEmpty.into());
        }
        let prepared = self.approve(campaign, template).await?;
        check_quota(estimate.eligible, prepared.remaining)?;
        Ok(prepared)
    }

    /// The campaign's template as it is now; all that its audience names is there.
    pub(super) async fn template_of(&self, campaign: &Campaign) -> Result<Template, SendingError> {
        let record = campaign.record();
        let template = self.templates.find(record.template_id).await?;
        self.campaigns.check_audience(&record.audience).await?;
        Ok(template.ok_or(CampaignError::NotFound)?)
    }

    /// Asks LINE whether it would take what the template says, and what the quota allows.
    pub(super) async fn approve(
        &self,
        campaign: &Campaign,
        template: Template,
    ) -> Result<Prepared, SendingError> {
        let mode = mode_of(template.content());
        let kind = match mode {
            BatchMode::Bulk => SendKind::Multicast,
            BatchMode::Personal => SendKind::Push,
        };
        let sample = self.sample(campaign.id(), template.content())?;
        self.line.validate(kind, &sample).await?;
        Ok(Prepared {
            template,
            mode,
            remaining: self.remaining().await?,
        })
    }

    /// Messages that LINE's quota still allows this month; none = no limit.
    pub(super) async fn remaining(&self) -> Result<Option<u64>, SendingError> {
        Ok(self.line.quota().await?.remaining())
    }

    /// Freezes what is said and begins the plan; makes it whole where it fits into the same
    /// transaction. `None` when the template is no longer the one that was checked, or a member
    /// went away in the middle.
    async fn begin(
        &self,
        actor: &Actor,
        id: CampaignId,
        cause: StartCause,
        prepared: &Prepared,
    ) -> Result<Option<Started>, SendingError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let mut campaign = tx.campaigns().get(id).await?;
        if !campaign.may_start(cause)? {
            return Ok(Some(Started::NotDue));
        }
        let Some(frozen) = frozen_if_same(&mut *tx, &campaign, prepared).await? else {
            return Ok(None);
        };
        campaign.begin(frozen, now);
        self.count_at_line(&mut *tx, &mut campaign, now).await?;
        let plan = Plan {
            scheduled_at: cause.scheduled_at(),
            ..self
                .new_plan(&mut *tx, id, prepared.mode, prepared.remaining)
                .await?
        };
        let planned = self.first_steps(&mut *tx, &mut campaign, plan).await;
        let plan = match planned {
            Ok(plan) => plan,
            // A member was deleted between being read and being written; look again.
            Err(SendingError::Store(StoreError::Reference)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut entry = campaign_entry(actor, now, "campaign.sent", id);
        let mut event = NewCampaignEvent::new(EventKind::Started, id, actor, now);
        if plan.phase == PlanPhase::Done {
            let counts = *campaign.counts();
            for (name, count) in [("planned", counts.recipients), ("skipped", counts.skipped)] {
                entry = entry.with(name, count);
                event = event.with(name, count);
            }
        }
        tx.audit().record(entry).await?;
        tx.campaigns().note(&event).await?;
        tx.commit().await?;
        self.plan_on(plan, campaign).await.map(Some)
    }

    /// Ends a scheduled campaign that must not go out any more.
    async fn give_up(
        &self,
        id: CampaignId,
        cause: StartCause,
        reason: StatusReason,
    ) -> Result<Started, SendingError> {
        let mut tx = self.store.begin().await?;
        let mut campaign = tx.campaigns().get(id).await?;
        if !campaign.may_start(cause)? {
            return Ok(Started::NotDue);
        }
        let now = self.clock.now();
        campaign.fail(reason, now);
        tx.campaigns().update(&campaign).await?;
        tx.campaigns().note_end(&campaign, now).await?;
        tx.commit().await?;
        tracing::warn!(
            campaign.id = id.get(),
            reason = reason.as_str(),
            "campaign {id} does not go out: {}",
            reason.as_str()
        );
        Ok(Started::GivenUp(reason))
    }

    /// Whom the campaign is for, were it planned now.
    pub(super) fn selection(&self, campaign: &Campaign, now: DateTime<Utc>) -> Selection {
        let record = campaign.record();
        record
            .audience
            .selection(record.trigger.as_ref(), now, self.hotel)
    }

    /// The messages as a made-up guest would get them.
    pub(super) fn sample(
        &self,
        campaign: CampaignId,
        content: &TemplateContent,
    ) -> Result<WireMessages, SendingError> {
        let messages = content.render(&sample_person(), &self.links_for(campaign, NOBODY))?;
        Ok(self.line.encode(&messages)?)
    }

    pub(super) fn links_for(
        &self,
        campaign: CampaignId,
        member: crm_kernel::MemberId,
    ) -> SentLinks<'_> {
        SentLinks {
            tokens: &*self.links,
            base_url: &self.rules.public_base_url,
            sent_in: SentIn::Campaign(campaign),
            member,
        }
    }
}

/// What was found out before the plan is frozen.
pub(super) struct Prepared {
    pub(super) template: Template,
    pub(super) mode: BatchMode,
    pub(super) remaining: Option<u64>,
}

/// The template as a document, if it is still the one that was checked and all tags are still
/// there.
pub(super) async fn frozen_if_same(
    tx: &mut dyn CrmTx,
    campaign: &Campaign,
    prepared: &Prepared,
) -> Result<Option<String>, SendingError> {
    let record = campaign.record();
    let template = tx.templates().find(record.template_id).await?;
    if template.as_ref().map(Template::content) != Some(prepared.template.content()) {
        return Ok(None);
    }
    // A tag deleted a moment ago must not widen the audience.
    tx.campaigns().check_audience(&record.audience).await?;
    serde_json::to_string(prepared.template.content())
        .map(Some)
        .map_err(SendingError::Damaged)
}

/// Variables and tracked links make every message different; anything else is the same for all.
pub(super) fn mode_of(content: &TemplateContent) -> BatchMode {
    if content.is_personal() {
        BatchMode::Personal
    } else {
        BatchMode::Bulk
    }
}

/// Exactly enough is enough.
pub(super) fn check_quota(needed: i64, remaining: Option<u64>) -> Result<(), CampaignError> {
    let needed = u64::try_from(needed).unwrap_or(0);
    match remaining {
        Some(remaining) if remaining < needed => {
            Err(CampaignError::QuotaInsufficient { needed, remaining })
        }
        _ => Ok(()),
    }
}
