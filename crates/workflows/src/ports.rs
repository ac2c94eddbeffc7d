use crate::{InboundTx, ReplyTx};
use async_trait::async_trait;
use crm_auto_responses::AutoResponsesTx;
use crm_campaigns::CampaignsTx;
use crm_kernel::{CampaignId, MemberId, MessageId};
use crm_members::{MembersTx, PmsTx};
use crm_messages::{MediaTx, MessagesTx};
use crm_tags::TagsTx;
use crm_templates::{TapItem, TemplatesTx};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The unit of work of a story: the sum of those of the domains it touches. It upcasts to each
/// of them, so a domain's `…_in` functions join it.
pub trait CrmTx:
    MembersTx
    + TagsTx
    + TemplatesTx
    + CampaignsTx
    + AutoResponsesTx
    + MessagesTx
    + MediaTx
    + InboundTx
    + ReplyTx
    + PmsTx
{
}
impl<
    T: MembersTx
        + TagsTx
        + TemplatesTx
        + CampaignsTx
        + AutoResponsesTx
        + MessagesTx
        + MediaTx
        + InboundTx
        + ReplyTx
        + PmsTx
        + ?Sized,
> CrmTx for T
{
}

/// What something tappable was sent in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SentIn {
    /// A campaign, to many.
    #[serde(rename = "campaign_id")]
    Campaign(CampaignId),
    /// A message of its own, to one guest.
    #[serde(rename = "message_id")]
    Message(MessageId),
}

/// What a tracked link leads back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkToken {
    /// What it was sent in.
    pub sent_in: SentIn,
    /// Whom it was sent to; 0 where nobody in particular is meant, which counts nothing.
    pub member: MemberId,
    /// What was tapped.
    pub item: TapItem,
}

/// Makes and reads the tokens of tracked links. A token is short, safe in a URL, and cannot be
/// made by anybody else.
pub trait LinkTokens: Send + Sync {
    /// The token; always the same for the same link, so that a repeated send says the same.
    fn sign(&self, link: LinkToken) -> String;

    /// What it stands for; `None` when we did not make it.
    fn open(&self, token: &str) -> Option<LinkToken>;
}

/// Tells whether the job in hand is still ours. A process that was suspended past its lease must
/// not call LINE any more: somebody else does by now.
#[async_trait]
pub trait Hold: Send + Sync {
    /// True while the lease is good.
    fn is_valid(&self) -> bool;

    /// Waits; answers whether the job is still ours afterwards.
    async fn wait(&self, time: Duration) -> bool;
}
