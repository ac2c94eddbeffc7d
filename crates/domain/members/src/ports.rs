use crate::{
    FriendChange, Import, ImportRepository, LineUid, Member, MemberDetail, MemberFilter, MemberRow,
    MemberSort, MergeRepository, NewMember, NewStay, RowError, StayRow, TimelineEntry,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{
    HotelTime, ImportId, MemberId, Page, PageRequest, StayId, StoreError, Transaction,
};

/// A unit of work that can change members.
pub trait MembersTx: Transaction {
    /// The members as this unit of work sees them.
    fn members(&mut self) -> &mut dyn MemberRepository;

    /// The merges of members as this unit of work sees them.
    fn merges(&mut self) -> &mut dyn MergeRepository;

    /// The imports of members as this unit of work sees them.
    fn imports(&mut self) -> &mut dyn ImportRepository;
}

/// Members, for decisions: finds lock the row until the unit of work ends.
///
/// Three rules are unique and answer `StoreError::Duplicate`: `member_line_uid` (the LINE
/// account), `member_id_number` (the blind index) and `stay_order_number`. A failed insert leaves the unit of work usable.
/// To add a method, write its promise in `tests/ports` first, then memory and database.
#[async_trait]
pub trait MemberRepository: Send {
    /// Stores a member and answers the id it got.
    ///
    /// # Errors
    /// `Duplicate` of one of the member's two rules, else the storage's.
    async fn insert(&mut self, new: &NewMember) -> Result<MemberId, StoreError>;

    /// Stores many members and answers the ids they got, in their order. No two of them have a
    /// LINE account or an id number in common.
    ///
    /// # Errors
    /// `Duplicate` of one of the member's two rules, else the storage's. Some may be stored then:
    /// the unit of work is to be given up.
    async fn insert_many(&mut self, new: &[NewMember]) -> Result<Vec<MemberId>, StoreError> {
        let mut ids = Vec::with_capacity(new.len());
        for one in new {
            ids.push(self.insert(one).await?);
        }
        Ok(ids)
    }

    /// The member with this id, locked.
    ///
    /// # Errors
    /// The storage's.
    async fn find(&mut self, id: MemberId) -> Result<Option<Member>, StoreError>;

    /// The member with this LINE account, locked; capitals count. Sees what others committed
    /// before the call, also since the unit of work began.
    ///
    /// # Errors
    /// The storage's.
    async fn find_by_line_uid(&mut self, uid: &LineUid) -> Result<Option<Member>, StoreError>;

    /// Whether a member other than `except` has an id number under one of these blind indexes.
    ///
    /// # Errors
    /// The storage's.
    async fn id_number_taken(
        &mut self,
        blind_indexes: &[String],
        except: Option<MemberId>,
    ) -> Result<bool, StoreError>;

    /// Writes back a member that was found in this unit of work.
    ///
    /// # Errors
    /// `Duplicate` of one of the member's two rules, `Reference` when the row is gone, else the storage's.
    async fn update(&mut self, member: &Member) -> Result<(), StoreError>;

    /// Writes down for good that a friend was won or lost.
    ///
    /// # Errors
    /// `Reference` when there is no such member, else the storage's.
    async fn note_friend(&mut self, id: MemberId, change: FriendChange) -> Result<(), StoreError>;

    /// Deletes a member and, by their foreign keys, what cannot be without one: worn tags,
    /// stays, messages. Recipients of campaigns and tag logs stay and forget who it was.
    /// Answers whether there was one. What merges remember of the member is not touched:
    /// [`MergeRepository::forget_member`] empties that, and erasing a member does both.
    ///
    /// # Errors
    /// The storage's.
    async fn delete(&mut self, id: MemberId) -> Result<bool, StoreError>;

    /// Stores a stay and answers the id it got.
    ///
    /// # Errors
    /// `Duplicate` with the key `stay_order_number`, `Reference` when there is no such member,
    /// else the storage's.
    async fn insert_stay(&mut self, new: &NewStay) -> Result<StayId, StoreError>;
}

/// Members, for screens; never while a unit of work is open.
///
/// To add a method, write its promise in `tests/ports` first, then the database; the memory
/// adapter has no queries.
#[async_trait]
pub trait MemberQueries: Send + Sync {
    /// A page of the members that match every part of the filter, each once. Nulls come last in
    /// both directions, ties are ordered by id.
    ///
    /// # Errors
    /// The storage's.
    async fn list(
        &self,
        filter: &MemberFilter,
        sort: MemberSort,
        page: PageRequest,
    ) -> Result<Page<MemberRow>, StoreError>;

    /// All about one member.
    ///
    /// # Errors
    /// The storage's.
    async fn detail(&self, id: MemberId) -> Result<Option<MemberDetail>, StoreError>;

    /// Whether there is a member with this id.
    ///
    /// # Errors
    /// The storage's.
    async fn exists(&self, id: MemberId) -> Result<bool, StoreError>;

    /// A page of a member's stays, the last to arrive first; those without a day of arrival come
    /// last, ties are ordered by id, the newest first. Those that are `cancelled`, `no_show` or
    /// `unknown` are not among them. Empty for a member who does not exist.
    ///
    /// # Errors
    /// The storage's.
    async fn stays(&self, id: MemberId, page: PageRequest) -> Result<Page<StayRow>, StoreError>;

    /// A page of what happened with a member up to this moment, the latest first; of one moment the kind
    /// that stands later in [`crate::TimelineKind`] first, then the larger `subject_id`. Empty
    /// for a member who does not exist. Entries come from these rows, each with its own time:
    ///
    /// - `members` (this one): `created` at `created_at`, title the source's word; `followed` at
    ///   `followed_at` and `unfollowed` at `unfollowed_at` where those are set, title the LINE
    ///   name or empty. No `subject_id`.
    /// - `consumption_records` that are consumption (no `pms_status`, `checked_out` or
    ///   `in_house`), with a `check_in_date` that is not after the hotel's present day: `stay` at
    ///   the hotel's midnight of that day, title the order number, and after ` · ` the room type if there is one; `subject_id` the stay.
    /// - `tag_trigger_logs`: `tag` at `triggered_at`, title the kept tag name, ` · ` and the
    ///   source's word; `subject_id` the tag.
    /// - `campaign_recipients` with their campaign: `campaign_sent` at the row's `sent_at`, or
    ///   while the row is pending at the `finished_at` of its accepted batch; `campaign_opened`
    ///   at `opened_at`; `campaign_clicked` at `clicked_at`; each only where it is set. Title the
    ///   campaign's; `subject_id` the campaign.
    /// - `messages` that no campaign sent (`campaign_id` null): `message_incoming` or
    ///   `message_outgoing` at `sent_at`, or `created_at` when that is null; those that are
    ///   `pending` or `failed` are left out. Title the first 60 characters of `content`;
    ///   `subject_id` the message.
    /// - `member_merges` that this member was kept in and that were not undone: `merged` at
    ///   `merged_at`, title empty; `subject_id` the merge.
    ///
    /// # Errors
    /// The storage's.
    async fn timeline(
        &self,
        id: MemberId,
        at: (DateTime<Utc>, HotelTime),
        page: PageRequest,
    ) -> Result<Page<TimelineEntry>, StoreError>;

    /// One import.
    ///
    /// # Errors
    /// The storage's.
    async fn import(&self, id: ImportId) -> Result<Option<Import>, StoreError>;

    /// A page of the imports, the largest id first.
    ///
    /// # Errors
    /// The storage's.
    async fn imports(&self, page: PageRequest) -> Result<Page<Import>, StoreError>;

    /// A page of what is wrong with an import's rows, by row number, then by id. Empty for an
    /// import that does not exist.
    ///
    /// # Errors
    /// The storage's.
    async fn import_errors(
        &self,
        id: ImportId,
        page: PageRequest,
    ) -> Result<Page<RowError>, StoreError>;
}
