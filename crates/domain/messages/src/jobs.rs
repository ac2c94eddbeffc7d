use crm_kernel::{Job, Lane, MessageId};
use serde::{Deserialize, Serialize};

/// Send a message whose time has come, or see one through that was left in the middle. A
/// message that is gone or settled by then needs nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliverMessage {
    /// Which message.
    pub message_id: MessageId,
}

impl DeliverMessage {
    /// Tries after which a message without a clear answer is given up.
    pub const TRIES: u32 = 8;
}

impl Job for DeliverMessage {
    const NAME: &'static str = "messages.deliver";
    const LANE: Lane = Lane::Interactive;
    // More than the tries that are made: crashes count too, and the last word must be written.
    const MAX_ATTEMPTS: u32 = 30;
}
