use crate::{Composing, CrmTx, InboundError, LinkToken, LinkTokens, SentIn};
use chrono::{DateTime, Utc};
use crm_campaigns::CampaignQueries;
use crm_kernel::{Clock, Job, Lane, MemberId, StoreError, TemplateId, Transactions};
use crm_members::Members;
use crm_messages::MessageQueries;
use crm_tags::{TagError, Tags, Trigger, TriggerSource};
use crm_templates::{InteractionResult, TapItem, TemplateContent, TemplateQueries};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Seconds within which clicks on one link are one.
const CLICK_WINDOW: i64 = 3_600;
/// Frozen templates remembered at most; a frozen template never changes.
const REMEMBERED: usize = 256;

/// A guest tapped something that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tap {
    /// What it was sent in.
    pub sent_in: SentIn,
    /// Who.
    pub member: MemberId,
    /// What.
    pub item: TapItem,
    /// By a tracked link or by a postback.
    pub source: TriggerSource,
    /// When.
    pub at: DateTime<Utc>,
}

/// What came of a tap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tapped {
    /// Whether it is the doing of somebody it was sent to; a tap on a forwarded message is not.
    pub counted: bool,
    /// What it is to be answered with, counted or not; `None` when it speaks for itself.
    pub answer: Option<TapAnswer>,
}

/// What a tap is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TapAnswer {
    /// These words; variables are to be filled in.
    Text(String),
    /// The picture at this address, or this upload.
    Image(String),
    /// This template as it is then, if it is still there.
    Template(TemplateId),
}

impl TapAnswer {
    fn of(result: InteractionResult) -> Option<Self> {
        match result {
            InteractionResult::TriggerTemplate(_) => result.template().map(Self::Template),
            InteractionResult::None | InteractionResult::OpenUrl(_) => None,
            InteractionResult::TriggerMessage(text) => Some(Self::Text(text)),
            InteractionResult::TriggerImage(url) => Some(Self::Image(url)),
        }
    }
}

/// Record the click on a tracked link; written while the guest is already on their way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordClick {
    /// What it was sent in.
    #[serde(flatten)]
    pub sent_in: SentIn,
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
            sent_in,
            member_id,
            item,
            ..
        } = self;
        Some(match sent_in {
            SentIn::Campaign(id) => format!("click:{id}:{member_id}:{item}:{window}"),
            SentIn::Message(id) => format!("click:m:{id}:{member_id}:{item}:{window}"),
        })
    }
}

/// What taps do: where a tracked link leads, who clicked, which tag they get for it.
#[derive(Clone)]
pub struct Taps {
    store: Arc<dyn Transactions<dyn CrmTx>>,
    campaigns: Arc<dyn CampaignQueries>,
    messages: Arc<dyn MessageQueries>,
    templates: Arc<dyn TemplateQueries>,
    links: Arc<dyn LinkTokens>,
    tags: Tags,
    members: Members,
    clock: Arc<dyn Clock>,
    frozen: Arc<RwLock<HashMap<SentIn, Arc<TemplateContent>>>>,
}

