use crate::{TagError, Tags, TagsTx, TriggerSource};
use chrono::{DateTime, Utc};
use crm_kernel::{CampaignId, MemberId, MessageId, TagId};
use tracing::instrument;

/// What of a message was tapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    /// Its number in what was sent.
    pub item: u16,
    /// What a button says, or the title of a card.
    pub label: Option<String>,
}

/// Something a member did that puts a tag on them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// Who did it.
    pub member: MemberId,
    /// Which tag it puts on.
    pub tag: TagId,
    /// The campaign it answers, if any.
    pub campaign: Option<CampaignId>,
    /// The single message it answers, if any.
    pub message: Option<MessageId>,
    /// What they tapped, if it was a tap.
    pub touched: Option<Touched>,
    /// What they did.
    pub source: TriggerSource,
    /// When they did it.
    pub at: DateTime<Utc>,
}

/// A line of the trigger log (document 000 §3.2.14).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriggerLog {
    /// Who got the tag.
    pub member: MemberId,
    /// Which tag.
    pub tag: TagId,
    /// Its name then; the log outlives the tag.
    pub tag_name: String,
    /// The campaign it answers, if any.
    pub campaign: Option<CampaignId>,
    /// The single message it answers, if any.
    pub message: Option<MessageId>,
    /// What they tapped, if it was a tap.
    pub touched: Option<Touched>,
    /// What put it on.
    pub source: TriggerSource,
    /// When.
    pub at: DateTime<Utc>,
}

impl Tags {
    /// Puts a tag on a member for something they did, writes it down, and counts it once per
    /// distinct member, tag and campaign or message. Answers whether it counted.
    ///
    /// # Errors
    /// `member_not_found`, `tag_not_found`, `tag_invalid` for an unknown campaign, or the
    /// store's.
    #[instrument(
        name = "tags.trigger",
        skip_all,
        fields(member.id = %trigger.member, tag.id = %trigger.tag)
    )]
    pub async fn trigger_in(
        &self,
        tx: &mut dyn TagsTx,
        trigger: Trigger,
    ) -> Result<bool, TagError> {
        let Trigger {
            member,
            tag,
            campaign,
            message,
            touched,
            source,
            at,
        } = trigger;
        if !tx.tags().member_exists(member).await? {
            return Err(TagError::MemberNotFound);
        }
        let tag = tx.tags().find(tag).await?.ok_or(TagError::NotFound)?;
        if tx.tags().add_to_member(member, tag.id(), at).await? {
            tx.tags().adjust_member_count(tag.id(), 1).await?;
        }
        let log = TriggerLog {
            member,
            tag: tag.id(),
            tag_name: tag.name().as_str().to_owned(),
            campaign,
            message,
            touched,
            source,
            at,
        };
        let counted = tx
            .tags()
            .add_trigger_log(&log)
            .await
            .map_err(crate::create::unknown_campaign)?;
        if counted {
            tx.tags().adjust_trigger_count(tag.id(), 1).await?;
        }
        Ok(counted)
    }
}
