use crate::{Tag, TagError, TagKind, TagSource, Tags, Touched, TriggerSource};
use chrono::{DateTime, Utc};
use crm_kernel::{CampaignId, MemberId, MessageId, Page, PageRequest, TagId};

/// Which tags a list shows; every part narrows it, an empty part does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagFilter {
    /// This kind.
    pub kind: Option<TagKind>,
    /// Text anywhere in the name, capitals or not; text is data, nothing in it has a meaning of
    /// its own.
    pub search: Option<String>,
    /// Interaction tags of this campaign.
    pub campaign_id: Option<CampaignId>,
}

/// A tag on a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagRow {
    /// The id.
    pub id: TagId,
    /// The name.
    pub name: String,
    /// The kind.
    pub kind: TagKind,
    /// Who thought of it.
    pub source: TagSource,
    /// What it is meant for.
    pub description: Option<String>,
    /// The campaign it belongs to.
    pub campaign_id: Option<CampaignId>,
    /// Members who wear it now.
    pub member_count: u64,
    /// Distinct (member, campaign) that triggered it.
    pub trigger_count: u64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was changed.
    pub updated_at: Option<DateTime<Utc>>,
}

impl From<&Tag> for TagRow {
    fn from(tag: &Tag) -> Self {
        let record = tag.record();
        Self {
            id: tag.id(),
            name: record.name.as_str().to_owned(),
            kind: record.kind,
            source: record.source,
            description: record.description.as_ref().map(|d| d.as_str().to_owned()),
            campaign_id: record.campaign_id,
            member_count: record.member_count,
            trigger_count: record.trigger_count,
            created_at: record.created_at,
            updated_at: record.updated_at,
        }
    }
}

/// A tag that a member wears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WornTag {
    /// The id.
    pub id: TagId,
    /// The name.
    pub name: String,
    /// The kind.
    pub kind: TagKind,
    /// Since when.
    pub tagged_at: DateTime<Utc>,
}

/// Totals over all tags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagStatistics {
    /// Tags of both kinds.
    pub total_tags: u64,
    /// Member tags.
    pub member_tags: u64,
    /// Interaction tags.
    pub interaction_tags: u64,
    /// The tag most members wear, of either kind; of several the oldest. None without tags.
    pub most_used_tag: Option<MostUsedTag>,
}

/// The tag most members wear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MostUsedTag {
    /// The id.
    pub id: TagId,
    /// The name.
    pub name: String,
    /// How many wear it.
    pub member_count: u64,
}

/// A line of the trigger log on a screen.
#[derive(Clone, PartialEq, Eq)]
pub struct TriggerRow {
    /// Who got the tag; none when they were deleted since.
    pub member: Option<TriggerMember>,
    /// The campaign they answered, unless it was deleted since.
    pub campaign: Option<TriggerCampaign>,
    /// The single message they answered.
    pub message_id: Option<MessageId>,
    /// What they tapped.
    pub touched: Option<Touched>,
    /// What put the tag on.
    pub source: TriggerSource,
    /// When.
    pub at: DateTime<Utc>,
}

/// Names of guests do not belong in logs.
impl std::fmt::Debug for TriggerRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let member = self.member.as_ref().map(|member| member.id);
        write!(
            f,
            "TriggerRow({member:?}, {}, {})",
            self.source.as_str(),
            self.at
        )
    }
}

/// The guest of a line; how they are named follows from these pieces.
#[derive(Clone, PartialEq, Eq)]
pub struct TriggerMember {
    /// Their id.
    pub id: MemberId,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// The name they gave themself at LINE.
    pub display_name: Option<String>,
}

/// The campaign of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriggerCampaign {
    /// Its id.
    pub id: CampaignId,
    /// Its title.
    pub title: String,
}

impl Tags {
    /// A page of a tag's trigger log, newest first.
    ///
    /// # Errors
    /// `tag_not_found`, or the store's.
    pub async fn triggers(
        &self,
        id: TagId,
        page: PageRequest,
    ) -> Result<Page<TriggerRow>, TagError> {
        if self.queries.detail(id).await?.is_none() {
            return Err(TagError::NotFound);
        }
        Ok(self.queries.triggers(id, page).await?)
    }

    /// A page of tags.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(
        &self,
        filter: &TagFilter,
        page: PageRequest,
    ) -> Result<Page<TagRow>, TagError> {
        Ok(self.queries.list(filter, page).await?)
    }

    /// One tag.
    ///
    /// # Errors
    /// `tag_not_found`, or the store's.
    pub async fn get(&self, id: TagId) -> Result<TagRow, TagError> {
        self.queries.detail(id).await?.ok_or(TagError::NotFound)
    }

    /// The tags a member wears.
    ///
    /// # Errors
    /// The store's.
    pub async fn of_member(&self, member: MemberId) -> Result<Vec<WornTag>, TagError> {
        Ok(self.queries.of_member(member).await?)
    }

    /// Totals over all tags.
    ///
    /// # Errors
    /// The store's.
    pub async fn statistics(&self) -> Result<TagStatistics, TagError> {
        Ok(self.queries.statistics().await?)
    }
}
