use chrono::{DateTime, Utc};
use crm_kernel::{BatchId, CampaignId, Job, Lane};
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

/// Try a batch: render it if it is the first try, call LINE, write down the answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SendBatch {
    /// Whose batch; its row is locked first by everybody, so that nobody waits in a circle.
    pub campaign_id: CampaignId,
    /// Which batch.
    pub batch_id: BatchId,
}

impl Job for SendBatch {
    const NAME: &'static str = "campaigns.send_batch";
    const LANE: Lane = Lane::Sending;
    // LINE's transient answers postpone the job and do not count; what counts is crashes. A batch
    // must outlive any number of them: giving it up would leave its recipients pending for ever.
    const MAX_ATTEMPTS: u32 = 100_000;
}
