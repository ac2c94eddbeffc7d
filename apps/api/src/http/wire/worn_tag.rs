use super::TagType;
use serde::Serialize;
use utoipa::ToSchema;

/// A tag that a member wears.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": 1, "name": "VIP會員", "type": "member"}))]
pub(crate) struct WornTag {
    id: i64,
    name: String,
    #[serde(rename = "type")]
    kind: TagType,
}

impl From<crm_members::WornTag> for WornTag {
    fn from(tag: crm_members::WornTag) -> Self {
        Self {
            id: tag.id.get(),
            name: tag.name,
            kind: match tag.kind {
                crm_members::WornTagKind::Member => TagType::Member,
                crm_members::WornTagKind::Interaction => TagType::Interaction,
            },
        }
    }
}

impl From<crm_tags::WornTag> for WornTag {
    fn from(tag: crm_tags::WornTag) -> Self {
        Self {
            id: tag.id.get(),
            name: tag.name,
            kind: tag.kind.into(),
        }
    }
}
