//! What is taken over from the hotel's own system: runs, links, stays and what waits for a
//! decision. Lists are read and written by set statements, a few for a page whatever its size.

mod links;
mod merges;
mod profiles;
mod queries;
mod reviews;
mod runs;
mod stays;
mod waiting;

pub(crate) use queries::{page_of_faults, page_of_reviews, page_of_runs};
pub(crate) use stays::move_stays;

use crate::DatabaseTx;
use crate::sql::known;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{ImportProfileId, MemberId, ReviewId, StoreError, SyncRunId};
use crm_members::Member;
use crm_members::{
    GuestCode, GuestLink, ImportProfile, KeptStay, KnownStay, NewImportProfile, NewReview,
    NewSyncRun, PmsKind, PmsRepository, PmsTx, Review, ReviewSubject, SyncFault, SyncMark, SyncRun,
    SyncedStay,
};

impl PmsTx for DatabaseTx {
    fn pms(&mut self) -> &mut dyn PmsRepository {
        self
    }
}

fn count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

impl DatabaseTx {
    /// How an insert ends that takes the place of rows with the same unique `key`.
    fn in_place_of(&self, key: &str, columns: &str) -> String {
        let is_mysql = self.is_mysql();
        let sets: Vec<String> = columns
            .split(',')
            .map(str::trim)
            .map(|column| {
                if is_mysql {
                    format!("{column} = VALUES({column})")
                } else {
                    format!("{column} = excluded.{column}")
                }
            })
            .collect();
        let sets = sets.join(", ");
        if is_mysql {
            format!(" ON DUPLICATE KEY UPDATE {sets}")
        } else {
            format!(" ON CONFLICT ({key}) DO UPDATE SET {sets}")
        }
    }

    /// By which index rows are to be found that get locked: a scan of a small table would wait
    /// for rows that others hold and nobody asked for.
    fn by_index(&self, index: &str) -> String {
        if self.is_mysql() {
            format!(" FORCE INDEX ({index})")
        } else {
            String::new()
        }
    }
}

#[async_trait]
impl PmsRepository for DatabaseTx {
    async fn mark(&mut self, kind: PmsKind) -> Result<SyncMark, StoreError> {
        self.pms_mark(kind).await
    }

    async fn update_mark(&mut self, mark: &SyncMark) -> Result<(), StoreError> {
        self.update_pms_mark(mark).await
    }

    async fn insert_run(&mut self, new: &NewSyncRun) -> Result<SyncRunId, StoreError> {
        self.insert_pms_run(new).await
    }

    async fn run(&mut self, id: SyncRunId) -> Result<Option<SyncRun>, StoreError> {
        self.pms_run(id).await
    }

    async fn update_run(&mut self, run: &SyncRun) -> Result<(), StoreError> {
        self.update_pms_run(run).await
    }

    async fn insert_faults(
        &mut self,
        run: SyncRunId,
        faults: &[SyncFault],
        at_most: u64,
    ) -> Result<(), StoreError> {
        self.insert_pms_faults(run, faults, at_most).await
    }

    async fn forget_faults(&mut self, run: SyncRunId) -> Result<(), StoreError> {
        self.forget_pms_faults(run).await
    }

    async fn forget_faults_before(
        &mut self,
        before: DateTime<Utc>,
        runs: u32,
    ) -> Result<u64, StoreError> {
        self.forget_pms_faults_before(before, runs).await
    }

    async fn links(&mut self, codes: &[GuestCode]) -> Result<Vec<GuestLink>, StoreError> {
        self.pms_links(codes).await
    }

    async fn merged_into(&mut self, codes: &[GuestCode]) -> Result<Vec<GuestCode>, StoreError> {
        self.pms_merged_into(codes).await
    }

    async fn put_links(&mut self, links: &[GuestLink]) -> Result<(), StoreError> {
        self.put_pms_links(links).await
    }

    async fn members(&mut self, ids: &[MemberId]) -> Result<Vec<Member>, StoreError> {
        self.members_by_ids(ids).await
    }

    async fn stays(&mut self, order_numbers: &[String]) -> Result<Vec<KnownStay>, StoreError> {
        self.stays_by_orders(order_numbers).await
    }

    async fn put_stays(
        &mut self,
        stays: &[SyncedStay],
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.put_synced_stays(stays, at).await
    }

    async fn move_stays(&mut self, code: &GuestCode, to: MemberId) -> Result<u64, StoreError> {
        self.move_stays_of_guest(code, to).await
    }

    async fn reviews_of(&mut self, subjects: &[ReviewSubject]) -> Result<Vec<Review>, StoreError> {
        self.pms_reviews_of(subjects).await
    }

    async fn review(&mut self, id: ReviewId) -> Result<Option<Review>, StoreError> {
        self.pms_review(id).await
    }

    async fn ask(&mut self, review: &NewReview) -> Result<ReviewId, StoreError> {
        let asked = self.ask_pms_reviews(std::slice::from_ref(review)).await?;
        known(asked.into_iter().next(), "review")
    }

    async fn ask_many(&mut self, reviews: &[NewReview]) -> Result<Vec<ReviewId>, StoreError> {
        self.ask_pms_reviews(reviews).await
    }

    async fn settle_review(&mut self, review: &Review) -> Result<(), StoreError> {
        self.settle_pms_review(review).await
    }

    async fn keep_waiting(
        &mut self,
        stays: &[(ReviewSubject, KeptStay)],
    ) -> Result<(), StoreError> {
        self.keep_waiting_stays(stays).await
    }

    async fn take_waiting(
        &mut self,
        subject: &ReviewSubject,
        limit: u32,
    ) -> Result<Vec<KeptStay>, StoreError> {
        self.take_waiting_stays(subject, limit).await
    }

    async fn insert_profile(
        &mut self,
        new: &NewImportProfile,
    ) -> Result<ImportProfileId, StoreError> {
        self.insert_import_profile(new).await
    }

    async fn find_profile(
        &mut self,
        id: ImportProfileId,
    ) -> Result<Option<ImportProfile>, StoreError> {
        self.import_profile(id).await
    }

    async fn delete_profile(&mut self, id: ImportProfileId) -> Result<bool, StoreError> {
        self.delete_import_profile(id).await
    }

    async fn forget_member(&mut self, member: MemberId) -> Result<(), StoreError> {
        self.forget_pms_member(member).await
    }
}
