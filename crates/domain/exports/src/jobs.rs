use crm_kernel::{ExportId, Job, Lane};
use serde::{Deserialize, Serialize};

/// Make a file, from its very start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MakeExport {
    /// Which one.
    pub export_id: ExportId,
}

impl Job for MakeExport {
    const NAME: &'static str = "exports.make";
    const LANE: Lane = Lane::Background;
    const MAX_ATTEMPTS: u32 = 8;
}

/// Take files away whose time is over, and what dead processes left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepExports {}

impl Job for SweepExports {
    const NAME: &'static str = "exports.sweep";
    const LANE: Lane = Lane::Background;
    const MAX_ATTEMPTS: u32 = 3;
}

/// Begin the reports whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeginSchedules {}

impl Job for BeginSchedules {
    const NAME: &'static str = "exports.begin_schedules";
    const LANE: Lane = Lane::Background;
    const MAX_ATTEMPTS: u32 = 3;
}
