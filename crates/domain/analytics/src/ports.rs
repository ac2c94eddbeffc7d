use crate::{CampaignPerformance, CampaignSums, Funnel};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use crm_kernel::{CampaignId, Figure, StoreError};

/// A kept figure of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayCount {
    /// Which figure.
    pub figure: Figure,
    /// Which day.
    pub day: NaiveDate,
    /// How much.
    pub n: i64,
}

/// A kept figure of one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectCount {
    /// The campaign, rule or tag.
    pub subject: i64,
    /// How it is called, if it is still there.
    pub name: Option<String>,
    /// Its kind, if it has one: that of a rule.
    pub kind: Option<String>,
    /// How much.
    pub n: i64,
}

/// What screens read. None of them reads the rows that figures count.
#[async_trait]
pub trait AnalyticsQueries: Send + Sync {
    /// Figures of each day from `first` to `last`, of one subject (0: of all together); days
    /// without any are left out.
    ///
    /// # Errors
    /// The storage's.
    async fn days(
        &self,
        figures: &[Figure],
        subject: i64,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<Vec<DayCount>, StoreError>;

    /// A figure per subject, most first; `days` from first to last, or of all time.
    ///
    /// # Errors
    /// The storage's.
    async fn subjects(
        &self,
        figure: Figure,
        days: Option<(NaiveDate, NaiveDate)>,
        limit: u32,
    ) -> Result<Vec<SubjectCount>, StoreError>;

    /// A figure of all subjects and of all time.
    ///
    /// # Errors
    /// The storage's.
    async fn total(&self, figure: Figure) -> Result<i64, StoreError>;

    /// Sums over the campaigns sent from `from` until before `until`.
    ///
    /// # Errors
    /// The storage's.
    async fn campaign_sums(
        &self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<CampaignSums, StoreError>;

    /// The campaigns sent from `from` until before `until`, best click rate first, then most
    /// sent.
    ///
    /// # Errors
    /// The storage's.
    async fn performance(
        &self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<CampaignPerformance>, StoreError>;

    /// What became of everybody whom a campaign was planned for.
    ///
    /// # Errors
    /// The storage's.
    async fn funnel(&self, id: CampaignId) -> Result<Option<Funnel>, StoreError>;
}
