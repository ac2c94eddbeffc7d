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

/// Fetch the content of a message from LINE, see [`crate::MessageMedia`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchMedia {
    /// Which message.
    pub message_id: MessageId,
}

impl Job for FetchMedia {
    const NAME: &'static str = "messages.fetch_media";
    const LANE: Lane = Lane::Content;
    // With growing pauses that is more than four hours.
    const MAX_ATTEMPTS: u32 = 60;
}

/// Remove files that no message names any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveMedia {
    /// The files.
    pub paths: Vec<String>,
}

impl RemoveMedia {
    /// Most files in one job.
    pub const AT_ONCE: usize = 100;
}

impl Job for RemoveMedia {
    const NAME: &'static str = "messages.remove_media";
    const LANE: Lane = Lane::Background;
}

/// Remove what an end in the middle left behind: files that no message names, and halves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepMedia {}

impl Job for SweepMedia {
    const NAME: &'static str = "messages.sweep_media";
    const LANE: Lane = Lane::Background;
    const MAX_ATTEMPTS: u32 = 3;
}
