//! Two rows found to be one person: how they become one, and how that is undone.

mod combine;
mod forget;
mod part;
mod ports;
mod present;
mod record;
mod refusal;
mod undo;
mod unite;

pub use ports::{Absorbed, Merge, MergeMove, MergeRepository, NewMerge, TaggedAt};
pub use refusal::MergeRefusal;
pub use unite::Merged;
