//! Taking over what the hotel's own system says: fetched page by page, matched, stored.
//!
//! A run is a row, and the job that works on it may die at any moment: each page is one unit of
//! work together with the place where the next one begins, so whoever goes on does so right
//! there. Of a kind only one run is open at a time, across all processes.

mod error;
mod file;
mod jobs;
mod pages;
mod profiles;
mod request;
mod reviews;
mod rounds;
mod run;
mod screens;
mod tags;

pub use error::PmsSyncError;
pub use jobs::{BeginSyncs, RescueSyncs, RunSync, SweepStays};
pub use screens::PmsOverview;
pub use tags::tag_by_facts;

use crate::CrmTx;
use chrono::TimeDelta;
use crm_kernel::{Clock, HotelTime, Transactions};
use crm_members::{ImportFiles, Members, PmsFormat, PmsGateway, PmsQueries};
use std::sync::Arc;

/// What the story is plugged into.
#[derive(Clone)]
pub struct PmsPorts {
    /// Units of work.
    pub store: Arc<dyn Transactions<dyn CrmTx>>,
    /// Screens.
    pub queries: Arc<dyn PmsQueries>,
    /// The hotel's own system.
    pub gateway: Arc<dyn PmsGateway>,
    /// Reading rows of tables.
    pub format: Arc<dyn PmsFormat>,
    /// Tables that were put aside.
    pub files: Arc<dyn ImportFiles>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

/// Everything that can be done with the hotel's own system.
#[derive(Clone)]
pub struct PmsSync {
    ports: PmsPorts,
    members: Members,
    hotel: HotelTime,
    overlap: TimeDelta,
}

impl PmsSync {
    /// Plugs the story into its ports. Windows overlap by `overlap`, so that what was written
    /// while the clocks differed is not lost.
    #[must_use]
    pub const fn new(
        ports: PmsPorts,
        members: Members,
        hotel: HotelTime,
        overlap: TimeDelta,
    ) -> Self {
        Self {
            ports,
            members,
            hotel,
            overlap,
        }
    }
}
