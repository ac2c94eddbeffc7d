use crate::http::wire::TriggerSource;
use chrono::{DateTime, Utc};
use crm_kernel::MessageId;
use crm_members::shown_name;
use crm_tags::TriggerRow;
use serde::Serialize;
use utoipa::ToSchema;

/// A line of a tag's trigger log.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "member": {"id": 7, "name": "王小明"}, "campaign": {"id": 3, "title": "中秋送禮"},
    "message_id": null, "item": 2, "label": "立即訂房", "source": "click",
    "triggered_at": "2025-10-02T14:32:00Z"
}))]
pub(crate) struct TagTrigger {
    /// Who got the tag; null when they were deleted since.
    member: Option<TriggerMember>,
    /// The campaign they answered.
    campaign: Option<TriggerCampaign>,
    /// The single message they answered.
    message_id: Option<i64>,
    /// The number of what they tapped: the template's buttons, then each card's picture and
    /// buttons, from 1.
    item: Option<u16>,
    /// What the button says, or the title of the card.
    label: Option<String>,
    source: TriggerSource,
    triggered_at: DateTime<Utc>,
}

/// The guest of a line.
#[derive(Serialize, ToSchema)]
pub(crate) struct TriggerMember {
    id: i64,
    /// How they are named on screens.
    name: Option<String>,
}

/// The campaign of a line.
#[derive(Serialize, ToSchema)]
pub(crate) struct TriggerCampaign {
    id: i64,
    title: String,
}

impl From<TriggerRow> for TagTrigger {
    fn from(row: TriggerRow) -> Self {
        let (item, label) = match row.touched {
            Some(touched) => (Some(touched.item), touched.label),
            None => (None, None),
        };
        Self {
            member: row.member.map(|member| TriggerMember {
                id: member.id.get(),
                name: shown_name(
                    member.first_name.as_deref(),
                    member.last_name.as_deref(),
                    member.display_name.as_deref(),
                ),
            }),
            campaign: row.campaign.map(|campaign| TriggerCampaign {
                id: campaign.id.get(),
                title: campaign.title,
            }),
            message_id: row.message_id.map(MessageId::get),
            item,
            label,
            source: row.source.into(),
            triggered_at: row.at,
        }
    }
}
