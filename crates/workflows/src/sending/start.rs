use super::body::sample_person;
use super::links::{CampaignLinks, NOBODY};
use super::{PERSONAL_BATCH, Sending, SendingError};
use crate::{CrmTx, SendKind, WireMessages};
use chrono::{DateTime, Utc};
use crm_campaigns::{
    BatchMode, Campaign, CampaignError, EventKind, FollowedBetween, NewBatch, NewCampaignEvent,
    PlanRequest, SendBatch, StartCampaign, StartCause, StatusReason, campaign_entry,
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
    /// Sends a draft or scheduled campaign now: answers as soon as its plan is frozen.
    ///
    /// # Errors
    /// `NotFound`; `WrongState`, `AudienceEmpty`, `AudienceTagMissing`, `QuotaInsufficient` or
    /// a refused message, which all leave the campaign as it was; `Line` when LINE cannot be
    /// asked.
    pub async fn send_now(&self, actor: &Actor, id: CampaignId) -> Result<Campaign, SendingError> {
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
    /// `Line` or `Store`.
    pub async fn start_due(&self, job: &StartCampaign) -> Result<Started, SendingError> {
        let cause = StartCause::Schedule(job.scheduled_at);
        let error = match self.start(&Actor::System, job.campaign_id, cause).await {
            Ok(started) => return Ok(started),
            Err(error) => error,
        };
        let reason = match &error {
            SendingError::Campaign(CampaignError::NotFound) => return Ok(Started::NotDue),
            SendingError::Campaign(CampaignError::AudienceEmpty) => StatusReason::AudienceEmpty,
            SendingError::Campaign(CampaignError::AudienceTagMissing(_)) => {
                StatusReason::AudienceTagMissing
            }
            SendingError::Campaign(CampaignError::QuotaInsufficient { .. }) => {
                StatusReason::QuotaInsufficient
            }
            SendingError::Encode(_) | SendingError::Render(_) | SendingError::Refused { .. } => {
                StatusReason::MessageRejected
            }
            _ => return Err(error),
        };
        self.give_up(job.campaign_id, cause, reason).await
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
            if let Some(started) = self.freeze(actor, id, cause, &prepared).await? {
                return Ok(started);
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
        let record = campaign.record();
        let template = self
            .templates
            .find(record.template_id)
            .await?
            .ok_or(CampaignError::NotFound)?;
        let missing = self.campaigns.missing_tags(&record.audience.tags()).await?;
        if !missing.is_empty() {
            return Err(CampaignError::AudienceTagMissing(missing).into());
        }
        let followed = self.followed(campaign, now);
        let estimate = self.campaigns.estimate(&record.audience, followed).await?;
        if estimate.eligible == 0 {
            return Err(CampaignError::AudienceEmpty.into());
        }
        let mode = mode_of(template.content());
        let kind = match mode {
            BatchMode::Bulk => SendKind::Multicast,
            BatchMode::Personal => SendKind::Push,
        };
        let sample = self.sample(campaign.id(), template.content())?;
        self.line.validate(kind, &sample).await?;
        let remaining = self.line.quota().await?.remaining();
        check_quota(estimate.eligible, remaining)?;
        Ok(Prepared {
            template,
            mode,
            remaining,
        })
    }

    /// Freezes the plan in one transaction. `None` when the template is no longer the one that
    /// was checked, or a member went away in the middle.
    async fn freeze(
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
        let record = campaign.record().clone();
        let template = tx.templates().find(record.template_id).await?;
        if template.as_ref().map(Template::content) != Some(prepared.template.content()) {
            return Ok(None);
        }
        // A tag deleted a moment ago must not widen the audience.
        let missing = tx.campaigns().missing_tags(&record.audience.tags()).await?;
        if !missing.is_empty() {
            return Err(CampaignError::AudienceTagMissing(missing).into());
        }
        let batch_size = match prepared.mode {
            BatchMode::Bulk => self.rules.bulk_batch,
            BatchMode::Personal => PERSONAL_BATCH,
        };
        let plan = PlanRequest {
            campaign_id: id,
            audience: &record.audience,
            followed: self.followed(&campaign, now),
            batch_size,
        };
        let counts = match tx.recipients().plan(&plan).await {
            Ok(counts) => counts,
            // A member was deleted between being read and being written; look again.
            Err(StoreError::Reference) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if counts.eligible() == 0 {
            return Err(CampaignError::AudienceEmpty.into());
        }
        check_quota(counts.eligible(), prepared.remaining)?;
        self.portion(&mut *tx, id, prepared.mode, counts.eligible(), batch_size)
            .await?;
        let frozen =
            serde_json::to_string(prepared.template.content()).map_err(SendingError::Damaged)?;
        campaign.freeze(frozen, counts.planned, counts.skipped_total(), now);
        self.count_at_line(&mut *tx, &mut campaign, now).await?;
        tx.campaigns().update(&campaign).await?;
        let entry = campaign_entry(actor, now, "campaign.sent", id)
            .with("planned", counts.planned)
            .with("skipped", counts.skipped_total());
        tx.audit().record(entry).await?;
        let event = NewCampaignEvent::new(EventKind::Started, id, actor, now);
        let event = event.with("planned", counts.planned);
        let event = event.with("skipped", counts.skipped_total());
        tx.campaigns().note(&event).await?;
        tx.commit().await?;
        tracing::info!(
            campaign.id = id.get(),
            planned = counts.planned,
            skipped = counts.skipped_total(),
            "plan of campaign {id} frozen"
        );
        Ok(Some(Started::Frozen(Box::new(campaign))))
    }

    /// Stores the batches, each with its key, and a job for each.
    async fn portion(
        &self,
        tx: &mut dyn CrmTx,
        campaign_id: CampaignId,
        mode: BatchMode,
        eligible: i64,
        batch_size: u32,
    ) -> Result<(), SendingError> {
        let now = self.clock.now();
        let size = i64::from(batch_size);
        let batches: Vec<NewBatch> = (0..eligible.div_euclid(size) + 1)
            .map(|number| (number, (eligible - number * size).min(size)))
            .filter(|(_, members)| *members > 0)
            .map(|(number, members)| NewBatch {
                number,
                size: u32::try_from(members).unwrap_or(batch_size),
                retry_key: self.ids.uuid(),
            })
            .collect();
        for batch_id in tx.batches().insert(campaign_id, mode, &batches).await? {
            let job = SendBatch {
                campaign_id,
                batch_id,
            };
            tx.outbox().enqueue(&job, now).await?;
        }
        Ok(())
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

    pub(super) fn followed(
        &self,
        campaign: &Campaign,
        now: DateTime<Utc>,
    ) -> Option<FollowedBetween> {
        campaign
            .record()
            .trigger
            .as_ref()
            .map(|trigger| trigger.window(now, self.hotel))
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
    ) -> CampaignLinks<'_> {
        CampaignLinks {
            tokens: &*self.links,
            base_url: &self.rules.public_base_url,
            campaign,
            member,
        }
    }
}

/// What was found out before the plan is frozen.
struct Prepared {
    template: Template,
    mode: BatchMode,
    remaining: Option<u64>,
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
fn check_quota(needed: i64, remaining: Option<u64>) -> Result<(), CampaignError> {
    let needed = u64::try_from(needed).unwrap_or(0);
    match remaining {
        Some(remaining) if remaining < needed => {
            Err(CampaignError::QuotaInsufficient { needed, remaining })
        }
        _ => Ok(()),
    }
}
