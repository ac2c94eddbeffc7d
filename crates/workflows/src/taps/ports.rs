use super::Click;
use crate::{BulkTagsTx, CrmTx};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::{CampaignId, MemberId, StoreError};
use crm_tags::{Tag, Touched};

/// Somebody who triggers a tag by a click.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Triggered {
    /// Who.
    pub member: MemberId,
    /// What they tapped.
    pub touched: Touched,
    /// When.
    pub at: DateTime<Utc>,
}

/// Clicks on tracked links, many at a time.
///
/// To add a method, write its promise in `tests/ports` first, then the database.
#[async_trait]
pub trait ClickRepository: Send {
    /// Writes down, under the number of their group, those clicks that are the first of their
    /// member on their link in a window of this length. Answers how many they are.
    ///
    /// # Errors
    /// The storage's.
    async fn put_down(
        &mut self,
        group: i64,
        clicks: &[Click],
        window: TimeDelta,
    ) -> Result<u64, StoreError>;

    /// The clicks of a group that are not recorded yet, in the order they were written, locked.
    ///
    /// # Errors
    /// The storage's.
    async fn waiting(&mut self, group: i64) -> Result<Vec<Click>, StoreError>;

    /// Marks the clicks of a group as recorded.
    ///
    /// # Errors
    /// The storage's.
    async fn recorded(&mut self, group: i64) -> Result<(), StoreError>;

    /// Marks those of these members as having clicked whom the campaign was sent to and who
    /// had not clicked before, and counts them. Answers all whom it was sent to, by id. Each
    /// member is named once.
    ///
    /// # Errors
    /// The storage's.
    async fn clicked(
        &mut self,
        campaign: CampaignId,
        members: &[(MemberId, DateTime<Utc>)],
    ) -> Result<Vec<MemberId>, StoreError>;

    /// Puts a tag, locked before, on members for what they tapped in a campaign, writes it down,
    /// and counts it once per member, tag and campaign. Each member is named once, exists and
    /// is locked.
    ///
    /// # Errors
    /// The storage's.
    async fn trigger(
        &mut self,
        tag: &Tag,
        campaign: CampaignId,
        members: &[Triggered],
    ) -> Result<(), StoreError>;

    /// Moves the last interaction of members forward to these times, never back. Each member is
    /// named once.
    ///
    /// # Errors
    /// The storage's.
    async fn interacted(&mut self, members: &[(MemberId, DateTime<Utc>)])
    -> Result<(), StoreError>;

    /// Forgets the clicks of a member.
    ///
    /// # Errors
    /// The storage's.
    async fn forget(&mut self, member: MemberId) -> Result<(), StoreError>;

    /// Deletes recorded clicks of before that time, at most so many; answers how many.
    ///
    /// # Errors
    /// The storage's.
    async fn prune(&mut self, before: DateTime<Utc>, most: u32) -> Result<u64, StoreError>;
}

/// A unit of work that can write clicks.
pub trait ClicksTx: CrmTx + BulkTagsTx {
    /// The clicks of this unit of work.
    fn clicks(&mut self) -> &mut dyn ClickRepository;
}
