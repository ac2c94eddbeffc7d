use super::{
    GuestCode, GuestLink, ImportProfile, KeptStay, KnownStay, NewImportProfile, NewReview,
    NewSyncRun, PmsKind, Review, ReviewRow, ReviewStatus, ReviewSubject, SyncFault, SyncMark,
    SyncRun, SyncStatus, SyncedStay,
};
use crate::{Member, MembersTx};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{ImportProfileId, MemberId, Page, PageRequest, ReviewId, StoreError, SyncRunId};

/// A unit of work that can take over what the hotel's own system says.
pub trait PmsTx: MembersTx {
    /// Runs, links, reviews and stays as this unit of work sees them.
    fn pms(&mut self) -> &mut dyn PmsRepository;
}

/// What is taken over from the hotel's own system, for decisions.
///
/// Finds lock what they answer until the unit of work ends, in this order: mark, run, links in
/// the order of their codes, members in the order of their ids, reviews in the order of their keys,
/// stays. Methods that take lists take some thousand entries, by set statements: a few
/// for a page, whatever its size. Of lists that write, no entry names a key twice.
/// To add a method, write its promise in `tests/ports` first, then memory and database.
#[async_trait]
pub trait PmsRepository: Send {
    /// Where a kind stands; locked, also when nothing was ever taken over (then everything is
    /// empty). Sees what others committed before the call.
    ///
    /// # Errors
    /// The storage's.
    async fn mark(&mut self, kind: PmsKind) -> Result<SyncMark, StoreError>;

    /// Writes back a mark that was found in this unit of work.
    ///
    /// # Errors
    /// `Reference` when the open run does not exist, else the storage's.
    async fn update_mark(&mut self, mark: &SyncMark) -> Result<(), StoreError>;

    /// Stores a run that is `pending`, nothing read, all counts zero; answers the id it got.
    ///
    /// # Errors
    /// `Reference` when the user does not exist, else the storage's.
    async fn insert_run(&mut self, new: &NewSyncRun) -> Result<SyncRunId, StoreError>;

    /// The run with this id, locked. Sees what others committed before the call: a second runner
    /// that waited for the lock must see how far the first has come.
    ///
    /// # Errors
    /// The storage's.
    async fn run(&mut self, id: SyncRunId) -> Result<Option<SyncRun>, StoreError>;

    /// Writes back a run that was found in this unit of work: all but what it was asked with,
    /// and of its file the number of rows.
    ///
    /// # Errors
    /// `Reference` when the row is gone, else the storage's.
    async fn update_run(&mut self, run: &SyncRun) -> Result<(), StoreError>;

    /// Stores faults in their order, until the run has `at_most` in all; leaves out the rest.
    ///
    /// # Errors
    /// `Reference` when there is no such run, else the storage's.
    async fn insert_faults(
        &mut self,
        run: SyncRunId,
        faults: &[SyncFault],
        at_most: u64,
    ) -> Result<(), StoreError>;

    /// Deletes all faults of a run.
    ///
    /// # Errors
    /// The storage's.
    async fn forget_faults(&mut self, run: SyncRunId) -> Result<(), StoreError>;

    /// Deletes all faults of the first so many runs that have some and ended before that moment;
    /// answers of how many runs.
    ///
    /// # Errors
    /// The storage's.
    async fn forget_faults_before(
        &mut self,
        before: DateTime<Utc>,
        runs: u32,
    ) -> Result<u64, StoreError>;

    /// The links of those codes that have one, in the order of the codes, locked.
    ///
    /// # Errors
    /// The storage's.
    async fn links(&mut self, codes: &[GuestCode]) -> Result<Vec<GuestLink>, StoreError>;

    /// The codes of guests who turned out to be one of these, in order; only those whose row
    /// says so itself. Locks nothing.
    ///
    /// # Errors
    /// The storage's.
    async fn merged_into(&mut self, codes: &[GuestCode]) -> Result<Vec<GuestCode>, StoreError>;

    /// Stores links, in place of those of the same code.
    ///
    /// # Errors
    /// `Reference` when a member does not exist, else the storage's.
    async fn put_links(&mut self, links: &[GuestLink]) -> Result<(), StoreError>;

    /// The members with these ids that exist, in the order of their ids, locked.
    ///
    /// # Errors
    /// The storage's.
    async fn members(&mut self, ids: &[MemberId]) -> Result<Vec<Member>, StoreError>;

    /// What is stored under these order numbers, locked; capitals count.
    ///
    /// # Errors
    /// The storage's.
    async fn stays(&mut self, order_numbers: &[String]) -> Result<Vec<KnownStay>, StoreError>;

    /// Stores stays with source `pms`, in place of those of the same order number; the moment of
    /// storing is their `synced_at`, and for new ones `created_at`.
    ///
    /// # Errors
    /// `Reference` when a member does not exist, else the storage's.
    async fn put_stays(
        &mut self,
        stays: &[SyncedStay],
        at: chrono::DateTime<chrono::Utc>,
    ) -> Result<(), StoreError>;

    /// Hands the stays that came with this guest's key to a member. Answers how many were not
    /// theirs before.
    ///
    /// # Errors
    /// `Reference` when the member does not exist, else the storage's.
    async fn move_stays(&mut self, code: &GuestCode, to: MemberId) -> Result<u64, StoreError>;

