use crate::{
    NameScope, NewTag, Tag, TagFilter, TagRow, TagStatistics, TriggerLog, TriggerRow, WornTag,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{
    CampaignId, MemberId, Page, PageRequest, StoreError, TagId, TemplateId, Transaction,
};

/// A unit of work that can change tags.
pub trait TagsTx: Transaction {
    /// The tags as this unit of work sees them.
    fn tags(&mut self) -> &mut dyn TagRepository;
}

/// What still names a tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagUses {
    /// Templates that put it on whoever taps, themselves or with a card or button of theirs.
    pub templates: Vec<TemplateId>,
    /// Campaigns not sent yet whose audience names it.
    pub campaigns: Vec<CampaignId>,
}

impl TagUses {
    /// Whether nothing names it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.templates.is_empty() && self.campaigns.is_empty()
    }
}

/// Tags and who wears them, for decisions: finds lock the row until the unit of work ends.
/// Use-cases lock the member first, then tags in the order of their ids.
///
/// One rule is unique and answers `StoreError::Duplicate`: `tag_name` (scope and name key).
/// To add a method, write its promise in `tests/ports` first, then memory and database.
#[async_trait]
pub trait TagRepository: Send {
    /// Stores a tag and answers the id it got.
    ///
    /// # Errors
    /// `Duplicate` of `tag_name`, `Reference` when the campaign does not exist, else the
    /// storage's.
    async fn insert(&mut self, new: &NewTag) -> Result<TagId, StoreError>;

    /// The tag with this id, locked.
    ///
    /// # Errors
    /// The storage's.
    async fn find(&mut self, id: TagId) -> Result<Option<Tag>, StoreError>;

    /// Those of these tags that exist, in the order of their ids, locked.
    ///
    /// # Errors
    /// The storage's.
    async fn find_many(&mut self, ids: &[TagId]) -> Result<Vec<Tag>, StoreError>;

    /// Whether a tag other than `except` has this name in this scope.
    ///
    /// # Errors
    /// The storage's.
    async fn name_taken(
        &mut self,
        scope: NameScope,
        name_key: &str,
        except: Option<TagId>,
    ) -> Result<bool, StoreError>;

    /// Writes back name, description, campaign and time of change of a tag that was found in
    /// this unit of work; never the counts.
    ///
    /// # Errors
    /// `Duplicate` of `tag_name`, `Reference` when the campaign or the row itself does not
    /// exist, else the storage's.
    async fn update(&mut self, tag: &Tag) -> Result<(), StoreError>;

    /// Deletes a tag with its relations. Templates that named it name none afterwards; logs
    /// stay, with the name they kept. Answers whether there was one.
    ///
    /// # Errors
    /// The storage's.
    async fn delete(&mut self, id: TagId) -> Result<bool, StoreError>;

    /// What still names the tag.
    ///
    /// # Errors
    /// The storage's.
    async fn uses(&mut self, id: TagId) -> Result<TagUses, StoreError>;

    /// Whether there is a member with this id; locks the row, so that it stays.
    ///
    /// # Errors
    /// The storage's.
    async fn member_exists(&mut self, id: MemberId) -> Result<bool, StoreError>;

    /// Puts a tag on a member. Answers whether they did not wear it; wearing it already changes
    /// nothing, not even since when.
    ///
    /// # Errors
    /// `Reference` when either does not exist, else the storage's.
    async fn add_to_member(
        &mut self,
        member: MemberId,
        tag: TagId,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// Takes a tag off a member. Answers whether they wore it.
    ///
    /// # Errors
    /// The storage's.
    async fn remove_from_member(
        &mut self,
        member: MemberId,
        tag: TagId,
    ) -> Result<bool, StoreError>;

    /// The tags a member wears, in the order of their ids.
    ///
    /// # Errors
    /// The storage's.
    async fn worn_by(&mut self, member: MemberId) -> Result<Vec<TagId>, StoreError>;

    /// Those tags of a scope that have one of these name keys, in the order of their ids, locked.
    ///
    /// # Errors
    /// The storage's.
    async fn find_named(
        &mut self,
        scope: NameScope,
        name_keys: &[String],
    ) -> Result<Vec<Tag>, StoreError>;

    /// Which of these members wear which of these tags, by set statements.
    ///
    /// # Errors
    /// The storage's.
    async fn worn_among(
        &mut self,
        members: &[MemberId],
        tags: &[TagId],
    ) -> Result<Vec<(MemberId, TagId)>, StoreError>;

    /// Puts tags on members by set statements, and moves `member_count` by as many as did not
    /// wear theirs; since when others wear it stays. Members that do not exist are passed over.
    /// No pair is named twice. Nothing is written to the trigger log. Answers how many that were.
    ///
    /// # Errors
    /// `Reference` when a tag does not exist, else the storage's.
    async fn wear(
        &mut self,
        pairs: &[(MemberId, TagId)],
        at: DateTime<Utc>,
    ) -> Result<u64, StoreError>;

    /// Takes tags off members by set statements, and moves `member_count` by as many as wore
    /// theirs. No pair is named twice. Answers how many that were.
    ///
    /// # Errors
    /// The storage's.
    async fn take_off(&mut self, pairs: &[(MemberId, TagId)]) -> Result<u64, StoreError>;

    /// Moves `member_count` by `delta`, never below zero.
    ///
    /// # Errors
    /// The storage's.
    async fn adjust_member_count(&mut self, tag: TagId, delta: i64) -> Result<(), StoreError>;

    /// Writes down that a tag was triggered. Answers whether it counts: it is the first of this
    /// member, tag and campaign (or message, or of none). A later one is not written again. `Manual` is
    /// written each time, and neither counts nor keeps a later one from counting.
    ///
    /// # Errors
    /// `Reference` when the campaign does not exist, else the storage's.
    async fn add_trigger_log(&mut self, log: &TriggerLog) -> Result<bool, StoreError>;

    /// Moves `trigger_count` by `delta`, never below zero.
    ///
    /// # Errors
    /// The storage's.
    async fn adjust_trigger_count(&mut self, tag: TagId, delta: i64) -> Result<(), StoreError>;
}

/// Tags, for screens; never while a unit of work is open.
///
/// To add a method, write its promise in `tests/ports` first, then the database; the memory
/// adapter has no queries.
#[async_trait]
pub trait TagQueries: Send + Sync {
    /// A page of the tags that match every part of the filter, newest first.
    ///
    /// # Errors
    /// The storage's.
    async fn list(&self, filter: &TagFilter, page: PageRequest)
    -> Result<Page<TagRow>, StoreError>;

    /// One tag.
    ///
    /// # Errors
    /// The storage's.
    async fn detail(&self, id: TagId) -> Result<Option<TagRow>, StoreError>;

    /// The tags a member wears, in the order they were put on; empty also for nobody.
    ///
    /// # Errors
    /// The storage's.
    async fn of_member(&self, member: MemberId) -> Result<Vec<WornTag>, StoreError>;

    /// Totals over all tags.
    ///
    /// # Errors
    /// The storage's.
    async fn statistics(&self) -> Result<TagStatistics, StoreError>;

    /// A page of a tag's trigger log, the newest first; of two at one moment the one written
    /// later first. Empty for a tag that was never triggered.
    ///
    /// # Errors
    /// The storage's.
    async fn triggers(&self, id: TagId, page: PageRequest) -> Result<Page<TriggerRow>, StoreError>;
}
