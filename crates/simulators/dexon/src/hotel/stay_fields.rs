//! The fields of a stay: who, when, what for how much, and what is wrong with it.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::cases::StayCase;
use super::guests;
use super::row::{Fields, Meaning, put};
use super::stays::Plan;
use crate::dice::Dice;
use crate::dirt;
use crate::people::Person;
use crate::time::{at_hour, day_of, taipei};

/// Code, name, and a night's price.
const ROOMS: [(&str, &str, i64); 6] = [
    ("BT", "商務雙人房", 3_500),
    ("DT", "豪華雙人房", 4_600),
    ("FM", "豪華家庭房", 6_200),
    ("SQ", "海景四人房", 7_400),
    ("ST", "景觀套房", 8_800),
    ("EX", "行政套房", 12_800),
];
/// Name of the booker, kind of source, and how its numbers begin.
const CHANNELS: [(&str, &str, &str); 6] = [
    ("agoda", "OTA", "RMAG"),
    ("Booking.com", "OTA", "RMBK"),
    ("EXPEDIA", "OTA", "RMEX"),
    ("官網", "WEB", "RMWH"),
    ("", "TEL", ""),
    ("", "WALKIN", ""),
];

pub(super) type Set<'a> = dyn FnMut(&str, Value) + 'a;

pub(super) fn who(
    set: &mut Set<'_>,
    dice: &mut Dice,
    seed: u64,
    guest: Option<usize>,
    index: usize,
) {
    let person = guest.map_or_else(
        || Person::of(!seed, index),
        |place| guests::person_of(seed, place),
    );
    let (booker, source, prefix) = dice.pick(&CHANNELS);
    match guest {
        Some(place) => set("gcust_cod", json!(guests::code(place))),
        None => set("gcust_cod", json!("")),
    }
    set("last_nam", json!(dirt::padded(dice, person.last)));
    set("first_nam", json!(dirt::padded(dice, &person.first)));
    set(
        "alt_nam",
        json!(if dice.percent(60) {
            person.full()
        } else {
            String::new()
        }),
    );
    set("id_nos", json!(""));
    set("contact1_rmk", json!(dirt::mobile(dice, &person.mobile)));
    set("cust_nam", json!(booker));
    set("source_typ", json!(source));
    let number = dice.below(10_000_000_000);
    let channel = if prefix.is_empty() {
        String::new()
    } else {
        format!("{prefix}{number:010}")
    };
    set("rvreserve_nos", json!(channel));
}

pub(super) fn when(
    set: &mut Set<'_>,
    dice: &mut Dice,
    plan: &Plan,
    case: Option<StayCase>,
    changed_at: i64,
) {
    let (order, guest): (&str, &str) = match (case, plan.meaning) {
        (Some(StayCase::MissingStatus), _) => ("", "C"),
        (Some(StayCase::MasterFolio), _) => ("I", "K"),
        (Some(StayCase::GuestLeft), _) => ("I", "C"),
        (Some(StayCase::CancelledAfterCheckIn), _) => ("C", "O"),
        (
            Some(
                StayCase::DCheckedOut
                | StayCase::DCheckedOutByDates
                | StayCase::DCancelled
                | StayCase::DUnknown,
            ),
            _,
        ) => ("D", ""),
        (Some(StayCase::SCheckedIn | StayCase::SNoShow), _) => ("S", ""),
        (Some(StayCase::NoShowMark), _) => ("N", ""),
        (_, Meaning::CheckedOut) => (dice.pick(&["D", "D", "I"]), "C"),
        (_, Meaning::InHouse) => ("I", "O"),
        (_, Meaning::Booked) => (dice.pick(&["N", "O", "R"]), ""),
        (_, Meaning::Cancelled) => ("C", ""),
        (_, Meaning::NoShow | Meaning::Unknown) => ("S", ""),
    };
    set("order_sta", json!(order));
    set("guest_sta", json!(guest));
    set("ci_dat", json!(dirt::day(dice, plan.arrival)));
    set("co_dat", json!(dirt::day(dice, plan.departure)));
    let came = matches!(plan.meaning, Meaning::CheckedOut | Meaning::InHouse)
        || case == Some(StayCase::CancelledAfterCheckIn);
    let left = plan.meaning == Meaning::CheckedOut
        && !matches!(
            case,
            Some(StayCase::DCheckedOutByDates | StayCase::GuestLeft)
        );
    let mut dated = |name: &str, is_set: bool, day: NaiveDate| {
        let value = if is_set {
            json!(dirt::day_with_time(dice, day))
        } else {
            Value::Null
        };
        set(name, value);
    };
    dated("aci_dat", came, plan.arrival);
    dated("aco_dat", left, plan.departure);
    dated(
        "cancel_dat",
        plan.meaning == Meaning::Cancelled,
        day_of(changed_at),
    );
    let mark = case == Some(StayCase::NoShowMark);
    set("noshow", json!(if mark { "Y" } else { "N" }));
    let booked = at_hour(plan.arrival, 11).min(changed_at) - 86_400 * dice.between(1, 60);
    set("ins_dat", json!(dirt::moment(dice, taipei(booked))));
}