    /// The reviews of these subjects, the one asked last of each, in the order of their keys,
    /// locked.
    ///
    /// # Errors
    /// The storage's.
    async fn reviews_of(&mut self, subjects: &[ReviewSubject]) -> Result<Vec<Review>, StoreError>;

    /// The review with this id, locked. Sees what others committed before the call.
    ///
    /// # Errors
    /// The storage's.
    async fn review(&mut self, id: ReviewId) -> Result<Option<Review>, StoreError>;

    /// Asks: stores a review, or brings an open one of the same subject up to date (reason, what
    /// the row says, who it may be, the run; not when it was first asked).
    ///
    /// # Errors
    /// `Reference` when a candidate or the run does not exist, else the storage's.
    async fn ask(&mut self, review: &NewReview) -> Result<ReviewId, StoreError>;

    /// Asks about many, each as by [`ask`](Self::ask); answers the ids in their order.
    ///
    /// # Errors
    /// Those of [`ask`](Self::ask).
    async fn ask_many(&mut self, reviews: &[NewReview]) -> Result<Vec<ReviewId>, StoreError> {
        let mut ids = Vec::with_capacity(reviews.len());
        for review in reviews {
            ids.push(self.ask(review).await?);
        }
        Ok(ids)
    }

    /// Writes back status and decision of a review that was found in this unit of work. One that
    /// is not open any more forgets what the row said of the guest, but for the code.
    ///
    /// # Errors
    /// `Reference` when the row is gone or a member or user does not exist, else the storage's.
    async fn settle_review(&mut self, review: &Review) -> Result<(), StoreError>;

    /// Keeps stays for the decision about a subject, in place of older ones of the same order
    /// number.
    ///
    /// # Errors
    /// The storage's.
    async fn keep_waiting(&mut self, stays: &[(ReviewSubject, KeptStay)])
    -> Result<(), StoreError>;

    /// Takes up to `limit` stays that wait for a subject out, in the order of their numbers.
    ///
    /// # Errors
    /// The storage's.
    async fn take_waiting(
        &mut self,
        subject: &ReviewSubject,
        limit: u32,
    ) -> Result<Vec<KeptStay>, StoreError>;

    /// Stores a profile and answers the id it got.
    ///
    /// # Errors
    /// `Duplicate` of `import_profile_name` (kind and name key), `Reference` when the user does
    /// not exist, else the storage's.
    async fn insert_profile(
        &mut self,
        new: &NewImportProfile,
    ) -> Result<ImportProfileId, StoreError>;

    /// The profile with this id, locked.
    ///
    /// # Errors
    /// The storage's.
    async fn find_profile(
        &mut self,
        id: ImportProfileId,
    ) -> Result<Option<ImportProfile>, StoreError>;

    /// Deletes a profile; runs that used it go on. Answers whether there was one.
    ///
    /// # Errors
    /// The storage's.
    async fn delete_profile(&mut self, id: ImportProfileId) -> Result<bool, StoreError>;

    /// Before a member is erased: their links become [`super::LinkState::Erased`], reviews that name
    /// them as the only candidate or that their link was under lose what they say, and stays that
    /// wait for those are dropped. Stays and candidates go with the member's row.
    ///
    /// # Errors
    /// The storage's.
    async fn forget_member(&mut self, member: MemberId) -> Result<(), StoreError>;
}

/// What is taken over from the hotel's own system, for screens; never while a unit of work is
/// open.
///
/// To add a method, write its promise in `tests/ports` first, then the database; the memory
/// adapter has no queries.
#[async_trait]
pub trait PmsQueries: Send + Sync {
    /// A page of runs, of one kind and status where given, the newest first.
    ///
    /// # Errors
    /// The storage's.
    async fn runs(
        &self,
        kind: Option<PmsKind>,
        status: Option<SyncStatus>,
        page: PageRequest,
    ) -> Result<Page<SyncRun>, StoreError>;

    /// One run.
    ///
    /// # Errors
    /// The storage's.
    async fn run(&self, id: SyncRunId) -> Result<Option<SyncRun>, StoreError>;

    /// A page of what is wrong with a run's rows, in their order. Empty for a run that does not
    /// exist.
    ///
    /// # Errors
    /// The storage's.
    async fn faults(&self, id: SyncRunId, page: PageRequest)
    -> Result<Page<SyncFault>, StoreError>;

    /// Where each kind stands, in the order of [`PmsKind::ALL`].
    ///
    /// # Errors
    /// The storage's.
    async fn marks(&self) -> Result<Vec<SyncMark>, StoreError>;

    /// How many reviews are open.
    ///
    /// # Errors
    /// The storage's.
    async fn open_reviews(&self) -> Result<u64, StoreError>;

    /// A page of reviews of one status, the longest waiting first when they are open, else the
    /// one decided last.
    ///
    /// # Errors
    /// The storage's.
    async fn reviews(
        &self,
        status: ReviewStatus,
        page: PageRequest,
    ) -> Result<Page<ReviewRow>, StoreError>;

    /// The saved profiles, by kind, then by name.
    ///
    /// # Errors
    /// The storage's.
    async fn profiles(&self) -> Result<Vec<ImportProfile>, StoreError>;

    /// One review.
    ///
    /// # Errors
    /// The storage's.
    async fn review(&self, id: ReviewId) -> Result<Option<ReviewRow>, StoreError>;
}
