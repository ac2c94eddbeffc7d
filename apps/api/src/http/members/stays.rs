use crate::http::answer::{ApiResult, Envelope, PageOf, created, success};
use crate::http::extract::{Allowed, Id, MembersRead, MembersWrite, Paging, Query, Valid};
use crate::http::problem::Problems;
use crate::http::wire::{Day, Moment, Money, StaySource};
use actix_web::web::Data;
use actix_web::{get, post};
use chrono::{DateTime, Utc};
use crm_bootstrap::Crm;
use crm_kernel::{HotelTime, MemberId};
use crm_members::StayRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A stay as staff type it in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "order_number": "#2025091501", "room_type": "商務雙人房", "amount": 18000,
    "check_in_date": "2025-09-15", "check_out_date": "2025-09-18"
}))]
pub(crate) struct RecordStay {
    /// At most 50 characters; unique among all stays.
    order_number: String,
    /// At most 100 characters.
    room_type: Option<String>,
    /// From 0 to 99999999.99.
    amount: Money,
    check_in_date: Day,
    /// Not before the arrival; the same day is no night.
    check_out_date: Day,
    booked_at: Option<Moment>,
}

impl RecordStay {
    /// The same in the words of the domain.
    fn into_command(self, hotel: HotelTime) -> crm_members::RecordStay {
        crm_members::RecordStay {
            order_number: self.order_number,
            room_type: self.room_type,
            amount_minor: self.amount.0,
            check_in_date: self.check_in_date.0,
            check_out_date: self.check_out_date.0,
            booked_at: self.booked_at.map(|moment| moment.utc(hotel)),
        }
    }
}

/// A stay. Those that are only booked are listed but not summed; those that were cancelled,
/// that nobody came to, or of which it cannot be told are neither.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 1, "order_number": "#2025091501", "room_type": "商務雙人房", "amount": 18000,
    "check_in_date": "2025-09-15", "check_out_date": "2025-09-18", "nights": 3,
    "source": "manual", "pms_status": null, "created_at": "2025-09-15T10:00:00Z"
}))]
pub(crate) struct Stay {
    id: i64,
    order_number: String,
    room_type: Option<String>,
    amount: Money,
    check_in_date: Option<Day>,
    check_out_date: Option<Day>,
    /// Nights between the two.
    nights: Option<u32>,
    source: StaySource,
    /// How it stands with the hotel's own system; null when that does not know it.
    pms_status: Option<String>,
    created_at: DateTime<Utc>,
}

impl From<StayRow> for Stay {
    fn from(row: StayRow) -> Self {
        Self {
            id: row.id.get(),
            order_number: row.order_number,
            room_type: row.room_type,
            amount: Money(row.amount_minor),
            check_in_date: row.check_in_date.map(Day),
            check_out_date: row.check_out_date.map(Day),
            nights: row.nights,
            source: row.source.into(),
            pms_status: row.pms_status,
            created_at: row.created_at,
        }
    }
}

/// A page of a member's stays, the last to arrive first.
#[utoipa::path(
    tag = "members",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The member"), Paging),
    responses((status = 200, description = "A page", body = Envelope<PageOf<Stay>>), Problems),
)]
#[get("/members/{id}/consumption-records")]
pub(super) async fn list_member_stays(
    _user: Allowed<MembersRead>,
    id: Id<MemberId>,
    paging: Query<Paging>,
    crm: Data<Crm>,
) -> ApiResult<PageOf<Stay>> {
    let page = crm.members.stays(id.0, paging.0.0).await?;
    Ok(success(PageOf::of(page, Stay::from)))
}

/// Write down a stay of a member.
#[utoipa::path(
    tag = "members",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The member")),
    request_body = RecordStay,
    responses((status = 201, description = "Written down", body = Envelope<Stay>), Problems),
)]
#[post("/members/{id}/consumption-records")]
pub(super) async fn record_member_stay(
    user: Allowed<MembersWrite>,
    id: Id<MemberId>,
    body: Valid<RecordStay>,
    crm: Data<Crm>,
) -> ApiResult<Stay> {
    let command = body.0.into_command(crm.hotel);
    let stay = crm
        .members
        .record_stay(&user.actor(), id.0, command)
        .await?;
    // A stay has no address of its own; it is found in the list.
    let list = format!("/api/v1/members/{}/consumption-records", id.0);
    Ok(created(list, stay.into()))
}
