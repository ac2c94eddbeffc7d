use crate::http::wire::{
    Day, Gender, LineState, MemberScores, MemberSource, Money, WornTag, mapped, patch,
};
use chrono::{DateTime, Utc};
use crm_kernel::Patch;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A guest as staff type them in. At least a name, e-mail address, phone or id number must say
/// who it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "email": "new.member@email.com", "phone": "0987-654-321", "first_name": "小華",
    "last_name": "李", "gender": "female", "id_number": "B987654321"
}))]
pub(crate) struct RegisterMember {
    first_name: Option<String>,
    last_name: Option<String>,
    gender: Option<Gender>,
    birthday: Option<Day>,
    email: Option<String>,
    phone: Option<String>,
    /// Identity or passport number; unique.
    id_number: Option<String>,
    /// Whether campaigns may be sent to them; yes when not said.
    accept_marketing: Option<bool>,
    notes: Option<String>,
}

impl From<RegisterMember> for crm_members::RegisterMember {
    fn from(body: RegisterMember) -> Self {
        Self {
            first_name: body.first_name,
            last_name: body.last_name,
            gender: body.gender.map(Into::into),
            birthday: body.birthday.map(|Day(day)| day),
            email: body.email,
            phone: body.phone,
            id_number: body.id_number,
            accept_marketing: body.accept_marketing,
            notes: body.notes,
        }
    }
}

/// Changes to a member: absent fields stay, null clears.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"phone": "0987-654-321", "birthday": null}))]
pub(crate) struct UpdateMember {
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>)]
    first_name: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>)]
    last_name: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<Gender>)]
    gender: Patch<Gender>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<Day>)]
    birthday: Patch<Day>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>)]
    email: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>)]
    phone: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>)]
    id_number: Patch<String>,
    /// Cannot be null.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<bool>)]
    accept_marketing: Patch<bool>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>)]
    notes: Patch<String>,
}

impl From<UpdateMember> for crm_members::UpdateMember {
    fn from(body: UpdateMember) -> Self {
        Self {
            first_name: body.first_name,
            last_name: body.last_name,
            gender: mapped(body.gender, Into::into),
            birthday: mapped(body.birthday, |Day(day)| day),
            email: body.email,
            phone: body.phone,
            id_number: body.id_number,
            accept_marketing: body.accept_marketing,
            notes: body.notes,
        }
    }
}

/// What staff should know about a member.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"notes": "常預訂商務房型，偏好高樓層"}))]
pub(crate) struct SetNotes {
    /// Null clears.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>, required)]
    pub(crate) notes: Patch<String>,
}

/// What staff should know about a member now.
#[derive(Serialize, ToSchema)]
pub(crate) struct MemberNotes {
    pub(crate) member_id: i64,
    pub(crate) notes: Option<String>,
}

/// Tags of either kind.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"tag_ids": [1, 2, 5]}))]
pub(crate) struct AddTags {
    /// At most 100.
    pub(crate) tag_ids: Vec<i64>,
}

/// The tags a member wears now.
#[derive(Serialize, ToSchema)]
pub(crate) struct MemberTags {
    pub(crate) member_id: i64,
    pub(crate) tags: Vec<WornTag>,
}

/// A member in the list.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 1, "line_uid": "U4af4980629d2f4f4a6b5e8d1c3a79b20", "line_display_name": "小明的日常",
    "line_picture_url": null, "line_state": "following", "first_name": "小明", "last_name": "王",
    "gender": "male", "email": "wang.ming@email.com", "phone": "0912-345-678", "source": "line",
    "accept_marketing": true, "tags": [{"id": 1, "name": "VIP會員", "type": "member"}],
    "created_at": "2024-08-15T14:30:00Z", "last_interaction_at": "2025-10-02T16:45:00Z"
}))]
pub(crate) struct MemberRow {
    id: i64,
    line_uid: Option<String>,
    line_display_name: Option<String>,
    line_picture_url: Option<String>,
    /// Whether messages arrive; null without a LINE account.
    line_state: Option<LineState>,
    first_name: Option<String>,
    last_name: Option<String>,
    gender: Option<Gender>,
    email: Option<String>,
    phone: Option<String>,
    source: MemberSource,
    accept_marketing: bool,
    tags: Vec<WornTag>,
    created_at: DateTime<Utc>,
    last_interaction_at: Option<DateTime<Utc>>,
}

impl From<crm_members::MemberRow> for MemberRow {
    fn from(row: crm_members::MemberRow) -> Self {
        Self {
            id: row.id.get(),
            line_uid: row.line_uid,
            line_display_name: row.line_display_name,
            line_picture_url: row.line_picture_url,
            line_state: row.line_state.map(Into::into),
            first_name: row.first_name,
            last_name: row.last_name,
            gender: row.gender.map(Into::into),
            email: row.email,
            phone: row.phone,
            source: row.source.into(),
            accept_marketing: row.accept_marketing,
            tags: row.tags.into_iter().map(Into::into).collect(),
            created_at: row.created_at,
            last_interaction_at: row.last_interaction_at,
        }
    }
}

/// All about one member.
#[derive(Serialize, ToSchema)]
pub(crate) struct MemberDetail {
    #[serde(flatten)]
    row: MemberRow,
    /// Since when they follow, or last followed.
    followed_at: Option<DateTime<Utc>>,
    /// Since when they no longer follow.
    unfollowed_at: Option<DateTime<Utc>>,
    birthday: Option<Day>,
    /// In full for those who may see it, `A12****789` for others.
    #[schema(example = "A12****789")]
    id_number: Option<String>,
    notes: Option<String>,
    consumption_summary: ConsumptionSummary,
    /// How they compare with all guests who have stayed, as it was worked out last night; null
    /// of whoever had not stayed by then.
    rfm: Option<MemberScores>,
    updated_at: Option<DateTime<Utc>>,
}

/// What a member spent on stays that took place.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"total_amount": 85600, "total_orders": 8, "average_amount": 10700}))]
pub(crate) struct ConsumptionSummary {
    total_amount: Money,
    total_orders: u64,
    average_amount: Money,
}

impl MemberDetail {
    /// The page, with as much of the id number as may be seen.
    pub(crate) fn new(member: crm_members::MemberDetail, id_number: Option<String>) -> Self {
        let spent = member.consumption_summary;
        Self {
            row: member.row.into(),
            followed_at: member.followed_at,
            unfollowed_at: member.unfollowed_at,
            birthday: member.birthday.map(Day),
            id_number,
            notes: member.notes,
            consumption_summary: ConsumptionSummary {
                total_amount: Money(spent.total_amount),
                total_orders: spent.total_orders,
                average_amount: Money(spent.average_amount),
            },
            rfm: member.rfm.map(Into::into),
            updated_at: member.updated_at,
        }
    }
}
