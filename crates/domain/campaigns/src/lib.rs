//! A campaign's life from draft to sent: who it is for ([`Audience`]), when it may go out
//! ([`Campaign`]), who of the audience really gets it ([`gate`]), in which portions
//! ([`Batch`]) and what LINE's answer to a portion means ([`BatchNext`]).
//!
//! A send is trustworthy because of three rules kept here: the plan is frozen when the send
//! starts, a batch is repeated only with the key and body it was first tried with, and every
//! planned recipient ends as exactly one of sent, failed or skipped.

mod audience;
mod audit;
mod batch;
mod campaign;
mod compose;
mod control;
mod error;
mod events;
mod gate;
mod jobs;
mod line_stats;
mod outcome;
mod plan;
mod ports;
mod progress;
mod recipient;
mod senders;
mod status;
mod views;
mod watch;

pub use audience::{
    Amount, Audience, Bounds, CampaignFacts, CampaignRule, CampaignTest, Deed, Gender, IncludeMode,
    Known, MemberFacts, RfmRule, RfmTest, Rule, Selection, Source, Span, StayFacts, StaysRule,
    StaysTest, TagsRule, Test, TriggerCondition,
};
pub use audit::campaign_entry;
pub use batch::{Batch, BatchMode, BatchRecord, BatchState, MAX_BATCH, NewBatch};
pub use campaign::{Campaign, CampaignRecord, Counts, NewCampaign, StartCause};
pub use compose::{CreateCampaign, UpdateCampaign};
pub use error::CampaignError;
pub use events::{CampaignEvent, EventKind, NewCampaignEvent};
pub use gate::{GateFacts, SkipReason, gate};
pub use jobs::{BeginRounds, PlanCampaign, RunRound, SendBatches, StartCampaign};
pub use line_stats::{LineFigures, LineStats, LineStatsDue, MAX_UNITS, month_of_units};
pub use outcome::{BatchNext, FailReason, GIVE_UP_AFTER, fresh_delay, next_after, retry_delay};
pub use plan::{Plan, PlanPart, PlanPhase};
pub use ports::{
    BatchPerson, BatchRepository, CampaignQueries, CampaignRepository, CampaignsTx, OpenBatches,
    PlanRepository, PlanRequest, PlannedCounts, RecipientRepository, Tapped,
};
pub use progress::{CampaignProgress, Pace, Taken};
pub use recipient::RecipientStatus;
pub use senders::hire_senders;
pub use status::{CampaignStatus, StatusReason};
pub use views::{
    AudienceEstimate, CampaignDetail, CampaignFilter, CampaignRow, CampaignSummary, CreatorView,
    RecipientFilter, RecipientMember, RecipientRow, TemplateBrief,
};

pub(crate) use senders::call_senders;

use crm_kernel::{Clock, HotelTime, Transactions};
use std::sync::Arc;

/// Everything that can be done with campaigns but sending them, which needs other domains too.
#[derive(Clone)]
pub struct Campaigns {
    store: Arc<dyn Transactions<dyn CampaignsTx>>,
    queries: Arc<dyn CampaignQueries>,
    clock: Arc<dyn Clock>,
    hotel: HotelTime,
}

impl Campaigns {
    /// Plugs the domain into its ports; `hotel` decides what a day is.
    #[must_use]
    pub fn new(
        store: Arc<dyn Transactions<dyn CampaignsTx>>,
        queries: Arc<dyn CampaignQueries>,
        clock: Arc<dyn Clock>,
        hotel: HotelTime,
    ) -> Self {
        Self {
            store,
            queries,
            clock,
            hotel,
        }
    }
}
