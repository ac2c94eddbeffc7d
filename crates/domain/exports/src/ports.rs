use crate::{Export, NewExport, NewSchedule, ReportSchedule, Rights};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{
    CampaignId, ExportId, Page, PageRequest, ReportScheduleId, StoreError, Transaction, UserId,
};
use std::collections::HashSet;

/// The unit of work over files to take away.
pub trait ExportsTx: Transaction {
    /// The files and their schedules.
    fn exports(&mut self) -> &mut dyn ExportRepository;
}

/// Files and schedules as decisions need them. To add a method, give it to the database and to
/// memory, and a promise to `tests/ports/exports.rs`.
#[async_trait]
pub trait ExportRepository: Send {
    /// Stores a file that nobody has begun.
    ///
    /// # Errors
    /// `Reference` when the user is not there.
    async fn insert(&mut self, new: &NewExport) -> Result<ExportId, StoreError>;

    /// A file, locked.
    ///
    /// # Errors
    /// The storage's.
    async fn find(&mut self, id: ExportId) -> Result<Option<Export>, StoreError>;

    /// Writes how far it has come; what was asked for does not change.
    ///
    /// # Errors
    /// `Reference` when it is not there.
    async fn update(&mut self, export: &Export) -> Result<(), StoreError>;

    /// Notes how many rows are written; answers whether whoever began with that number still
    /// makes it.
    ///
    /// # Errors
    /// The storage's.
    async fn progress(
        &mut self,
        (id, attempt): (ExportId, u32),
        (done, total): (u64, u64),
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// Forgets a file; answers whether it was there.
    ///
    /// # Errors
    /// The storage's.
    async fn delete(&mut self, id: ExportId) -> Result<bool, StoreError>;

    /// Forgets files that were asked for before that moment and are there no more; answers how
    /// many.
    ///
    /// # Errors
    /// The storage's.
    async fn forget_before(&mut self, before: DateTime<Utc>) -> Result<u64, StoreError>;

    /// Stores a schedule.
    ///
    /// # Errors
    /// `Reference` when the user is not there.
    async fn insert_schedule(&mut self, new: &NewSchedule) -> Result<ReportScheduleId, StoreError>;

    /// A schedule, locked.
    ///
    /// # Errors
    /// The storage's.
    async fn find_schedule(
        &mut self,
        id: ReportScheduleId,
    ) -> Result<Option<ReportSchedule>, StoreError>;

    /// Writes a schedule.
    ///
    /// # Errors
    /// `Reference` when it is not there.
    async fn update_schedule(&mut self, schedule: &ReportSchedule) -> Result<(), StoreError>;

    /// Forgets a schedule; answers whether it was there.
    ///
    /// # Errors
    /// The storage's.
    async fn delete_schedule(&mut self, id: ReportScheduleId) -> Result<bool, StoreError>;

    /// What a user may have now; nothing when they are deactivated or not there.
    ///
    /// # Errors
    /// The storage's.
    async fn rights_of(&mut self, user: UserId) -> Result<Rights, StoreError>;
}

/// What screens and sweeps ask.
#[async_trait]
pub trait ExportQueries: Send + Sync {
    /// A page of files, the newest first; of one user, or of everybody.
    ///
    /// # Errors
    /// The storage's.
    async fn list(
        &self,
        owner: Option<UserId>,
        page: PageRequest,
    ) -> Result<Page<Export>, StoreError>;

    /// One file.
    ///
    /// # Errors
    /// The storage's.
    async fn get(&self, id: ExportId) -> Result<Option<Export>, StoreError>;

    /// How many files of a user are still to be made.
    ///
    /// # Errors
    /// The storage's.
    async fn open_of(&self, owner: UserId) -> Result<u64, StoreError>;

    /// Files whose time was over at that moment, so many at most.
    ///
    /// # Errors
    /// The storage's.
    async fn over(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<ExportId>, StoreError>;

    /// Files that somebody began, and of whom nothing was heard since that moment.
    ///
    /// # Errors
    /// The storage's.
    async fn silent_since(&self, moment: DateTime<Utc>) -> Result<Vec<ExportId>, StoreError>;

    /// Which of these names are those of files that can be downloaded.
    ///
    /// # Errors
    /// The storage's.
    async fn known_files(&self, names: &[String]) -> Result<HashSet<String>, StoreError>;

    /// A campaign's title.
    ///
    /// # Errors
    /// The storage's.
    async fn campaign_title(&self, id: CampaignId) -> Result<Option<String>, StoreError>;

    /// A page of schedules, the newest first; of one user, or of everybody.
    ///
    /// # Errors
    /// The storage's.
    async fn schedules(
        &self,
        owner: Option<UserId>,
        page: PageRequest,
    ) -> Result<Page<ReportSchedule>, StoreError>;

    /// Schedules whose time has come at that moment, so many at most.
    ///
    /// # Errors
    /// The storage's.
    async fn due_schedules(
        &self,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<ReportScheduleId>, StoreError>;
}

/// A link under which a file can be downloaded without signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DownloadLink {
    /// Which file.
    pub export: ExportId,
    /// Whom it was given to: downloads are written down under their name.
    pub holder: UserId,
    /// When it dies, in seconds since 1970.
    pub expires: i64,
}

/// Signs such links, and tells whether we did.
pub trait DownloadLinks: Send + Sync {
    /// The signature; always the same for the same link, and safe in a URL.
    fn sign(&self, link: DownloadLink) -> String;

    /// Whether it is our signature of that link; takes the same time however wrong it is.
    fn is_ours(&self, link: DownloadLink, signature: &str) -> bool;
}
