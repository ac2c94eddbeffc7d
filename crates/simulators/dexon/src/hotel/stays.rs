//! The rows of stays that were there from the start, each made when it is asked for.

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use super::cases::{GUEST_PERIOD, STAY_PERIOD, StayCase};
use super::guests;
use super::row::{Fields, Meaning, Row, Verdict, put, stay_key};
use super::timeline::Timeline;
use crate::dice::Dice;
use crate::dirt;
use crate::people::Person;
use crate::time::{at_hour, day_of, taipei};

const FIRST_ORDER: usize = 700_000;
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

/// What the rows are made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    pub seed: u64,
    pub guests: usize,
    pub today: NaiveDate,
    pub timeline: &'a Timeline,
}

/// The days of a stay and what has become of it.
#[derive(Debug, Clone, Copy)]
struct Plan {
    arrival: NaiveDate,
    departure: NaiveDate,
    meaning: Meaning,
}

/// Order and room of a row.
pub(crate) fn order_of(index: usize) -> (String, u64) {
    let room = match index % STAY_PERIOD {
        11 => 2,
        12 => 3,
        _ => 1,
    };
    let head = index - (room - 1);
    (format!("{:08}", FIRST_ORDER + head), room as u64)
}

pub(crate) fn key(index: usize) -> String {
    let (order, room) = order_of(index);
    stay_key(&order, room)
}

/// The place of an order and room that were there from the start.
pub(crate) fn place_of(order: &str, room: u64) -> Option<usize> {
    let head = order
        .trim()
        .parse::<usize>()
        .ok()?
        .checked_sub(FIRST_ORDER)?;
    let index = head + usize::try_from(room.checked_sub(1)?).ok()?;
    (order_of(index) == (order.trim().to_owned(), room)).then_some(index)
}

impl Source<'_> {
    /// The day on which the guest of a row arrives, without making the row.
    pub(crate) fn arrival(&self, index: usize) -> NaiveDate {
        self.plan(index, &mut Dice::of(self.seed, "stay", index))
            .arrival
    }

    fn plan(&self, index: usize, dice: &mut Dice) -> Plan {
        let case = StayCase::of(index);
        let changed = day_of(self.timeline.at(index));
        let nights = dice.pick(&[1_u64, 1, 1, 1, 2, 2, 3, 4, 7]);
        let roll = dice.below(100);
        let past = |meaning| Plan {
            arrival: changed - Days::new(nights),
            departure: changed,
            meaning,
        };
        if let Some(case) = case {
            let plan = past(case.meaning().unwrap_or(Meaning::CheckedOut));
            return match case {
                StayCase::SameDay => Plan {
                    arrival: plan.departure,
                    ..plan
                },
                StayCase::LeavesBeforeArrival => Plan {
                    arrival: plan.departure + Days::new(2),
                    ..plan
                },
                _ => plan,
            };
        }
        let ahead = |from: NaiveDate, days: u64, meaning| Plan {
            arrival: from,
            departure: from + Days::new(days),
            meaning,
        };
        let later = self.today + Days::new(1 + dice.below(60));
        match (self.timeline.is_recent(index), roll) {
            (false, 0..=87) | (true, 0..=39) => past(Meaning::CheckedOut),
            (false, 88..=96) => past(Meaning::Cancelled),
            (false, _) => past(Meaning::NoShow),
            (true, 40..=64) => Plan {
                arrival: changed,
                departure: self.today + Days::new(nights),
                meaning: Meaning::InHouse,
            },
            (true, 65..=94) => ahead(later, nights, Meaning::Booked),
            (true, _) => ahead(later, nights, Meaning::Cancelled),
        }
    }

    /// A guest who is known by key, however often they stay.
    fn guest(&self, dice: &mut Dice) -> Option<usize> {
        let usable = self.guests.checked_sub(4).filter(|&rest| rest > 0)?;
        let place = usize::try_from(dice.below(usable as u64)).ok()? + 4;
        // The first four of each period are rows nobody can use.
        Some(if place % GUEST_PERIOD < 4 {
            place - 4
        } else {
            place
        })
    }

    pub(crate) fn row(&self, index: usize) -> Row {
        let mut dice = Dice::of(self.seed, "stay", index);
        let plan = self.plan(index, &mut dice);
        let changed_at = self.timeline.at(index);
        let case = StayCase::of(index);
        let (order, room) = order_of(index);
        // The rooms of an order are one booker's.
        let head = index - usize::try_from(room - 1).unwrap_or(0);
        let guest = self.guest(&mut Dice::of(self.seed, "stay guest", head));
        let mut fields = Fields::new();
        let set = &mut |name: &str, value: Value| put(&mut fields, name, value);
        set("ikey", json!(format!("{order}  ")));
        set("ikey_seq_nos", json!(room));
        who(set, &mut dice, self.seed, guest, index);
        when(set, &mut dice, &plan, case, changed_at);
        let amount = what(set, &mut dice, &plan, index);
        set(
            "upd_dat",
            json!(dirt::moment(&mut dice, taipei(changed_at))),
        );
        special(&mut fields, case, &mut dice, self.seed, index);
        let verdict = case.map_or(Verdict::Good, StayCase::verdict);
        Row {
            changed_at,
            key: stay_key(&order, room),
            fields,
            verdict,
            meaning: (verdict == Verdict::Good).then_some(plan.meaning),
            amount,
            case: case.map(StayCase::name),
        }
    }
}

type Set<'a> = dyn FnMut(&str, Value) + 'a;

fn who(set: &mut Set<'_>, dice: &mut Dice, seed: u64, guest: Option<usize>, index: usize) {
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

fn when(set: &mut Set<'_>, dice: &mut Dice, plan: &Plan, case: Option<StayCase>, changed_at: i64) {
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

fn what(set: &mut Set<'_>, dice: &mut Dice, plan: &Plan, index: usize) -> i64 {
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

fn special(fields: &mut Fields, case: Option<StayCase>, dice: &mut Dice, seed: u64, index: usize) {
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
