//! Who a guest is: profile, identity number, consent, and the link to their LINE account.
//!
//! One person is one row. A member is born from a LINE event (`line`), from the hotel's own
//! records (`crm`) or typed in by staff (`system`); where they came from never changes.
//! LINE delivers events late, twice and out of order, so what a follow or unfollow may change
//! depends on the time of the event and never on the time of its arrival.
//!
//! Members also come in files ([`Members::start_import`]), and two of them may turn out to be
//! one person ([`Members::merge`]).
//!
//! Tags, recipients and messages of a member belong to other domains; deleting a member
//! together with those is a story of `crm-workflows`.

mod audit;
mod delete;
mod email;
mod error;
mod field_edits;
mod filter;
mod follow;
mod gender;
mod id_number;
mod import;
mod jobs;
mod line_link;
mod line_uid;
mod member;
mod merge;
mod name;
mod notes;
mod phone;
mod pms;
mod ports;
mod profile;
mod record_stay;
mod register;
mod screens;
mod seen;
mod source;
mod stay;
mod timeline;
mod unfollow;
mod update;
mod vault;

pub use email::Email;
pub use error::MemberError;
pub use field_edits::{EditedField, FieldEdits};
pub use filter::{MemberFilter, MemberSearch, MemberSort, MemberSortColumn, SortOrder, TagsMode};
pub use follow::{LineContact, LineFollow};
pub use gender::Gender;
pub use id_number::IdNumber;
pub use import::{
    CandidateKeys, Import, ImportCounts, ImportFileError, ImportFiles, ImportRepository,
    ImportStatus, NewImport, NoImportFiles, RowError, Sheet, StartImport, folded_heading,
};
pub use jobs::ImportMembers;
pub use line_link::{FriendChange, LineLink, LineProfile, LineState};
pub use line_uid::LineUid;
pub use member::{Member, MemberRecord, NewMember};
pub use merge::{
    Absorbed, Merge, MergeMove, MergeRefusal, MergeRepository, Merged, NewMerge, TaggedAt,
};
pub use name::{PersonName, shown_name};
pub use notes::Notes;
pub use phone::Phone;
pub use pms::{
    Arrivals, Decided, DecisionError, GuestCode, GuestKeys, GuestLink, ImportProfile, KeptGuest,
    KeptStay, KnownStay, LinkState, Match, NewImportProfile, NewReview, NewSyncRun, NoPms, PageAsk,
    PmsError, PmsFacts, PmsField, PmsFormat, PmsGateway, PmsGuest, PmsHealth, PmsKind, PmsPage,
    PmsQueries, PmsRepository, PmsRow, PmsStatus, PmsStay, PmsTx, PmsWindow, RawRow, Review,
    ReviewCandidate, ReviewDecision, ReviewReason, ReviewRow, ReviewStatus, ReviewSubject,
    RowDefaults, RowFault, RowSays, SyncCounts, SyncFault, SyncFile, SyncMark, SyncMode, SyncRun,
    SyncStatus, SyncedStay, Taken, match_guest, said_by_pms,
};
pub use ports::{MemberQueries, MemberRepository, MembersTx};
pub use record_stay::RecordStay;
pub use register::RegisterMember;
pub use screens::{ConsumptionSummary, MemberDetail, MemberRow, WornTag, WornTagKind};
pub use seen::LineSeen;
pub use source::MemberSource;
pub use stay::{NewStay, StayRow, StaySource};
pub use timeline::{TimelineEntry, TimelineKind};
pub use update::UpdateMember;
pub use vault::{IdNumberVault, SealedIdNumber, VaultError};

use crm_kernel::{Clock, HotelTime, Transactions};
use std::sync::Arc;

/// Everything that can be done with members.
#[derive(Clone)]
pub struct Members {
    store: Arc<dyn Transactions<dyn MembersTx>>,
    queries: Arc<dyn MemberQueries>,
    vault: Arc<dyn IdNumberVault>,
    clock: Arc<dyn Clock>,
    files: Arc<dyn ImportFiles>,
    hotel: HotelTime,
}

impl Members {
    /// Members kept in `store`, shown through `queries`, their id numbers sealed by `vault`. Days
    /// are those of UTC.
    #[must_use]
    pub fn new(
        store: Arc<dyn Transactions<dyn MembersTx>>,
        queries: Arc<dyn MemberQueries>,
        vault: Arc<dyn IdNumberVault>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            store,
            queries,
            vault,
            clock,
            files: Arc::new(NoImportFiles),
            hotel: HotelTime::new(chrono_tz::UTC),
        }
    }

    /// The same, able to run imports of these files.
    #[must_use]
    pub fn with_import_files(self, files: Arc<dyn ImportFiles>) -> Self {
        Self { files, ..self }
    }

    /// The same with the days of the hotel.
    #[must_use]
    pub fn with_hotel_time(self, hotel: HotelTime) -> Self {
        Self { hotel, ..self }
    }
}
