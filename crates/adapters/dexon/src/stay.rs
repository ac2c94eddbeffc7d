use crate::dates;
use crate::field::Field;
use crate::guest::{guest_code, person, updated_at, yes_no};
use crate::numbers;
use crate::reading::Reading;
use crate::status::{GuestWord, OrderWord, Signs};
use crate::text::{as_typed, trimmed};
use chrono::NaiveDate;
use crm_members::{PmsGuest, PmsRow, PmsStatus, PmsStay, RecordStay, RowFault, RowSays};

/// Reads a row of stays. `business_date` is the hotel's present day.
pub(crate) fn stay(mut reading: Reading<'_>, business_date: NaiveDate) -> PmsRow<PmsStay> {
    let says = read(&mut reading, business_date);
    reading.into_row(Field::OrderNumber, says)
}

fn read(r: &mut Reading<'_>, business_date: NaiveDate) -> Result<RowSays<PmsStay>, RowFault> {
    let guest_word = guest_word(r);
    if guest_word == Some(GuestWord::MasterFolio) {
        return Ok(RowSays::Nothing);
    }
    let order_number = order_number(r)?;
    let order = order_word(r)?;
    let check_in = day(r, Field::CheckInDate)?;
    let check_out = day(r, Field::CheckOutDate)?;
    if check_out < check_in {
        return Err(r.fault(Field::CheckOutDate, "is before the arrival"));
    }
    let signs = Signs {
        order,
        guest: guest_word,
        is_no_show: r.optional_as(Field::NoShow, yes_no) == Some(true),
        has_arrived: is_dated(r, Field::ArrivedOn)?,
        has_left: is_dated(r, Field::LeftOn)?,
        is_cancelled: is_dated(r, Field::CancelledOn)?,
        check_in,
        check_out,
        business_date,
    };
    let status = signs.status();
    if status == PmsStatus::Unknown {
        r.warn(Field::OrderStatus, "does not tell how the stay stands");
    }
    let updated_at = updated_at(r)?;
    Ok(RowSays::Row(Box::new(PmsStay {
        order_number,
        room_type: room_type(r),
        amount_minor: amount(r)?,
        check_in_date: check_in,
        check_out_date: check_out,
        status,
        booked_at: r
            .optional_as(Field::BookedAt, dates::perhaps)
            .map(|when| when.moment(r.scope.hotel)),
        updated_at,
        guest: PmsGuest {
            code: r.optional_as(Field::GuestCode, guest_code),
            ..person(r, updated_at)
        },
    })))
}

fn guest_word(r: &mut Reading<'_>) -> Option<GuestWord> {
    let word = r.optional(Field::GuestStatus)?;
    let found = r.scope.known.guest_word(word);
    if found.is_none() {
        r.warn(Field::GuestStatus, "is not a known word");
    }
    found
}

/// A word that is not known says as little as one that means nothing.
fn order_word(r: &Reading<'_>) -> Result<OrderWord, RowFault> {
    let word = r.required(Field::OrderStatus)?;
    let found = r.scope.known.order_word(word);
    Ok(found.unwrap_or(OrderWord::Unknown))
}

/// The order's number, and for its second room on the room's place.
fn order_number(r: &Reading<'_>) -> Result<String, RowFault> {
    let order = as_typed(r.required(Field::OrderNumber)?);
    let room = match r.right(Field::OrderRoom)? {
        Some(text) => numbers::count(text).map_err(|reason| r.fault(Field::OrderRoom, reason))?,
        None => 1,
    };
    let number = match room {
        0 | 1 => order.to_owned(),
        room => format!("{order}-{room}"),
    };
    if number.chars().count() > RecordStay::MAX_ORDER_NUMBER_CHARS {
        return Err(r.fault(Field::OrderNumber, "is too long"));
    }
    Ok(number)
}

fn day(r: &Reading<'_>, field: Field) -> Result<NaiveDate, RowFault> {
    let when = dates::of_now(r.required(field)?, r.scope);
    let when = when.map_err(|reason| r.fault(field, reason))?;
    Ok(when.day(r.scope.hotel))
}

/// Whether a day stands there that says how the stay is. One that cannot be read would leave it
/// to chance, so the row is bad.
fn is_dated(r: &Reading<'_>, field: Field) -> Result<bool, RowFault> {
    let Some(text) = r.right(field)? else {
        return Ok(false);
    };
    let when = dates::perhaps(text, r.scope).map_err(|reason| r.fault(field, reason))?;
    Ok(when.is_some())
}

/// What was paid, else what it comes to; in hundredths.
fn amount(r: &Reading<'_>) -> Result<i64, RowFault> {
    let part = |field: Field| match r.right(field)? {
        Some(text) => numbers::minor(text).map_err(|reason| r.fault(field, reason)),
        None => Ok(0),
    };
    let paid = part(Field::Amount)?;
    if paid < 0 {
        return Err(r.fault(Field::Amount, "is below zero"));
    }
    let (amount, field) = if paid > 0 {
        (paid, Field::Amount)
    } else {
        let sum = part(Field::RoomTotal)? + part(Field::ServiceTotal)? + part(Field::OtherTotal)?;
        (sum, Field::RoomTotal)
    };
    if amount < 0 {
        return Err(r.fault(field, "is below zero"));
    }
    if amount > RecordStay::MAX_AMOUNT_MINOR {
        return Err(r.fault(field, "is too large"));
    }
    Ok(amount)
}

fn room_type(r: &mut Reading<'_>) -> Option<String> {
    [Field::RoomType, Field::RoomCode]
        .into_iter()
        .find_map(|field| {
            let text = trimmed(r.optional(field)?);
            if text.chars().count() > RecordStay::MAX_ROOM_TYPE_CHARS {
                r.warn(field, "is too long");
                return None;
            }
            Some(text.to_owned())
        })
}

#[cfg(test)]
#[path = "stay_tests.rs"]
mod tests;