pub(super) fn what(set: &mut Set<'_>, dice: &mut Dice, plan: &Plan, index: usize) -> i64 {
    let (code, name, price) = dice.pick(&ROOMS);
    set("room_cod", json!(code));
    let is_named = dice.percent(85);
    set(
        "room_nam",
        json!(if is_named {
            dirt::padded(dice, name)
        } else {
            String::new()
        }),
    );
    let floor = 3 + index % 9;
    set(
        "room_nos",
        json!(format!("{floor:02}{:02}", 1 + index % 24)),
    );
    set("adult_qnt", json!(dice.between(1, 4)));
    set("child_qnt", json!(dice.between(0, 2)));
    let nights = (plan.departure - plan.arrival).num_days().max(1);
    let rent = price * nights;
    let service = if dice.percent(25) { rent / 10 } else { 0 };
    let other = if dice.percent(15) { 350 } else { 0 };
    let sum = rent + service + other;
    let paid = match plan.meaning {
        Meaning::CheckedOut if dice.percent(70) => sum,
        // Something was taken off at the desk.
        Meaning::CheckedOut if dice.percent(30) => sum - 200,
        _ => 0,
    };
    set("rent_amt", json!(price));
    set("rent_tot", json!(rent));
    set("serv_tot", json!(service));
    set("other_tot", json!(other));
    set("pay_tot", json!(paid));
    if paid > 0 { paid } else { sum }
}

pub(super) fn special(
    fields: &mut Fields,
    case: Option<StayCase>,
    dice: &mut Dice,
    seed: u64,
    index: usize,
) {
    let Some(case) = case else { return };
    match case {
        StayCase::MissingKey => {
            fields.remove("ikey");
        }
        StayCase::MissingStatus => {
            fields.remove("order_sta");
        }
        StayCase::ArrivalIn1800 => put(fields, "ci_dat", json!("1800-01-01")),
        StayCase::TextAmount => {
            put(fields, "rent_tot", json!("面議"));
            put(fields, "pay_tot", json!("面議"));
        }
        StayCase::NegativeAmount => {
            put(fields, "rent_tot", json!(-3_000));
            put(fields, "serv_tot", json!(0));
            put(fields, "other_tot", json!(0));
            put(fields, "pay_tot", json!(-3_000));
        }
        StayCase::Nobody => {
            for name in [
                "gcust_cod",
                "last_nam",
                "first_nam",
                "alt_nam",
                "contact1_rmk",
            ] {
                put(fields, name, json!(dirt::nothing(dice)));
            }
        }
        StayCase::AgencyName => {
            put(fields, "last_nam", json!("AGODA"));
            put(fields, "first_nam", json!(""));
            put(fields, "cust_nam", json!("agoda"));
        }
        StayCase::WithoutGuestCode => put(fields, "gcust_cod", json!("  ")),
        StayCase::UnknownGuestCode => {
            let person = Person::of(!seed, index);
            put(fields, "gcust_cod", json!(format!("HFD9{index:014}")));
            put(fields, "last_nam", json!(person.last));
            put(fields, "first_nam", json!(person.first));
            put(fields, "alt_nam", json!(""));
            put(fields, "id_nos", json!(person.id_number));
            put(fields, "contact1_rmk", json!(format!("0{}", person.mobile)));
        }
        StayCase::NumbersAsText => {
            for name in [
                "rent_amt",
                "rent_tot",
                "serv_tot",
                "other_tot",
                "pay_tot",
                "adult_qnt",
            ] {
                if let Some(number) = fields.get(name).and_then(Value::as_i64) {
                    put(fields, name, json!(format!(" {number} ")));
                }
            }
        }
        _ => {}
    }
}
