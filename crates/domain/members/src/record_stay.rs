use crate::audit::stay_facts;
use crate::profile::typed;
use crate::{MemberError, Members, NewStay, StayRow, StaySource};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use crm_kernel::{Actor, AuditEntry, MemberId, Problems};
use std::ops::RangeInclusive;
use tracing::instrument;

/// The years that every storage can keep, and in which guests stay.
const YEARS: RangeInclusive<i32> = 1900..=9999;
const OUT_OF_TIME: &str = "must be between the years 1900 and 9999";

/// A stay as staff type it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordStay {
    /// Unique among all stays: 1–50 characters.
    pub order_number: String,
    /// The kind of room, at most 100 characters; blank text is none.
    pub room_type: Option<String>,
    /// What was paid, in hundredths.
    pub amount_minor: i64,
    /// The day of arrival.
    pub check_in_date: NaiveDate,
    /// The day of departure, which may be the same.
    pub check_out_date: NaiveDate,
    /// When the guest booked, if that is known.
    pub booked_at: Option<DateTime<Utc>>,
}

impl RecordStay {
    /// Longest order number (document 000 §3.2.13).
    pub const MAX_ORDER_NUMBER_CHARS: usize = 50;
    /// Longest kind of room (document 000 §3.2.13).
    pub const MAX_ROOM_TYPE_CHARS: usize = 100;
    /// Largest amount: `DECIMAL(10,2)` (document 000 §3.2.13), in hundredths.
    pub const MAX_AMOUNT_MINOR: i64 = 9_999_999_999;

    fn check(self, member: MemberId, now: DateTime<Utc>) -> Result<NewStay, MemberError> {
        let mut problems = Problems::default();
        let p = &mut problems;
        let order_number = p.keep("order_number", order_number(&self.order_number));
        let room_type = typed(p, "room_type", self.room_type, room_type);
        p.check(
            (0..=Self::MAX_AMOUNT_MINOR).contains(&self.amount_minor),
            "amount",
            "must be from 0 to 99999999.99",
        );
        let (arrival, departure) = (self.check_in_date, self.check_out_date);
        let possible = p.check(in_time(arrival), "check_in_date", OUT_OF_TIME)
            & p.check(in_time(departure), "check_out_date", OUT_OF_TIME);
        let nights = u32::try_from((departure - arrival).num_days());
        if possible && nights.is_err() {
            p.add("check_out_date", "must not be before check_in_date");
        }
        let booked = self.booked_at.map(|at| at.date_naive());
        p.check(booked.is_none_or(in_time), "booked_at", OUT_OF_TIME);

        problems.into_result().map_err(MemberError::StayInvalid)?;
        Ok(NewStay {
            member,
            order_number: order_number.unwrap_or_default(),
            room_type,
            amount_minor: self.amount_minor,
            check_in_date: Some(arrival),
            check_out_date: Some(departure),
            nights: nights.ok(),
            source: StaySource::Manual,
            pms_status: None,
            booked_at: self.booked_at,
            created_at: now,
        })
    }
}

impl Members {
    /// Writes down a stay that staff know of.
    ///
    /// # Errors
    /// `stay_invalid`, `member_not_found`, `stay_duplicate` for an order number that is known,
    /// or the store's.
    #[instrument(name = "members.record_stay", skip_all, fields(?actor, member.id = %id, stay.id))]
    pub async fn record_stay(
        &self,
        actor: &Actor,
        id: MemberId,
        command: RecordStay,
    ) -> Result<StayRow, MemberError> {
        let now = self.clock.now();
        let new = command.check(id, now)?;
        let mut tx = self.store.begin().await?;
        tx.members().find(id).await?.ok_or(MemberError::NotFound)?;
        let stay = tx.members().insert_stay(&new).await?;
        // Told of the member, so that it is forgotten together with them.
        let entry = AuditEntry::new(actor, now, "stay.created", "member", id.get())
            .with("stay_id", stay.get())
            .born(stay_facts(&new));
        tx.audit().record(entry).await?;
        tx.commit().await?;
        tracing::Span::current().record("stay.id", stay.get());
        Ok(new.stored_as(stay))
    }
}

fn in_time(day: NaiveDate) -> bool {
    YEARS.contains(&day.year())
}

fn order_number(typed: &str) -> Result<String, &'static str> {
    let typed = typed.trim();
    if !(1..=RecordStay::MAX_ORDER_NUMBER_CHARS).contains(&typed.chars().count()) {
        return Err("must have 1 to 50 characters");
    }
    if typed.chars().any(char::is_control) {
        return Err("must not contain control characters");
    }
    Ok(typed.to_owned())
}

fn room_type(typed: &str) -> Result<String, &'static str> {
    let typed = typed.trim();
    if typed.chars().count() > RecordStay::MAX_ROOM_TYPE_CHARS {
        return Err("must have at most 100 characters");
    }
    if typed.chars().any(char::is_control) {
        return Err("must not contain control characters");
    }
    Ok(typed.to_owned())
}
