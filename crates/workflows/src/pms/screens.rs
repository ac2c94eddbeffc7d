use super::{PmsSync, PmsSyncError};
use crm_kernel::{Page, PageRequest, ReviewId, SyncRunId};
use crm_members::{
    DecisionError, PmsField, PmsKind, PmsQueries, ReviewRow, ReviewStatus, SyncFault, SyncMark,
    SyncRun, SyncStatus,
};

/// How it stands with the hotel's own system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PmsOverview {
    /// Whether there is one to ask.
    pub is_configured: bool,
    /// Where each kind stands.
    pub marks: Vec<SyncMark>,
    /// Guests of whom a person must say who they are.
    pub open_reviews: u64,
}

impl PmsSync {
    fn queries(&self) -> &dyn PmsQueries {
        &*self.ports.queries
    }

    /// How it stands.
    ///
    /// # Errors
    /// The store's.
    pub async fn overview(&self) -> Result<PmsOverview, PmsSyncError> {
        Ok(PmsOverview {
            is_configured: self.ports.gateway.is_configured(),
            marks: self.queries().marks().await?,
            open_reviews: self.queries().open_reviews().await?,
        })
    }

    /// One run.
    ///
    /// # Errors
    /// `sync_not_found`, or the store's.
    pub async fn status(&self, id: SyncRunId) -> Result<SyncRun, PmsSyncError> {
        let run = self.queries().run(id).await?;
        run.ok_or(PmsSyncError::NotFound)
    }

    /// A page of runs, the newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn runs(
        &self,
        kind: Option<PmsKind>,
        status: Option<SyncStatus>,
        page: PageRequest,
    ) -> Result<Page<SyncRun>, PmsSyncError> {
        Ok(self.queries().runs(kind, status, page).await?)
    }

    /// A page of what is wrong with a run's rows.
    ///
    /// # Errors
    /// `sync_not_found`, or the store's.
    pub async fn faults(
        &self,
        id: SyncRunId,
        page: PageRequest,
    ) -> Result<Page<SyncFault>, PmsSyncError> {
        self.status(id).await?;
        Ok(self.queries().faults(id, page).await?)
    }

    /// A page of reviews.
    ///
    /// # Errors
    /// The store's.
    pub async fn reviews(
        &self,
        status: ReviewStatus,
        page: PageRequest,
    ) -> Result<Page<ReviewRow>, PmsSyncError> {
        Ok(self.queries().reviews(status, page).await?)
    }

    /// One review.
    ///
    /// # Errors
    /// `review_not_found`, or the store's.
    pub async fn review(&self, id: ReviewId) -> Result<ReviewRow, PmsSyncError> {
        let review = self.queries().review(id).await?;
        review.ok_or(PmsSyncError::Decision(DecisionError::NotFound))
    }

    /// The fields a table may have columns for.
    #[must_use]
    pub fn fields(&self, kind: PmsKind) -> Vec<PmsField> {
        self.ports.format.fields(kind)
    }
}
