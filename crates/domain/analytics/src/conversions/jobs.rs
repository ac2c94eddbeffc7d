use crm_kernel::{Job, Lane};
use serde::{Deserialize, Serialize};

/// Look at what campaigns brought again, for the guests whose stays changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountConversions {}

impl Job for CountConversions {
    const NAME: &'static str = "analytics.count_conversions";
    const LANE: Lane = Lane::Background;
    const MAX_ATTEMPTS: u32 = 5;
}

/// Mark the guests who booked of late: a click or the answer of LINE may have been written down
/// after their booking had been looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecheckConversions {}

impl Job for RecheckConversions {
    const NAME: &'static str = "analytics.recheck_conversions";
    const LANE: Lane = Lane::Background;
    const MAX_ATTEMPTS: u32 = 3;
}
