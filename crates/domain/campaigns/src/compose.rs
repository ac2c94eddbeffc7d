use crate::{
    Audience, Campaign, CampaignError, Campaigns, CampaignsTx, EventKind, NewCampaign,
    NewCampaignEvent, StartCampaign, TriggerCondition, audit, campaign_entry,
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use crm_kernel::{Actor, CampaignId, Patch, Problems, TemplateId};

/// Longest title (document 000 §3.2.6).
const MAX_TITLE: usize = 100;
/// Furthest schedule; beyond it a year was mistyped.
const MAX_AHEAD: TimeDelta = TimeDelta::days(2 * 365);

/// Write a campaign (document 000 §4.6, `POST /campaigns`).
#[derive(Clone, Debug)]
pub struct CreateCampaign {
    /// What staff call it.
    pub title: String,
    /// The template it is rendered from.
    pub template_id: TemplateId,
    /// Who it is for.
    pub audience: Audience,
    /// What must be true of them when it is sent.
    pub trigger: Option<TriggerCondition>,
    /// When it goes out by itself.
    pub scheduled_at: Option<DateTime<Utc>>,
}

/// Change a draft or a scheduled campaign; absent fields stay.
#[derive(Clone, Debug, Default)]
pub struct UpdateCampaign {
    /// A new title.
    pub title: Option<String>,
    /// Another template.
    pub template_id: Option<TemplateId>,
    /// Another audience.
    pub audience: Option<Audience>,
    /// Another condition, or none.
    pub trigger: Patch<TriggerCondition>,
    /// Another time; none makes it a draft.
    pub scheduled_at: Patch<DateTime<Utc>>,
}

impl Campaigns {
    /// Stores a campaign: a draft without a time, scheduled with one.
    ///
    /// # Errors
    /// `Invalid` with every field at fault.
    pub async fn create(
        &self,
        actor: &Actor,
        new: CreateCampaign,
    ) -> Result<Campaign, CampaignError> {
        let now = self.clock.now();
        let new = check(
            NewCampaign {
                title: new.title,
                template_id: new.template_id,
                audience: new.audience,
                trigger: new.trigger,
                scheduled_at: new.scheduled_at,
                created_by: actor.user_id(),
            },
            new.scheduled_at,
            now,
        )?;
        let mut tx = self.store.begin().await?;
        check_references(&mut *tx, &new).await?;
        let campaign = tx.campaigns().insert(&new, now).await?;
        let entry = campaign_entry(actor, now, "campaign.created", campaign.id());
        let entry = entry.born(audit::facts(&campaign)?);
        tx.audit().record(entry).await?;
        note_changes(&mut *tx, actor, None, &campaign, now).await?;
        schedule(&mut *tx, &campaign).await?;
        tx.commit().await?;
        Ok(campaign)
    }

    /// Changes a draft or a scheduled campaign.
    ///
    /// # Errors
    /// `NotFound`, `WrongState`, or `Invalid` with every field at fault.
    pub async fn update(
        &self,
        actor: &Actor,
        id: CampaignId,
        change: UpdateCampaign,
    ) -> Result<Campaign, CampaignError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let mut campaign = tx.campaigns().get(id).await?;
        let old = campaign.record().clone();
        let (before, before_time) = (audit::facts(&campaign)?, old.scheduled_at);
        // Only a time that is set anew must lie ahead: one that is just passing stays as it is.
        let new_time = match &change.scheduled_at {
            Patch::Set(at) if Some(*at) != old.scheduled_at => Some(*at),
            _ => None,
        };
        let new = check(
            NewCampaign {
                title: change.title.unwrap_or(old.title),
                template_id: change.template_id.unwrap_or(old.template_id),
                audience: change.audience.unwrap_or(old.audience),
                trigger: change.trigger.apply(old.trigger),
                scheduled_at: change.scheduled_at.apply(old.scheduled_at),
                created_by: old.created_by,
            },
            new_time,
            now,
        )?;
        let referenced = new.clone();
        campaign.edit(new, now)?;
        check_references(&mut *tx, &referenced).await?;
        tx.campaigns().update(&campaign).await?;
        let after = audit::facts(&campaign)?;
        if after != before {
            let entry = campaign_entry(actor, now, "campaign.updated", id);
            tx.audit().record(entry.changed(before, after)).await?;
            note_changes(&mut *tx, actor, Some(before_time), &campaign, now).await?;
        }
        schedule(&mut *tx, &campaign).await?;
        tx.commit().await?;
        Ok(campaign)
    }

    /// Deletes a draft.
    ///
    /// # Errors
    /// `NotFound`, or `WrongState` for anything but a draft.
    pub async fn delete(&self, actor: &Actor, id: CampaignId) -> Result<(), CampaignError> {
        let mut tx = self.store.begin().await?;
        let campaign = tx.campaigns().get(id).await?;
        campaign.check_deletable()?;
        tx.campaigns().delete(id).await?;
        let entry = campaign_entry(actor, self.clock.now(), "campaign.deleted", id);
        let entry = entry.gone(audit::facts(&campaign)?);
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(())
    }
}

