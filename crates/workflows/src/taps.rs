use crate::{CrmTx, InboundError, LinkToken, LinkTokens};
use chrono::{DateTime, Utc};
use crm_campaigns::CampaignQueries;
use crm_kernel::{CampaignId, Clock, Job, Lane, MemberId, StoreError, Transactions};
use crm_members::Members;
use crm_tags::{TagError, Tags, Trigger, TriggerSource};
use crm_templates::{TapItem, TemplateContent, TemplateQueries};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Seconds within which clicks on one link are one.
const CLICK_WINDOW: i64 = 3_600;
/// Frozen templates remembered at most; a frozen template never changes.
const REMEMBERED: usize = 256;

/// A guest tapped something of a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tap {
    /// Which campaign.
    pub campaign: CampaignId,
    /// Who.
    pub member: MemberId,
    /// What.
    pub item: TapItem,
    /// By a tracked link or by a postback.
    pub source: TriggerSource,
    /// When.
    pub at: DateTime<Utc>,
}

/// Record the click on a tracked link; written while the guest is already on their way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordClick {
    /// Which campaign.
    pub campaign_id: CampaignId,
    /// Who.
    pub member_id: MemberId,
    /// What.
    pub item: TapItem,
    /// When.
    pub at: DateTime<Utc>,
}

impl Job for RecordClick {
    const NAME: &'static str = "taps.record_click";
    const LANE: Lane = Lane::Interactive;

    /// One per link and hour: opening it again and again writes nothing more.
    fn dedupe_key(&self) -> Option<String> {
        let window = self.at.timestamp().div_euclid(CLICK_WINDOW);
        let Self {
            campaign_id,
            member_id,
            item,
            ..
        } = self;
        Some(format!("click:{campaign_id}:{member_id}:{item}:{window}"))
    }
}

/// What taps do: where a tracked link leads, who clicked, which tag they get for it.
#[derive(Clone)]
pub struct Taps {
    store: Arc<dyn Transactions<dyn CrmTx>>,
    campaigns: Arc<dyn CampaignQueries>,
    templates: Arc<dyn TemplateQueries>,
    links: Arc<dyn LinkTokens>,
    tags: Tags,
    members: Members,
    clock: Arc<dyn Clock>,
    frozen: Arc<RwLock<HashMap<CampaignId, Arc<TemplateContent>>>>,
}

impl Taps {
    /// Plugs the story into its ports.
    #[must_use]
    pub fn new(
        store: Arc<dyn Transactions<dyn CrmTx>>,
        campaigns: Arc<dyn CampaignQueries>,
        templates: Arc<dyn TemplateQueries>,
        links: Arc<dyn LinkTokens>,
        (tags, members): (Tags, Members),
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            store,
            campaigns,
            templates,
            links,
            tags,
            members,
            clock,
            frozen: Arc::default(),
        }
    }

    /// Where a tracked link leads; `None` when we did not make it or its campaign is gone.
    /// With `count`, the click is put down to be recorded soon.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn follow(&self, token: &str, count: bool) -> Result<Option<String>, StoreError> {
        let Some(link) = self.links.open(token) else {
            return Ok(None);
        };
        let Some(content) = self.content(link.campaign).await? else {
            return Ok(None);
        };
        let Some(tap) = content.tap(link.item) else {
            return Ok(None);
        };
        let Some(target) = tap.tracked_target().map(str::to_owned) else {
            return Ok(None);
        };
        // A link of a preview leads to its target and is nobody's.
        if count && link.member.get() != 0 {
            // A guest never waits for, or fails over, our figures.
            if let Err(error) = self.put_down(link).await {
                tracing::warn!(%error, "a click could not be put down and is not counted");
            }
        }
        Ok(Some(target))
    }

    async fn put_down(&self, link: LinkToken) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let job = RecordClick {
            campaign_id: link.campaign,
            member_id: link.member,
            item: link.item,
            at: now,
        };
        tx.outbox().enqueue(&job, now).await?;
        tx.commit().await
    }

    /// Records a click that was put down.
    ///
    /// # Errors
    /// [`InboundError`]; then nothing was changed and the job is run again.
    pub async fn record(&self, click: &RecordClick) -> Result<(), InboundError> {
        let mut tx = self.store.begin().await?;
        // The member is locked first, as by a postback. The link names whom it was sent to, who
        // may be part of another since. Deleted since: what they did is nobody's any more.
        let member = self.members.present_in(&mut *tx, click.member_id).await?;
        let Some(member) = member else {
            return Ok(());
        };
        let tap = Tap {
            campaign: click.campaign_id,
            member: member.id(),
            item: click.item,
            source: TriggerSource::Click,
            at: click.at,
        };
        // A link that somebody else opened (forwarded, previewed) is not the guest's doing.
        if self.record_in(&mut *tx, &tap).await? {
            self.members
                .interacted_in(&mut *tx, tap.member, tap.at)
                .await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Records a tap: recipient, interaction tag, trigger log. The same tap again changes nothing;
    /// a tap by somebody the campaign was not sent to (a forwarded message) is not counted.
    /// Answers whether the member is a recipient.
    ///
    /// # Errors
    /// [`InboundError`].
    pub async fn record_in(&self, tx: &mut dyn CrmTx, tap: &Tap) -> Result<bool, InboundError> {
        let Some(campaign) = tx.campaigns().find(tap.campaign).await? else {
            return Ok(false);
        };
        let frozen = campaign.record().frozen_template.as_deref();
        let Some(content) = frozen.and_then(read) else {
            return Ok(false);
        };
        let tapped = tx
            .recipients()
            .tapped(tap.campaign, tap.member, tap.at)
            .await?;
        if !tapped.is_recipient {
            return Ok(false);
        }
        if let Some(tag) = content.tap(tap.item).and_then(|item| item.tag) {
            let trigger = Trigger {
                member: tap.member,
                tag,
                campaign: Some(tap.campaign),
                source: tap.source,
                at: tap.at,
            };
            match self.tags.trigger_in(tx, trigger).await {
                // The tag was deleted after the send; the click still counts.
                Ok(_) | Err(TagError::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }

    /// What the campaign says: frozen once it was started, the template's present words before.
    async fn content(&self, id: CampaignId) -> Result<Option<Arc<TemplateContent>>, StoreError> {
        let known = {
            let frozen = self.frozen.read().unwrap_or_else(PoisonError::into_inner);
            frozen.get(&id).cloned()
        };
        if known.is_some() {
            return Ok(known);
        }
        if let Some(content) = self
            .campaigns
            .frozen_template(id)
            .await?
            .as_deref()
            .and_then(read)
        {
            let content = Arc::new(content);
            let mut frozen = self.frozen.write().unwrap_or_else(PoisonError::into_inner);
            if frozen.len() >= REMEMBERED {
                frozen.clear();
            }
            frozen.insert(id, Arc::clone(&content));
            return Ok(Some(content));
        }
        let Some(detail) = self.campaigns.detail(id).await? else {
            return Ok(None);
        };
        let template = detail.campaign.record().template_id;
        let template = self.templates.find(template).await?;
        Ok(template.map(|t| Arc::new(t.content().clone())))
    }
}

fn read(frozen: &str) -> Option<TemplateContent> {
    serde_json::from_str(frozen)
        .inspect_err(|error| tracing::error!(%error, "a frozen template cannot be read"))
        .ok()
}
