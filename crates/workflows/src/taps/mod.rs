//! What guests tap: where a tracked link leads ([`Taps::follow`]), and what a tap does
//! ([`Taps::record_in`]). A guest on their way to a page never waits for the database: the click
//! is kept in memory ([`buffer`]), written down with others ([`Taps::write_down`]), and recorded
//! with them by a job ([`Taps::record_group`]).

mod buffer;
mod click;
mod follow;
mod group;
mod leads;
mod ports;
mod record;

pub use click::{Click, PruneClicks, RecordClick, RecordClicks};
pub use ports::{ClickRepository, ClicksTx, Triggered};
pub use record::{Tap, TapAnswer, Tapped};

use crate::LinkTokens;
use buffer::ClickBuffer;
use chrono::TimeDelta;
use crm_campaigns::CampaignQueries;
use crm_kernel::{Clock, IdGenerator, Transactions};
use crm_members::Members;
use crm_messages::MessageQueries;
use crm_tags::Tags;
use crm_templates::TemplateQueries;
use leads::Leads;
use std::sync::Arc;

/// What taps need.
#[derive(Clone)]
pub struct TapsPorts {
    /// Units of work.
    pub store: Arc<dyn Transactions<dyn ClicksTx>>,
    /// What campaigns said.
    pub campaigns: Arc<dyn CampaignQueries>,
    /// What single messages said.
    pub messages: Arc<dyn MessageQueries>,
    /// What a campaign says that was not sent yet.
    pub templates: Arc<dyn TemplateQueries>,
    /// Makes and reads the tokens of links.
    pub links: Arc<dyn LinkTokens>,
    /// Tags.
    pub tags: Tags,
    /// Guests.
    pub members: Members,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Numbers of groups of clicks.
    pub ids: Arc<dyn IdGenerator>,
}

/// What taps do: where a tracked link leads, who clicked, which tag they get for it.
#[derive(Clone)]
pub struct Taps {
    ports: TapsPorts,
    /// Within it, clicks on one link are one.
    window: TimeDelta,
    leads: Arc<Leads>,
    buffer: Arc<ClickBuffer>,
}

impl Taps {
    /// Plugs the story into its ports. Clicks of one guest on one link within `window` are one.
    #[must_use]
    pub fn new(ports: TapsPorts, window: TimeDelta) -> Self {
        Self {
            ports,
            window: window.max(TimeDelta::seconds(1)),
            leads: Arc::default(),
            buffer: Arc::default(),
        }
    }

    /// Clicks that are in memory only.
    #[must_use]
    pub fn clicks_waiting(&self) -> usize {
        self.buffer.len()
    }
}
