use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use crm_kernel::{CampaignId, StoreError};

/// Where a page of rows ended, for the next one to begin there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The time of its last row.
    pub at: DateTime<Utc>,
    /// The number of its last row.
    pub id: i64,
}

/// A stretch of time: from the first moment until before the second.
pub type Stretch = (DateTime<Utc>, DateTime<Utc>);

/// A guest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberLine {
    /// Their number.
    pub id: i64,
    /// Last name.
    pub last_name: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// How they are called on LINE.
    pub display_name: Option<String>,
    /// The stored word.
    pub gender: Option<String>,
    /// Their day.
    pub birthday: Option<NaiveDate>,
    /// Their address.
    pub email: Option<String>,
    /// Their number.
    pub phone: Option<String>,
    /// The identity number as it is stored: encrypted.
    pub id_number_sealed: Option<String>,
    /// The stored word.
    pub source: String,
    /// The stored word.
    pub line_state: Option<String>,
    /// Whether they want to hear of offers.
    pub accept_marketing: bool,
    /// What they wear.
    pub tags: Vec<String>,
    /// Stays that took place.
    pub stays: i64,
    /// Hundredths of what those cost.
    pub spent: i64,
    /// Since when they are here.
    pub created_at: DateTime<Utc>,
    /// When they were last heard of.
    pub last_interaction_at: Option<DateTime<Utc>>,
}

/// Somebody a campaign was planned for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipientLine {
    /// The number of the row.
    pub id: i64,
    /// The guest, unless erased.
    pub member: Option<i64>,
    /// Last name.
    pub last_name: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// How they are called on LINE.
    pub display_name: Option<String>,
    /// How far it came with them: the word that lists know.
    pub status: String,
    /// Why it came no further.
    pub reason: Option<String>,
    /// When LINE accepted it.
    pub sent_at: Option<DateTime<Utc>>,
    /// When they opened it, as inferred.
    pub opened_at: Option<DateTime<Utc>>,
    /// When they tapped something in it.
    pub clicked_at: Option<DateTime<Utc>>,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageLine {
    /// Its number.
    pub id: i64,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// The stored word.
    pub direction: String,
    /// The guest.
    pub member: i64,
    /// Last name.
    pub last_name: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// How they are called on LINE.
    pub display_name: Option<String>,
    /// The stored word.
    pub message_type: String,
    /// The words.
    pub content: String,
    /// The stored word.
    pub sender_type: Option<String>,
    /// The colleague who wrote it.
    pub sender_name: Option<String>,
    /// The stored word.
    pub status: String,
    /// When it was read.
    pub read_at: Option<DateTime<Utc>>,
}

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagLine {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The stored word.
    pub kind: String,
    /// The stored word.
    pub source: String,
    /// What it is meant for.
    pub description: Option<String>,
    /// Who wears it.
    pub members: i64,
    /// How often it was triggered.
    pub triggered: i64,
    /// Since when it is there.
    pub created_at: DateTime<Utc>,
}

/// Rows for sheets, page after page: a page costs what stands in it and nothing of what stands
/// before it. Rows that come or go meanwhile may be in or not; what stays is in once.
#[async_trait]
pub trait ExportRows: Send + Sync {
    /// Guests by number; those who joined in a stretch of time by when they did.
    ///
    /// # Errors
    /// The storage's.
    async fn members(
        &self,
        joined: Option<Stretch>,
        after: Option<Place>,
        limit: u32,
    ) -> Result<Vec<MemberLine>, StoreError>;

    /// How many that will be, about.
    ///
    /// # Errors
    /// The storage's.
    async fn count_members(&self, joined: Option<Stretch>) -> Result<u64, StoreError>;

    /// Everybody a campaign was planned for, by row, after the one with that number.
    ///
    /// # Errors
    /// The storage's.
    async fn recipients(
        &self,
        campaign: CampaignId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<RecipientLine>, StoreError>;

    /// How many that will be, about.
    ///
    /// # Errors
    /// The storage's.
    async fn count_recipients(&self, campaign: CampaignId) -> Result<u64, StoreError>;

    /// The messages of a stretch of time, the oldest first.
    ///
    /// # Errors
    /// The storage's.
    async fn messages(
        &self,
        written: Stretch,
        after: Option<Place>,
        limit: u32,
    ) -> Result<Vec<MessageLine>, StoreError>;

    /// How many that will be, about.
    ///
    /// # Errors
    /// The storage's.
    async fn count_messages(&self, written: Stretch) -> Result<u64, StoreError>;

    /// Tags, after the one with that number.
    ///
    /// # Errors
    /// The storage's.
    async fn tags(&self, after: i64, limit: u32) -> Result<Vec<TagLine>, StoreError>;

    /// How many there are.
    ///
    /// # Errors
    /// The storage's.
    async fn count_tags(&self) -> Result<u64, StoreError>;
}
