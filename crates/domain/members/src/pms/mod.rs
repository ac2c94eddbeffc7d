//! What the hotel's own system (PMS) says of guests and stays, in nobody's notation, and what it
//! means for members: whom a guest is, which value wins, what waits for a person to decide.
//!
//! Fetching is a port ([`PmsGateway`]), as is reading a table that somebody exported
//! ([`PmsFormat`]). Bringing it all together is a story of `crm-workflows`.

mod file;
mod gateway;
mod guest;
mod link;
mod matching;
mod ports;
mod profile;
mod review;
mod row;
mod run;
mod said;
mod screens;
mod stay;
mod take;

pub use file::{PmsField, PmsFormat, RawRow, RowDefaults};
pub use gateway::{Arrivals, NoPms, PageAsk, PmsError, PmsGateway, PmsHealth, PmsPage, PmsWindow};
pub use guest::{GuestCode, KeptGuest, PmsGuest};
pub use link::{GuestLink, LinkState, PmsFacts};
pub use matching::{GuestKeys, Match, ReviewReason, match_guest};
pub use ports::{PmsQueries, PmsRepository, PmsTx};
pub use profile::{ImportProfile, NewImportProfile};
pub use review::{NewReview, Review, ReviewDecision, ReviewStatus, ReviewSubject};
pub use row::{PmsRow, RowFault, RowSays};
pub use run::{
    NewSyncRun, PmsKind, SyncCounts, SyncFault, SyncFile, SyncMark, SyncMode, SyncRun, SyncStatus,
};
pub use said::said_by_pms;
pub use screens::{ReviewCandidate, ReviewRow};
pub use stay::{KeptStay, KnownStay, PmsStatus, PmsStay, SyncedStay};
pub use take::{Decided, DecisionError, Taken};
