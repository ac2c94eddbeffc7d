use crate::http::problem::ApiError;
use crate::http::wire::{TagSource, TagType, mapped, patch, required};
use chrono::{DateTime, Utc};
use crm_kernel::{CampaignId, Patch};
use crm_tags::TagRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A tag to be created.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "新標籤", "type": "member", "source": "manual", "description": "標籤描述"
}))]
pub(crate) struct CreateTag {
    /// At most 50 characters, no commas; unique.
    name: String,
    #[serde(rename = "type")]
    kind: TagType,
    /// `manual` when not said.
    source: Option<TagSource>,
    description: Option<String>,
    /// The campaign an interaction tag belongs to.
    campaign_id: Option<i64>,
}

impl From<CreateTag> for crm_tags::CreateTag {
    fn from(body: CreateTag) -> Self {
        Self {
            name: body.name,
            kind: body.kind.into(),
            source: body.source.map(Into::into),
            description: body.description,
            campaign_id: body.campaign_id.map(CampaignId::new),
        }
    }
}

/// Changes to a tag: absent fields stay, null clears.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "VIP", "description": null}))]
pub(crate) struct UpdateTag {
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>)]
    name: Patch<String>,
    /// May be repeated, not changed.
    #[serde(default, rename = "type", deserialize_with = "patch")]
    #[schema(value_type = Option<TagType>)]
    kind: Patch<TagType>,
    /// May be repeated, not changed.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<TagSource>)]
    source: Patch<TagSource>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>)]
    description: Patch<String>,
    /// Set once.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<i64>)]
    campaign_id: Patch<i64>,
}

impl TryFrom<UpdateTag> for crm_tags::UpdateTag {
    type Error = ApiError;

    fn try_from(body: UpdateTag) -> Result<Self, ApiError> {
        Ok(Self {
            name: body.name,
            kind: required("type", body.kind)?.map(Into::into),
            source: required("source", body.source)?.map(Into::into),
            description: body.description,
            campaign_id: mapped(body.campaign_id, CampaignId::new),
        })
    }
}

/// A tag.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 1, "name": "VIP會員", "type": "member", "source": "api", "description": null,
    "campaign_id": null, "member_count": 128, "trigger_count": 0,
    "created_at": "2024-01-01T00:00:00Z", "updated_at": null
}))]
pub(crate) struct Tag {
    id: i64,
    name: String,
    #[serde(rename = "type")]
    kind: TagType,
    source: TagSource,
    description: Option<String>,
    campaign_id: Option<i64>,
    /// Members who wear it now.
    member_count: u64,
    /// How often it was triggered: once per distinct member and campaign, or single message.
    trigger_count: u64,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

impl From<TagRow> for Tag {
    fn from(row: TagRow) -> Self {
        Self {
            id: row.id.get(),
            name: row.name,
            kind: row.kind.into(),
            source: row.source.into(),
            description: row.description,
            campaign_id: row.campaign_id.map(CampaignId::get),
            member_count: row.member_count,
            trigger_count: row.trigger_count,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// Totals over all tags.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "total_tags": 42, "member_tags": 18, "interaction_tags": 24,
    "most_used_tag": {"id": 1, "name": "VIP會員", "member_count": 128}
}))]
pub(crate) struct TagStatistics {
    total_tags: u64,
    member_tags: u64,
    interaction_tags: u64,
    most_used_tag: Option<MostUsedTag>,
}

/// The tag most members wear.
#[derive(Serialize, ToSchema)]
pub(crate) struct MostUsedTag {
    id: i64,
    name: String,
    member_count: u64,
}

impl From<crm_tags::TagStatistics> for TagStatistics {
    fn from(totals: crm_tags::TagStatistics) -> Self {
        Self {
            total_tags: totals.total_tags,
            member_tags: totals.member_tags,
            interaction_tags: totals.interaction_tags,
            most_used_tag: totals.most_used_tag.map(|tag| MostUsedTag {
                id: tag.id.get(),
                name: tag.name,
                member_count: tag.member_count,
            }),
        }
    }
}
