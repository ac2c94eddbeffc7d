//! Stays of members, for the two ports of members.

use crate::sql::{Sql, known, page_of, sql};
use crate::{Database, DatabaseTx};
use chrono::{DateTime, NaiveDate, Utc};
use crm_kernel::{MemberId, Page, PageRequest, StayId, StoreError};
use crm_members::{NewStay, StayRow, StaySource};
use sea_orm::FromQueryResult;

/// Which stays took place: booked and cancelled ones are no consumption yet, or none at all.
pub(crate) const TOOK_PLACE: &str =
    "(pms_status IS NULL OR pms_status IN ('checked_out', 'in_house'))";

/// Which stays a member's list has: those that came to nothing leave it.
pub(crate) const LISTED: &str =
    "(pms_status IS NULL OR pms_status IN ('booked', 'checked_out', 'in_house'))";

/// Which stays may still be to come, should their day not have passed.
pub(crate) const EXPECTED: &str = "(pms_status IS NULL OR pms_status = 'booked')";

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    order_number: String,
    room_type: Option<String>,
    amount_minor: i64,
    check_in_date: Option<NaiveDate>,
    check_out_date: Option<NaiveDate>,
    nights: Option<i32>,
    source: String,
    pms_status: Option<String>,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for StayRow {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let nights = row
            .nights
            .map(|n| known(u32::try_from(n).ok(), "number of nights"));
        Ok(Self {
            id: StayId::new(row.id),
            order_number: row.order_number,
            room_type: row.room_type,
            amount_minor: row.amount_minor,
            check_in_date: row.check_in_date,
            check_out_date: row.check_out_date,
            nights: nights.transpose()?,
            source: known(StaySource::parse(&row.source), "source of a stay")?,
            pms_status: row.pms_status,
            created_at: row.created_at,
        })
    }
}

impl DatabaseTx {
    pub(crate) async fn store_stay(&mut self, new: &NewStay) -> Result<StayId, StoreError> {
        let id = sql(
            "INSERT INTO consumption_records (member_id, order_number, room_type, amount_minor, \
             check_in_date, check_out_date, nights, source, pms_status, booked_at, created_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(new.member.get())
        .bind(new.order_number.as_str())
        .bind(new.room_type.as_deref())
        .bind(new.amount_minor)
        .bind(new.check_in_date)
        .bind(new.check_out_date)
        .bind(new.nights)
        .bind(new.source.as_str())
        .bind(new.pms_status.as_deref())
        .bind(new.booked_at)
        .bind(new.created_at)
        .insert(&self.tx)
        .await?;
        if new.booked_at.is_some() {
            self.mark_guests(&[new.member]).await?;
        }
        Ok(StayId::new(id))
    }
}

pub(crate) fn number_of_stays(member: MemberId) -> Sql {
    sql(format!(
        "SELECT COUNT(*) FROM consumption_records WHERE member_id = ? AND {LISTED}"
    ))
    .bind(member.get())
}

pub(crate) fn page_of_stays(member: MemberId, page: PageRequest) -> Sql {
    // Both databases put nulls last going down.
    sql(format!(
        "SELECT id, order_number, room_type, amount_minor, check_in_date, check_out_date, \
         nights, source, pms_status, created_at FROM consumption_records \
         WHERE member_id = ? AND {LISTED} ORDER BY check_in_date DESC, id DESC"
    ))
    .bind(member.get())
    .page(page)
}

impl Database {
    pub(crate) async fn stays_of(
        &self,
        member: MemberId,
        page: PageRequest,
    ) -> Result<Page<StayRow>, StoreError> {
        let total = number_of_stays(member).number(&self.pool).await?;
        let rows: Vec<Row> = page_of_stays(member, page).all(&self.pool).await?;
        page_of(rows, total, page, StayRow::try_from)
    }
}
