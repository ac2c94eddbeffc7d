use super::Taps;
use super::follow::read;
use crate::{CrmTx, InboundError, SentIn};
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, TemplateId};
use crm_tags::{TagError, Touched, Trigger, TriggerSource};
use crm_templates::{InteractionResult, TapItem, TemplateContent};

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

impl Taps {
    /// Records a tap, the member locked before: that it was tapped, interaction tag, trigger log.
    /// The same tap again changes nothing; a tap by somebody it was not sent to (a forwarded
    /// message) is not counted. Answers what came of it.
    ///
    /// # Errors
    /// [`InboundError`].
    pub async fn record_in(&self, tx: &mut dyn CrmTx, tap: &Tap) -> Result<Tapped, InboundError> {
        let Some((content, counted)) = touch(tx, tap).await? else {
            return Ok(Tapped::default());
        };
        let Some(item) = content.tap(tap.item) else {
            let answer = None;
            return Ok(Tapped { counted, answer });
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
                touched: Some(Touched {
                    item: item.item.get(),
                    label: item.label,
                }),
                source: tap.source,
                at: tap.at,
            };
            match self.ports.tags.trigger_in(tx, trigger).await {
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
}

/// What the thing tapped says, and whether it was sent to who taps: then it is marked as
/// clicked. `None` when it is gone.
async fn touch(
    tx: &mut dyn CrmTx,
    tap: &Tap,
) -> Result<Option<(TemplateContent, bool)>, InboundError> {
    let (frozen, is_theirs) = match tap.sent_in {
        SentIn::Campaign(id) => {
            let Some(campaign) = tx.campaigns().find(id).await? else {
                return Ok(None);
            };
            let tapped = tx.recipients().tapped(id, tap.member, tap.at).await?;
            (
                campaign.record().frozen_template.clone(),
                tapped.is_recipient,
            )
        }
        SentIn::Message(id) => {
            let Some(message) = tx.messages().find(id).await? else {
                return Ok(None);
            };
            let record = message.record();
            let is_theirs = record.member_id == tap.member && record.frozen_template.is_some();
            if is_theirs {
                tx.messages().clicked(id, tap.at).await?;
            }
            (record.frozen_template.clone(), is_theirs)
        }
    };
    let content = frozen.as_deref().and_then(read);
    Ok(content.map(|content| (content, is_theirs)))
}
