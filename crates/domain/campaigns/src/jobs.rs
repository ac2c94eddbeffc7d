use chrono::{DateTime, Utc};
use crm_kernel::{CampaignId, Job, Lane};
use serde::{Deserialize, Serialize};

/// Start a scheduled campaign when its time has come. One is written for every time that a
/// campaign is scheduled; one whose time no longer is the campaign's does nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StartCampaign {
    /// Which campaign.
    pub campaign_id: CampaignId,
    /// The time it was scheduled for when this job was written.
    pub scheduled_at: DateTime<Utc>,
}

impl Job for StartCampaign {
    const NAME: &'static str = "campaigns.start";
    // Not behind the batches of other campaigns: a due schedule starts within seconds.
    const LANE: Lane = Lane::Interactive;
    const MAX_ATTEMPTS: u32 = 50;
}

/// Go on with a plan whose planner died half-way. Written when a plan is begun that does not fit
/// into one transaction; it looks again and again until the plan is whole.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PlanCampaign {
    /// Which campaign.
    pub campaign_id: CampaignId,
}

impl Job for PlanCampaign {
    const NAME: &'static str = "campaigns.plan";
    const LANE: Lane = Lane::Interactive;
    const MAX_ATTEMPTS: u32 = 100_000;
}

/// Send batches of a campaign, one after the other, until none is left: a *sender*. A few of them
/// share a campaign, whatever its size, and put themselves behind the senders of other
/// campaigns every few seconds, so that a small campaign does not wait for a large one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SendBatches {
    /// Whose batches; its row is locked first by everybody, so that nobody waits in a circle.
    pub campaign_id: CampaignId,
    /// Which sender of the campaign. A batch belongs to the sender that began it, whichever
    /// process does its work, until it is settled.
    pub sender: i64,
}

impl Job for SendBatches {
    const NAME: &'static str = "campaigns.send";
    const LANE: Lane = Lane::Sending;
    // LINE's transient answers postpone the job and do not count; what counts is crashes. A sender
    // must outlive any number of them: giving up would leave its batch unclear for ever.
    const MAX_ATTEMPTS: u32 = 100_000;
}

/// Look for members who have come to fulfil the condition of an active campaign.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RunRound {
    /// Which campaign.
    pub campaign_id: CampaignId,
}

impl Job for RunRound {
    const NAME: &'static str = "campaigns.round";
    const LANE: Lane = Lane::Background;
    const MAX_ATTEMPTS: u32 = 10;
}

/// Begin a round of every active campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeginRounds {}

impl Job for BeginRounds {
    const NAME: &'static str = "campaigns.begin_rounds";
    const LANE: Lane = Lane::Background;
    const MAX_ATTEMPTS: u32 = 3;
}
