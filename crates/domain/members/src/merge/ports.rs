use crate::MemberRecord;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{CampaignId, MemberId, MergeId, StoreError, TagId, UserId};
use std::collections::BTreeMap;

/// A merge that is not stored yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMerge {
    /// The member that stays (`kept_member_id`).
    pub kept: MemberId,
    /// The member that goes (`from_member_id`).
    pub from: MemberId,
    /// Who decided it.
    pub merged_by: Option<UserId>,
    /// When.
    pub merged_at: DateTime<Utc>,
}

/// A merge as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Merge {
    /// The id.
    pub id: MergeId,
    /// Between whom, by whom and when.
    pub new: NewMerge,
    /// What undoing needs, as JSON; empty once that is no longer possible. Personal data.
    pub record: Option<String>,
    /// When it was undone.
    pub undone_at: Option<DateTime<Utc>>,
}

/// A tag and since when it was worn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaggedAt {
    /// Which tag.
    pub tag: TagId,
    /// Since when.
    pub at: DateTime<Utc>,
}

/// What a merge dropped because the kept member had the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Absorbed {
    /// The tags of the member that went, with their own times, in the order of their ids.
    pub dropped_tags: Vec<TaggedAt>,
}

/// What became of one row in a merge: the words of `member_merge_moves.what`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MergeMove {
    /// A worn tag changed hands; `row_id` is the tag's id.
    Tag,
    /// A tag that both wore was taken off the one that went; `row_id` is the tag's id.
    TagDropped,
    /// A stay changed hands.
    Stay,
    /// A message changed hands.
    Message,
    /// A note about the conversation changed hands.
    Note,
    /// A recipient of a campaign changed hands.
    Recipient,
    /// A recipient of a campaign that has the kept member too lost its member.
    RecipientLeft,
    /// A line of the tag trigger log changed hands.
    TriggerLog,
    /// A guest of the hotel's own system is linked to the other one.
    PmsGuest,
    /// A guest to be decided about may be the other one; `row_id` is the review's id.
    PmsCandidate,
    /// A guest to be decided about might have been either of the two; `row_id` is the review's
    /// id.
    PmsCandidateBoth,
    /// A guest was decided to be the one that went; `row_id` is the review's id.
    PmsDecision,
}

impl MergeMove {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Tag,
        Self::TagDropped,
        Self::Stay,
        Self::Message,
        Self::Note,
        Self::Recipient,
        Self::RecipientLeft,
        Self::TriggerLog,
        Self::PmsGuest,
        Self::PmsCandidate,
        Self::PmsCandidateBoth,
        Self::PmsDecision,
    ];

    /// The stored word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::TagDropped => "tag_dropped",
            Self::Stay => "stay",
            Self::Message => "message",
            Self::Note => "note",
            Self::Recipient => "recipient",
            Self::RecipientLeft => "recipient_left",
            Self::TriggerLog => "trigger_log",
            Self::PmsGuest => "pms_guest",
            Self::PmsCandidate => "pms_candidate",
            Self::PmsCandidateBoth => "pms_candidate_both",
            Self::PmsDecision => "pms_decision",
        }
    }
}

/// Merges, and the rows of any table that change hands with them.
///
/// Use-cases lock the members first, the smaller id first; then the methods here lock tags in
/// the order of their ids. Undoing finds (and so locks) the merge before the members.
/// To add a method, write its promise in `tests/ports` first, then memory and database.
#[async_trait]
pub trait MergeRepository: Send {
    /// Stores a merge without a record and answers the id it got. Does not look at the members.
    ///
    /// # Errors
    /// The storage's.
    async fn insert(&mut self, new: &NewMerge) -> Result<MergeId, StoreError>;

    /// The merge with this id, locked.
    ///
    /// # Errors
    /// The storage's.
    async fn find(&mut self, id: MergeId) -> Result<Option<Merge>, StoreError>;

    /// A campaign that is being sent to one of these members: the member is a recipient who is
    /// not settled, of a batch that was begun and is not through. Locks all rows of recipients
    /// of these members, whose own rows are locked by the caller; a batch locks those of its
    /// recipients before it is begun, so that none of theirs begins before the unit of work ends.
    ///
    /// # Errors
    /// The storage's.
    async fn campaign_under_way(
        &mut self,
        members: &[MemberId],
    ) -> Result<Option<CampaignId>, StoreError>;

    /// Whom a member went into by a merge that was not undone.
    ///
    /// # Errors
    /// The storage's.
    async fn became(&mut self, member: MemberId) -> Result<Option<MemberId>, StoreError>;

    /// The last merge that this member was kept in and that was not undone. The member is
    /// locked by the caller.
    ///
    /// # Errors
    /// The storage's.
    async fn last_into(&mut self, kept: MemberId) -> Result<Option<MergeId>, StoreError>;

    /// Keeps `record` with a merge, in place of any before.
    ///
    /// # Errors
    /// `Reference` when there is no such merge, else the storage's.
    async fn keep_record(&mut self, id: MergeId, record: &str) -> Result<(), StoreError>;

