use super::{BookedStay, Brought, Changes, Conversion, SentTo};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{CampaignId, MemberId, StoreError, Transaction};
use std::collections::BTreeMap;

/// A note that a guest's conversions are to be looked at again. A guest may have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marked {
    /// The note.
    pub mark: i64,
    /// Whose.
    pub member: MemberId,
}

/// All that decides about the conversions of one guest, and what is kept of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestHistory {
    /// Who.
    pub member: MemberId,
    /// What campaigns sent them.
    pub sends: Vec<SentTo>,
    /// Their stays of which is known when they were booked.
    pub stays: Vec<BookedStay>,
    /// Their kept conversions, by recipient.
    pub kept: Vec<Conversion>,
}

/// Where conversions are kept. Only one unit of work at a time has it: the others wait for the
/// first one's end. Whoever changes stays, or whose they are, writes the marks in the same unit
/// of work, without waiting.
#[async_trait]
pub trait ConversionRepository: Send {
    /// Waits until nobody else counts; then the oldest marks.
    ///
    /// # Errors
    /// The storage's.
    async fn marked(&mut self, limit: u32) -> Result<Vec<Marked>, StoreError>;

    /// The history of each of these guests who has one, by member.
    ///
    /// # Errors
    /// The storage's.
    async fn histories(&mut self, members: &[MemberId]) -> Result<Vec<GuestHistory>, StoreError>;

    /// Whether nobody else counts at this moment.
    ///
    /// # Errors
    /// The storage's.
    async fn is_free(&mut self) -> Result<bool, StoreError>;

    /// Writes changes to conversions and to what campaigns brought; the figures are left to the
    /// caller.
    ///
    /// # Errors
    /// The storage's.
    async fn change(&mut self, changes: &Changes) -> Result<(), StoreError>;

    /// Takes marks away; those written meanwhile stay.
    ///
    /// # Errors
    /// The storage's.
    async fn unmark(&mut self, marks: &[Marked]) -> Result<(), StoreError>;

    /// Marks every guest with a stay booked since then.
    ///
    /// # Errors
    /// The storage's.
    async fn mark_booked_since(&mut self, since: DateTime<Utc>) -> Result<u64, StoreError>;

    /// Marks every guest with a booked stay, or with a conversion.
    ///
    /// # Errors
    /// The storage's.
    async fn mark_everybody(&mut self) -> Result<u64, StoreError>;

    /// Waits until nobody else counts; then adds up anew what the campaigns brought. Answers how
    /// many campaigns were wrong.
    ///
    /// # Errors
    /// The storage's.
    async fn add_up_campaigns(&mut self) -> Result<u64, StoreError>;
}

/// A unit of work with conversions.
pub trait ConversionsTx: Transaction {
    /// The conversions.
    fn conversions(&mut self) -> &mut dyn ConversionRepository;
}

/// Looking without writing.
#[async_trait]
pub trait ConversionQueries: Send + Sync {
    /// The histories of the next guests after `after` who have a booked stay or a conversion, by
    /// member.
    ///
    /// # Errors
    /// The storage's.
    async fn histories_after(
        &self,
        after: MemberId,
        limit: u32,
    ) -> Result<Vec<GuestHistory>, StoreError>;

    /// What each campaign is said to have brought, and what its conversions add up to; only
    /// those where the two differ.
    ///
    /// # Errors
    /// The storage's.
    async fn campaigns_that_differ(
        &self,
    ) -> Result<BTreeMap<CampaignId, (Brought, Brought)>, StoreError>;
}
