//! Taking over a page of rows in one unit of work: what is known is read by a few statements,
//! everything is decided in memory, what changed is written by a few statements more.

mod decide;
mod guests;
mod known;
mod stays;
mod writes;

pub use decide::{Decided, DecisionError};

use super::{PmsFacts, SyncCounts, SyncFault};
use crm_kernel::MemberId;

/// What became of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// How many rows became what.
    pub counts: SyncCounts,
    /// What is wrong with rows and fields; rows are counted from 1 within the page.
    pub faults: Vec<SyncFault>,
    /// Members of whom the other system's counts are known anew, for their tags; each once.
    pub facts: Vec<(MemberId, PmsFacts)>,
}
