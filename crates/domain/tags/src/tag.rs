use crate::{Description, TagKind, TagName, TagSource};
use chrono::{DateTime, Utc};
use crm_kernel::{CampaignId, TagId};

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    id: TagId,
    record: TagRecord,
}

/// A tag that is not stored yet, and so has no id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTag(TagRecord);

/// A tag as storage keeps it: what an adapter writes and reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagRecord {
    /// The name, unique within [`Tag::scope`] by its [`TagName::name_key`].
    pub name: TagName,
    /// The kind.
    pub kind: TagKind,
    /// Who thought of it.
    pub source: TagSource,
    /// What it is meant for.
    pub description: Option<Description>,
    /// The campaign an interaction tag belongs to; set once.
    pub campaign_id: Option<CampaignId>,
    /// Members who wear it now; only [`crate::TagRepository::adjust_member_count`] moves it.
    pub member_count: u64,
    /// Distinct (member, campaign) that triggered it; only
    /// [`crate::TagRepository::adjust_trigger_count`] moves it.
    pub trigger_count: u64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When name, description or campaign changed.
    pub updated_at: Option<DateTime<Utc>>,
}

/// Among which tags a name is unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NameScope {
    /// All member tags.
    Member,
    /// The interaction tags of one campaign, or those of none.
    Interaction(Option<CampaignId>),
}

impl TagRecord {
    /// Among which tags the name is unique.
    #[must_use]
    pub const fn scope(&self) -> NameScope {
        match self.kind {
            TagKind::Member => NameScope::Member,
            TagKind::Interaction => NameScope::Interaction(self.campaign_id),
        }
    }
}

impl NewTag {
    pub(crate) const fn new(record: TagRecord) -> Self {
        Self(record)
    }

    /// What to store.
    #[must_use]
    pub const fn record(&self) -> &TagRecord {
        &self.0
    }

    pub(crate) fn stored_as(self, id: TagId) -> Tag {
        Tag { id, record: self.0 }
    }
}

impl Tag {
    /// A tag as it was stored.
    #[must_use]
    pub const fn from_stored(id: TagId, record: TagRecord) -> Self {
        Self { id, record }
    }

    /// What to store.
    #[must_use]
    pub const fn record(&self) -> &TagRecord {
        &self.record
    }

    /// The id.
    #[must_use]
    pub const fn id(&self) -> TagId {
        self.id
    }

    /// The name.
    #[must_use]
    pub const fn name(&self) -> &TagName {
        &self.record.name
    }

    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> TagKind {
        self.record.kind
    }

    /// Among which tags the name is unique.
    #[must_use]
    pub const fn scope(&self) -> NameScope {
        self.record.scope()
    }

    /// Whether only the hotel's own systems may rename it, delete it, put it on and take it off.
    #[must_use]
    pub const fn is_read_only(&self) -> bool {
        matches!(self.record.source, TagSource::Api)
    }

    /// Replaces what may change. Answers whether anything differs.
    pub(crate) fn become_record(&mut self, record: TagRecord, now: DateTime<Utc>) -> bool {
        if record == self.record {
            return false;
        }
        self.record = TagRecord {
            updated_at: Some(now),
            ..record
        };
        true
    }
}
