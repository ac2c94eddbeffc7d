//! Server-sent events: how far a campaign has come, for as long as somebody watches.

mod feed;
mod stream;

pub use feed::{ProgressStreams, StreamRules};
pub(crate) use stream::{Watch, events};
