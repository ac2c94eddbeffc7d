use crm_kernel::{Job, Lane, SyncRunId};
use serde::{Deserialize, Serialize};

/// Go on with a run from where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSync {
    /// Which run.
    pub run_id: SyncRunId,
    /// Whether stays are to be taken over once these guests are.
    #[serde(default)]
    pub stays_next: bool,
}

impl Job for RunSync {
    const NAME: &'static str = "pms.run_sync";
    const LANE: Lane = Lane::Background;
    // What counts is crashes and a storage that is away; each costs one page at most.
    const MAX_ATTEMPTS: u32 = 20;
}

/// Go on with runs that lost their job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RescueSyncs {}

impl Job for RescueSyncs {
    const NAME: &'static str = "pms.rescue_syncs";
    const LANE: Lane = Lane::Background;
    // Once would do, but for a process that is killed in the middle: that is no dead job.
    const MAX_ATTEMPTS: u32 = 3;
}

/// Begin what is due every hour: guests, then stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeginSyncs {}

impl Job for BeginSyncs {
    const NAME: &'static str = "pms.begin_syncs";
    const LANE: Lane = Lane::Background;
    const MAX_ATTEMPTS: u32 = 3;
}

/// Take over the stays that arrive about now, whenever they changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepStays {}

impl Job for SweepStays {
    const NAME: &'static str = "pms.sweep_stays";
    const LANE: Lane = Lane::Background;
    // Waits while another run of stays is under way.
    const MAX_ATTEMPTS: u32 = 8;
}
