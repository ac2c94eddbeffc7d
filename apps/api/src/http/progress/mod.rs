//! How far a campaign has come, for as long as somebody watches.

mod feed;
mod stream;

pub(crate) use feed::CampaignFeeds;
pub(crate) use stream::{Watch, events};