impl Taps {
    /// Plugs the story into its ports.
    #[must_use]
    pub fn new(
        store: Arc<dyn Transactions<dyn CrmTx>>,
        (campaigns, messages): (Arc<dyn CampaignQueries>, Arc<dyn MessageQueries>),
        templates: Arc<dyn TemplateQueries>,
        links: Arc<dyn LinkTokens>,
        (tags, members): (Tags, Members),
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            store,
            campaigns,
            messages,
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
        let Some(content) = self.content(link.sent_in).await? else {
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
            sent_in: link.sent_in,
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
            sent_in: click.sent_in,
            member: member.id(),
            item: click.item,
            source: TriggerSource::Click,
            at: click.at,
        };
        // A link that somebody else opened (forwarded, previewed) is not the guest's doing.
        if self.record_in(&mut *tx, &tap).await?.counted {
            self.members
                .interacted_in(&mut *tx, tap.member, tap.at)
                .await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Records a tap, the member locked before: that it was tapped, interaction tag, trigger log.
    /// The same tap again changes nothing; a tap by somebody it was not sent to (a forwarded
    /// message) is not counted. Answers what came of it.
    ///
    /// # Errors
    /// [`InboundError`].
    pub async fn record_in(&self, tx: &mut dyn CrmTx, tap: &Tap) -> Result<Tapped, InboundError> {
        let Some((content, counted)) = self.touch(tx, tap).await? else {
            return Ok(Tapped::default());
        };
        let Some(item) = content.tap(tap.item) else {
            return Ok(Tapped {
                counted,
                answer: None,
            });
        };
        if let (true, Some(tag)) = (counted, item.tag) {
            let (campaign, message) = match tap.sent_in {
                SentIn::Campaign(id) => (Some(id), None),
                SentIn::Message(id) => (None, Some(id)),
            };
            let trigger = Trigger {
                member: tap.member,
                tag,
                campaign,
                message,
                source: tap.source,
                at: tap.at,
            };
            match self.tags.trigger_in(tx, trigger).await {
                // The tag was deleted after the send; the click still counts.
                Ok(_) | Err(TagError::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Tapped {
            counted,
            answer: TapAnswer::of(item.result),
        })
    }

    /// What the thing tapped says, and whether it was sent to who taps: then it is marked as
    /// clicked. `None` when it is gone.
    async fn touch(
        &self,
        tx: &mut dyn CrmTx,
        tap: &Tap,
    ) -> Result<Option<(TemplateContent, bool)>, InboundError> {
        match tap.sent_in {
            SentIn::Campaign(id) => {
                let Some(campaign) = tx.campaigns().find(id).await? else {
                    return Ok(None);
                };
                let frozen = campaign.record().frozen_template.as_deref();
                let Some(content) = frozen.and_then(read) else {
                    return Ok(None);
                };
                let tapped = tx.recipients().tapped(id, tap.member, tap.at).await?;
                Ok(Some((content, tapped.is_recipient)))
            }
            SentIn::Message(id) => {
                let Some(message) = tx.messages().find(id).await? else {
                    return Ok(None);
                };
                let frozen = message.record().frozen_template.as_deref();
                let Some(content) = frozen.and_then(read) else {
                    return Ok(None);
                };
                let is_theirs = message.record().member_id == tap.member;
                if is_theirs {
                    tx.messages().clicked(id, tap.at).await?;
                }
                Ok(Some((content, is_theirs)))
            }
        }
    }

    /// What was sent: frozen once it was on its way, a campaign's present words before.
    async fn content(&self, sent_in: SentIn) -> Result<Option<Arc<TemplateContent>>, StoreError> {
        let known = {
            let frozen = self.frozen.read().unwrap_or_else(PoisonError::into_inner);
            frozen.get(&sent_in).cloned()
        };
        if known.is_some() {
            return Ok(known);
        }
        let document = match sent_in {
            SentIn::Campaign(id) => self.campaigns.frozen_template(id).await?,
            SentIn::Message(id) => self.messages.frozen_template(id).await?,
        };
        if let Some(content) = document.as_deref().and_then(read) {
            let content = Arc::new(content);
            let mut frozen = self.frozen.write().unwrap_or_else(PoisonError::into_inner);
            if frozen.len() >= REMEMBERED {
                frozen.clear();
            }
            frozen.insert(sent_in, Arc::clone(&content));
            return Ok(Some(content));
        }
        let SentIn::Campaign(id) = sent_in else {
            return Ok(None);
        };
        let Some(detail) = self.campaigns.detail(id).await? else {
            return Ok(None);
        };
        let template = detail.campaign.record().template_id;
        let template = self.templates.find(template).await?;
        Ok(template.map(|t| Arc::new(t.content().clone())))
    }
}

fn read(frozen: &str) -> Option<TemplateContent> {
    Composing::thawed(frozen)
        .inspect_err(|error| tracing::error!(%error, "a frozen template cannot be read"))
        .ok()
}
