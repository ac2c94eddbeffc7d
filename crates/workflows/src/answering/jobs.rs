use crm_kernel::{Job, Lane, ReplyId};
use serde::{Deserialize, Serialize};

/// See an answer through that was left in the middle. One that is settled by then needs nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinishReply {
    /// Which answer.
    pub reply_id: ReplyId,
}

impl Job for FinishReply {
    const NAME: &'static str = "inbound.finish_reply";
    const LANE: Lane = Lane::Interactive;
    // Only crashes and a storage that is away count: the last word must be written.
    const MAX_ATTEMPTS: u32 = 30;
}