    /// How many rows of each kind are written down for a merge; kinds without any are left out.
    ///
    /// # Errors
    /// The storage's.
    async fn count_moves(&mut self, id: MergeId) -> Result<BTreeMap<MergeMove, u64>, StoreError>;

    /// Hands everything of `from` over to `kept`, writes down each row (`member_merge_moves`)
    /// and then deletes the row of `from` itself, so that its LINE account and id number are
    /// free. Both rows are locked by the caller; `kept`'s own row is not written. By set
    /// statements, in this order:
    ///
    /// 1. worn tags: those that both wear are taken off `from` (`tag_dropped`), and
    ///    `tags.member_count` of each goes down by one, never below zero; `kept` keeps its own
    ///    `tagged_at`. The others change `member_id` and keep `tagged_at` (`tag`).
    /// 2. stays (`stay`), messages (`message`) and notes about the conversation (`note`) change
    ///    `member_id`. Both conversations become `kept`'s: its figures are counted anew, and
    ///    whoever looked after `kept` goes on to, else whoever looked after `from`.
    /// 3. recipients: where `kept` is a recipient of the same campaign, `member_id` of `from`'s
    ///    row becomes null and all else stays (`recipient_left`); the others change `member_id`
    ///    (`recipient`). Figures of campaigns do not move.
    /// 4. lines of the tag trigger log: those that count once (`once_key`) and of which `kept`
    ///    has one of the same tag and campaign stay with the id of `from` and are not written
    ///    down; all others change `member_id`, and `once_key` is written anew for `kept`
    ///    (`trigger_log`). `tags.trigger_count` does not move: the number of lines is the same.
    /// 5. guests of the hotel's own system that are linked to `from` become `kept`'s
    ///    (`pms_guest`); so do decisions that named `from` (`pms_decision`) and guests who may be
    ///    `from` (`pms_candidate`), but where they may be `kept` as well, `from` is named no more
    ///    (`pms_candidate_both`).
    /// 6. answers to what `from` wrote become `kept`'s for good.
    /// 7. the row of `from` is deleted. Records of merges stay, unlike in
    ///    [`crate::MemberRepository::delete`]'s story.
    ///
    /// # Errors
    /// `Reference` when the merge or one of the members does not exist, else the storage's.
    async fn absorb(
        &mut self,
        merge: MergeId,
        kept: MemberId,
        from: MemberId,
    ) -> Result<Absorbed, StoreError>;

    /// Stores a member again under the id it had. Ids are never given twice, so it is free.
    ///
    /// # Errors
    /// `Duplicate` of `member_line_uid` or `member_id_number` when somebody has the value now,
    /// else the storage's.
    async fn restore(&mut self, id: MemberId, record: &MemberRecord) -> Result<(), StoreError>;

    /// Hands the rows that `merge` moved back from `kept` to `from`, which exists again, as far
    /// as they still are `kept`'s; forgets the moves. In the order of [`absorb`](Self::absorb):
    ///
    /// 1. `tag`: if `kept` wears it, it goes over with its `tagged_at`. `tag_dropped`: if `kept`
    ///    still wears it, `from` wears it too, since the time in `dropped_tags`, and
    ///    `tags.member_count` goes up by one. Tags that exist no more are left out.
    /// 2. `stay`, `message`, `note`, `recipient`: rows that still have `member_id = kept`. The
    ///    figures of both conversations are counted anew; whoever looks after `kept` looks after
    ///    both.
    /// 3. `recipient_left`: rows whose `member_id` is still null.
    /// 4. `trigger_log`: rows that still have `member_id = kept`; `once_key` is written anew for
    ///    `from`.
    /// 5. `pms_guest`, `pms_candidate` and `pms_decision`: those that still name `kept`; stays
    ///    that came with those guests since go with them.
    ///    `pms_candidate_both`: where `kept` is still named, `from` is named too.
    /// 6. the moves of this merge are deleted.
    ///
    /// # Errors
    /// `Reference` when one of the members does not exist, else the storage's.
    async fn give_back(
        &mut self,
        merge: MergeId,
        kept: MemberId,
        from: MemberId,
        dropped_tags: &[TaggedAt],
    ) -> Result<(), StoreError>;

    /// Marks a merge as undone and empties its record. Answers whether it was not yet.
    ///
    /// # Errors
    /// The storage's.
    async fn mark_undone(
        &mut self,
        id: MergeId,
        by: Option<UserId>,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// Empties the record of every merge that kept this member or took it away, and deletes its
    /// moves. Answers those who went into this member by merges that were not undone.
    ///
    /// # Errors
    /// The storage's.
    async fn forget_member(&mut self, member: MemberId) -> Result<Vec<MemberId>, StoreError>;

    /// Empties the records of at most `limit` merges made before `before`, oldest first, and
    /// deletes their moves. Answers how many there were; fewer than `limit` means no more.
    ///
    /// # Errors
    /// The storage's.
    async fn forget_before(&mut self, before: DateTime<Utc>, limit: u32)
    -> Result<u64, StoreError>;
}

impl std::fmt::Debug for Merge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Merge({})", self.id)
    }
}