impl Audience {
    /// Whether the condition, with what must be true at the moment of sending, makes sense by
    /// itself; whether its tags exist is another question.
    ///
    /// # Errors
    /// `Invalid` with every field at fault.
    pub fn validate(&self, trigger: Option<&TriggerCondition>) -> Result<(), CampaignError> {
        let mut problems = Problems::default();
        self.check(&mut problems);
        if let Some(trigger) = trigger {
            trigger.check(&mut problems);
        }
        problems.into_result().map_err(CampaignError::Invalid)
    }
}

/// Checks everything that needs no storage. `new_time` must lie ahead.
fn check(
    mut new: NewCampaign,
    new_time: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<NewCampaign, CampaignError> {
    let mut problems = Problems::default();
    new.title = new.title.trim().to_owned();
    problems.check(!new.title.is_empty(), "title", "must not be empty");
    problems.check(
        new.title.chars().count() <= MAX_TITLE,
        "title",
        "at most 100 characters",
    );
    problems.check(
        !new.title.chars().any(char::is_control),
        "title",
        "must not contain control characters",
    );
    new.audience.check(&mut problems);
    if let Some(trigger) = &new.trigger {
        trigger.check(&mut problems);
    }
    if let Some(at) = new_time {
        problems.check(at > now, "scheduled_at", "must lie in the future");
        // A leap second is no time that both databases can store.
        problems.check(
            at.timestamp_subsec_nanos() < 1_000_000_000,
            "scheduled_at",
            "must have seconds from 0 to 59",
        );
        problems.check(
            at <= now + MAX_AHEAD,
            "scheduled_at",
            "at most two years ahead",
        );
    }
    problems.into_result().map_err(CampaignError::Invalid)?;
    Ok(new)
}

/// Checks that the template, the tags and the campaigns that it names exist.
async fn check_references(
    tx: &mut dyn CampaignsTx,
    new: &NewCampaign,
) -> Result<(), CampaignError> {
    let mut problems = Problems::default();
    let template_exists = tx.campaigns().template_exists(new.template_id).await?;
    problems.check(template_exists, "template_id", "no such template");
    for tag in tx.campaigns().missing_tags(&new.audience.tags()).await? {
        problems.add(new.audience.field_of(tag), "no such tag");
    }
    let campaigns = new.audience.campaigns();
    for campaign in tx.campaigns().missing_campaigns(&campaigns).await? {
        problems.add(new.audience.field_of_campaign(campaign), "no such campaign");
    }
    problems.into_result().map_err(CampaignError::Invalid)
}

/// Adds to its history that it was written or changed, and what became of its time. `before` is
/// the time it had, none for a new one.
async fn note_changes(
    tx: &mut dyn CampaignsTx,
    actor: &Actor,
    before: Option<Option<DateTime<Utc>>>,
    campaign: &Campaign,
    now: DateTime<Utc>,
) -> Result<(), CampaignError> {
    let event = |kind| NewCampaignEvent::new(kind, campaign.id(), actor, now);
    let time = campaign.record().scheduled_at;
    if before.is_none() {
        tx.campaigns().note(&event(EventKind::Created)).await?;
    }
    match (before.flatten(), time) {
        (was, Some(at)) if was != Some(at) => {
            let event = event(EventKind::Scheduled).with("scheduled_at", shown(at));
            tx.campaigns().note(&event).await?;
        }
        (Some(_), None) => tx.campaigns().note(&event(EventKind::Unscheduled)).await?,
        _ if before.is_some() => tx.campaigns().note(&event(EventKind::Edited)).await?,
        _ => {}
    }
    Ok(())
}

/// A time as the API writes it.
fn shown(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Writes the job that starts it at its time. An older job, for another time, will find that
/// its time is no longer the campaign's.
async fn schedule(tx: &mut dyn CampaignsTx, campaign: &Campaign) -> Result<(), CampaignError> {
    if let Some(at) = campaign.record().scheduled_at {
        let job = StartCampaign {
            campaign_id: campaign.id(),
            scheduled_at: at,
        };
        tx.outbox().enqueue(&job, at).await?;
    }
    Ok(())
}
