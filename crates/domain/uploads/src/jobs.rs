use crm_kernel::{Job, Lane};
use serde::{Deserialize, Serialize};

/// Throw away pictures that nobody uses, and files that nobody knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepUploads {}

impl Job for SweepUploads {
    const NAME: &'static str = "uploads.sweep";
    const LANE: Lane = Lane::Background;
    // The next day's sweep finds what this one left.
    const MAX_ATTEMPTS: u32 = 3;
}
