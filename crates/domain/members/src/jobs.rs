use crm_kernel::{ImportId, Job, Lane};
use serde::{Deserialize, Serialize};

/// Read a file of members in, from where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ImportMembers {
    /// Which import.
    pub import_id: ImportId,
}

impl Job for ImportMembers {
    const NAME: &'static str = "members.import";
    const LANE: Lane = Lane::Background;
    // What counts is crashes; each of them loses one chunk at most.
    const MAX_ATTEMPTS: u32 = 50;
}
