//! Tags: what a guest *is* (member tags) and what a guest *did* (interaction tags), who wears
//! them, and the log of what put them there.
//!
//! Both kinds share one number space, because the API names a tag by its id alone. Each tag
//! carries two kept figures: how many members wear it now, and how often it was triggered,
//! counted once per distinct member, tag and campaign (or single message) however often somebody taps.

mod assign;
mod audit;
mod create;
mod delete;
mod error;
mod feed;
mod forget;
mod kind;
mod name;
mod ports;
mod remove;
mod screens;
mod tag;
mod trigger;
mod update;

pub use assign::MAX_TAGS_AT_ONCE;
pub use create::CreateTag;
pub use error::TagError;
pub use feed::{Fed, FedTag, feed_tags};
pub use kind::{TagKind, TagSource, TriggerSource};
pub use name::{Description, TagName};
pub use ports::{TagQueries, TagRepository, TagUses, TagsTx};
pub use screens::{
    MostUsedTag, TagFilter, TagRow, TagStatistics, TriggerCampaign, TriggerMember, TriggerRow,
    WornTag,
};
pub use tag::{NameScope, NewTag, Tag, TagRecord};
pub use trigger::{Touched, Trigger, TriggerLog};
pub use update::UpdateTag;

use crm_kernel::{Clock, Transactions};
use std::sync::Arc;

/// Everything that can be done with tags.
#[derive(Clone)]
pub struct Tags {
    store: Arc<dyn Transactions<dyn TagsTx>>,
    queries: Arc<dyn TagQueries>,
    clock: Arc<dyn Clock>,
}

impl Tags {
    /// Tags kept in `store` and shown through `queries`.
    #[must_use]
    pub fn new(
        store: Arc<dyn Transactions<dyn TagsTx>>,
        queries: Arc<dyn TagQueries>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            store,
            queries,
            clock,
        }
    }
}
