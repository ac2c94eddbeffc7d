use super::Workshop;
use super::dice::Dice;
use super::guest::Guest;
use super::rows::Rows;
use crate::DemoError;
use chrono::{Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Weekday};
use sea_orm::TransactionTrait;

const COLUMNS: &str = "member_id, order_number, room_type, amount_minor, check_in_date, \
    check_out_date, nights, source, pms_status, booked_at, created_at, synced_at";

/// Rooms with their price for a weekday's night in dollars, and how often they are taken.
const ROOMS: [((&str, i64), u32); 9] = [
    (("商務單人房", 2_680), 12),
    (("商務雙人房", 3_480), 24),
    (("精緻雙人房", 3_180), 16),
    (("豪華雙人房", 4_580), 15),
    (("豪華家庭房", 6_200), 14),
    (("海景四人房", 7_380), 8),
    (("景觀套房", 8_800), 7),
    (("行政套房", 12_800), 3),
    (("總統套房", 36_000), 1),
];
/// Nights of a stay and how usual that is.
const NIGHTS: [(i64, u32); 5] = [(1, 58), (2, 27), (3, 10), (4, 3), (7, 2)];
const PAST_DAYS: i64 = 3 * 365;
const AHEAD_DAYS: i64 = 75;

/// Stores what the guests stayed and have booked.
pub(super) async fn store(workshop: &mut Workshop<'_>, guests: &[Guest]) -> Result<(), DemoError> {
    let (now, hotel) = (workshop.now, workshop.hotel);
    let today = hotel.day_of(now);
    let mut rows = Rows::of("consumption_records", COLUMNS);
    let mut order = 0;
    for guest in guests {
        for _ in 0..guest.stays {
            order += 1;
            let stay = Stay::make(&mut workshop.dice, today);
            let dice = &mut workshop.dice;
            let noon = hotel.utc_of(stay.check_in.and_time(NaiveTime::MIN)) + TimeDelta::hours(12);
            let booked_at = (noon - TimeDelta::minutes(dice.number(60..=60 * 24 * 50)))
                .min(now - TimeDelta::minutes(dice.number(5..=60 * 24 * 20)));
            // Staff write down what is over; the hotel's system knows of the rest within the hour.
            let from_pms = stay.status != "checked_out" || dice.chance(0.87);
            let known_at = if from_pms {
                booked_at + TimeDelta::minutes(dice.number(1..=60))
            } else {
                booked_at
            };
            rows.add([
                guest.id.into(),
                format!(
                    "{}{}{order:05}",
                    if from_pms { "OD" } else { "WI" },
                    stay.check_in.format("%y%m%d")
                )
                .into(),
                stay.room.into(),
                (stay.amount * 100).into(),
                stay.check_in.into(),
                stay.check_out.into(),
                i32::try_from(stay.nights).unwrap_or(1).into(),
                (if from_pms { "pms" } else { "manual" }).into(),
                from_pms.then_some(stay.status).into(),
                booked_at.into(),
                known_at.min(now).into(),
                from_pms.then(|| now - TimeDelta::minutes(35)).into(),
            ]);
        }
    }
    let tx = workshop.crm.database.pool().begin().await?;
    rows.store(&tx).await?;
    Ok(tx.commit().await?)
}

struct Stay {
    room: &'static str,
    amount: i64,
    check_in: NaiveDate,
    check_out: NaiveDate,
    nights: i64,
    status: &'static str,
}

impl Stay {
    fn make(dice: &mut Dice, today: NaiveDate) -> Self {
        let (room, price) = dice.weighted(&ROOMS);
        let nights = dice.weighted(&NIGHTS);
        let first = today - Days::new(PAST_DAYS.unsigned_abs());
        let day = dice.number(0..=PAST_DAYS + AHEAD_DAYS);
        let check_in = first + Days::new(day.unsigned_abs());
        let check_out = check_in + Days::new(nights.unsigned_abs());
        let status = if dice.chance(0.04) {
            "cancelled"
        } else if check_in > today {
            "booked"
        } else if check_out > today {
            "in_house"
        } else {
            "checked_out"
        };
        Self {
            room,
            amount: price_of(price, check_in, nights),
            check_in,
            check_out,
            nights,
            status,
        }
    }
}

/// Fridays and Saturdays cost a third more, winter and summer holidays a fifth; whole tens.
fn price_of(price: i64, check_in: NaiveDate, nights: i64) -> i64 {
    check_in
        .iter_days()
        .take(usize::try_from(nights).unwrap_or(1))
        .map(|day| {
            let weekend = matches!(day.weekday(), Weekday::Fri | Weekday::Sat);
            let holidays = matches!(day.month(), 1 | 2 | 7 | 8);
            let percent = 100 + if weekend { 33 } else { 0 } + if holidays { 20 } else { 0 };
            price * percent / 1_000 * 10
        })
        .sum()
}
