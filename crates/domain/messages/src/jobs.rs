use crm_kernel::{Job, Lane, MessageId};
use serde::{Deserialize, Serialize};

/// Send a message whose time has come, or see one through that was left in the middle. A
/// message that is gone or settled by then needs nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliverMessage {
    /// Which message.
    pub message_id: MessageId,
}

impl Job for DeliverMessage {
    const NAME: &'static str = "messages.deliver";
    const LANE: Lane = Lane::Interactive;
    // Only crashes and a storage that is away count: the last word must be written.
    const MAX_ATTEMPTS: u32 = 30;
}
