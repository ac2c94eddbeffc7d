//! From a campaign to messages at LINE: [`start`] freezes what is said, [`plan`] who gets it,
//! [`deliver`] sees batches through, [`rounds`] plans for whoever comes later, [`retry`] for
//! whoever failed, [`preview`] and [`test_send`] show what would be sent.

mod body;
mod deliver;
mod error;
mod line_stats;
mod links;
mod plan;
mod preview;
mod pushes;
mod rescue;
mod results;
mod retry;
mod rounds;
mod start;
mod take;
mod test_send;

pub(crate) use body::birthday_month;
pub use deliver::Delivery;
pub use error::SendingError;
pub use line_stats::FetchLineStats;
pub(crate) use links::{SentLinks, read_postback};
pub use plan::TakenOver;
pub use preview::{CampaignPreview, QuotaView};
pub use rescue::{RescueStranded, StrandedQueries};
pub use start::Started;
pub use test_send::{MAX_TESTERS, TestOutcome, TestResult};

use crate::{Brake, CrmTx, LineGateway, LinkTokens, Pace, Pause};
use chrono::TimeDelta;
use crm_campaigns::{CampaignQueries, MAX_BATCH};
use crm_kernel::{Clock, HotelTime, IdGenerator, Transactions};
use crm_members::MemberQueries;
use crm_templates::TemplateQueries;
use std::sync::Arc;
use std::time::Duration;

/// Recipients in a batch of personal messages: small enough that a pause or a stop waits for
/// little, large enough that a batch costs next to nothing.
const PERSONAL_BATCH: u32 = 100;

/// How sends behave.
#[derive(Clone, Debug)]
pub struct SendingRules {
    /// A schedule later than this does not fire any more (`CAMPAIGN_MAX_LATENESS`).
    pub max_lateness: TimeDelta,
    /// Where tracked links lead and uploaded pictures lie (`PUBLIC_BASE_URL`), without a slash
    /// at its end.
    pub public_base_url: String,
    /// Pushes of one batch under way at once.
    pub pushes_at_once: usize,
    /// Recipients of one multicast; [`MAX_BATCH`] outside of tests.
    pub bulk_batch: u32,
    /// Member ids looked at in one transaction of a plan. On SQLite everybody else waits for it.
    pub members_at_once: i64,
    /// How long a planner rests between two ranges, so that other writers get their turn.
    pub rest_between_ranges: Duration,
    /// How long a sender works before the senders of other campaigns have their turn.
    pub turn: TimeDelta,
}

impl SendingRules {
    /// The usual rules for this base URL and lateness.
    #[must_use]
    pub fn new(public_base_url: &str, max_lateness: TimeDelta) -> Self {
        Self {
            max_lateness,
            public_base_url: public_base_url.trim_end_matches('/').to_owned(),
            pushes_at_once: 32,
            bulk_batch: MAX_BATCH,
            members_at_once: 20_000,
            rest_between_ranges: Duration::ZERO,
            turn: TimeDelta::seconds(2),
        }
    }
}

/// Everything a send needs.
#[derive(Clone)]
pub struct Sending {
    /// Units of work over all domains.
    pub store: Arc<dyn Transactions<dyn CrmTx>>,
    /// Campaigns as screens see them.
    pub campaigns: Arc<dyn CampaignQueries>,
    /// Templates as screens see them.
    pub templates: Arc<dyn TemplateQueries>,
    /// Members as screens see them.
    pub members: Arc<dyn MemberQueries>,
    /// What may have lost its job.
    pub stranded: Arc<dyn StrandedQueries>,
    /// LINE.
    pub line: Arc<dyn LineGateway>,
    /// When the next request may go.
    pub pace: Arc<dyn Pace>,
    /// Whether anything may go at all.
    pub brake: Brake,
    /// Tokens of tracked links.
    pub links: Arc<dyn LinkTokens>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How it rests.
    pub pause: Arc<dyn Pause>,
    /// Retry keys.
    pub ids: Arc<dyn IdGenerator>,
    /// What a day is.
    pub hotel: HotelTime,
    /// How sends behave.
    pub rules: SendingRules,
}
