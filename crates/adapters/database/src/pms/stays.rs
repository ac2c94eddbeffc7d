//! Stays as the other system knows them.

use crate::DatabaseTx;
use crate::conversion_marks::mark_owners;
use crate::dialect::{for_update, marks, named, pieces, rows, rows_at_once};
use crate::sql::{Sql, known, sql};
use chrono::{DateTime, NaiveDate, Utc};
use crm_kernel::{MemberId, StoreError};
use crm_members::StaySource;
use crm_members::{GuestCode, KnownStay, PmsStatus, SyncedStay};
use sea_orm::FromQueryResult;

/// Columns that a stay brings along each time.
const BROUGHT: &str = "member_id, room_type, amount_minor, check_in_date, check_out_date, nights, \
    source, pms_status, booked_at, synced_at, pms_guest_code, pms_updated_at";

#[derive(FromQueryResult)]
struct Row {
    member_id: i64,
    order_number: String,
    room_type: Option<String>,
    amount_minor: i64,
    check_in_date: Option<NaiveDate>,
    check_out_date: Option<NaiveDate>,
    nights: Option<i32>,
    source: String,
    pms_status: Option<String>,
    booked_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    pms_guest_code: Option<String>,
    pms_updated_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for KnownStay {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let birth = row.created_at.date_naive();
        let status = row.pms_status.as_deref().map(|word| {
            let status = PmsStatus::parse(word);
            known(status, "status of a stay")
        });
        Ok(Self {
            stay: SyncedStay {
                member: MemberId::new(row.member_id),
                guest_code: row.pms_guest_code.map(GuestCode::from_stored),
                order_number: row.order_number,
                room_type: row.room_type,
                amount_minor: row.amount_minor,
                check_in_date: row.check_in_date.unwrap_or(birth),
                check_out_date: row.check_out_date.unwrap_or(birth),
                nights: row
                    .nights
                    .map_or(Ok(0), |n| known(u32::try_from(n).ok(), "number of nights"))?,
                status: status.transpose()?.unwrap_or(PmsStatus::Unknown),
                booked_at: row.booked_at,
                updated_at: row.pms_updated_at.unwrap_or(DateTime::<Utc>::MIN_UTC),
            },
            source: known(StaySource::parse(&row.source), "source of a stay")?,
        })
    }
}

pub(crate) fn move_stays(code: &GuestCode, to: MemberId) -> Sql {
    sql("UPDATE consumption_records SET member_id = ? WHERE pms_guest_code = ? AND member_id <> ?")
        .bind(to.get())
        .bind(code.as_str())
        .bind(to.get())
}

impl DatabaseTx {
    pub(super) async fn stays_by_orders(
        &mut self,
        order_numbers: &[String],
    ) -> Result<Vec<KnownStay>, StoreError> {
        let mut orders: Vec<&str> = order_numbers.iter().map(String::as_str).collect();
        orders.sort_unstable();
        orders.dedup();
        let mut stays = Vec::with_capacity(orders.len());
        for some in named(&orders) {
            let found: Vec<Row> = sql(format!(
                "SELECT member_id, order_number, room_type, amount_minor, check_in_date, \
                 check_out_date, nights, source, pms_status, booked_at, created_at, \
                 pms_guest_code, pms_updated_at FROM consumption_records{} \
                 WHERE order_number IN ({}) ORDER BY order_number",
                self.by_index("uq_consumption_records_order"),
                marks(some.len())
            ))
            .bind_all(some.iter().copied())
            .then(for_update(self.backend()))
            .all(&self.tx)
            .await?;
            for row in found {
                stays.push(KnownStay::try_from(row)?);
            }
        }
        Ok(stays)
    }

    pub(super) async fn put_synced_stays(
        &mut self,
        stays: &[SyncedStay],
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut stays: Vec<&SyncedStay> = stays.iter().collect();
        stays.sort_unstable_by_key(|stay| stay.order_number.as_str());
        self.mark_guests_of_synced(&stays).await?;
        let in_place = self.in_place_of("order_number", BROUGHT);
        for some in pieces(&stays, rows_at_once(14)) {
            let insert = sql(format!(
                "INSERT INTO consumption_records (order_number, created_at, {BROUGHT}) VALUES {}",
                rows(14, some.len())
            ));
            let bound = some.iter().fold(insert, |insert, stay| {
                insert
                    .bind(stay.order_number.as_str())
                    .bind(at)
                    .bind(stay.member.get())
                    .bind(stay.room_type.as_deref())
                    .bind(stay.amount_minor)
                    .bind(stay.check_in_date)
                    .bind(stay.check_out_date)
                    .bind(stay.nights)
                    .bind(StaySource::Pms.as_str())
                    .bind(stay.status.as_str())
                    .bind(stay.booked_at)
                    .bind(at)
                    .bind(stay.guest_code.as_ref().map(GuestCode::as_str))
                    .bind(stay.updated_at)
            });
            bound.then(&in_place).run(&self.tx).await?;
        }
        Ok(())
    }

    /// Marks the guests whose the stays are, and those whose they were.
    async fn mark_guests_of_synced(&mut self, stays: &[&SyncedStay]) -> Result<(), StoreError> {
        let orders: Vec<&str> = stays
            .iter()
            .map(|stay| stay.order_number.as_str())
            .collect();
        for some in named(&orders) {
            mark_owners(
                sql(format!("order_number IN ({})", marks(some.len())))
                    .bind_all(some.iter().copied()),
            )
            .run(&self.tx)
            .await?;
        }
        let booked = stays.iter().filter(|stay| stay.booked_at.is_some());
        let members: Vec<MemberId> = booked.map(|stay| stay.member).collect();
        self.mark_guests(&members).await
    }

    pub(super) async fn move_stays_of_guest(
        &mut self,
        code: &GuestCode,
        to: MemberId,
    ) -> Result<u64, StoreError> {
        if !self.is_member(to).await? {
            return Err(StoreError::Reference);
        }
        // Held until the end: nobody puts another stay of theirs in between.
        sql("SELECT id FROM consumption_records WHERE pms_guest_code = ?")
            .bind(code.as_str())
            .then(for_update(self.backend()))
            .ids::<i64>(&self.tx)
            .await?;
        let stays = sql("pms_guest_code = ? AND member_id <> ?");
        let lost = mark_owners(stays.bind(code.as_str()).bind(to.get()));
        lost.run(&self.tx).await?;
        let moved = move_stays(code, to).run(&self.tx).await?;
        if moved > 0 {
            self.mark_guests(&[to]).await?;
        }
        Ok(moved)
    }
}
