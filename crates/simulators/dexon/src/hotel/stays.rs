//! The rows of stays that were there from the start, each made when it is asked for.

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use super::cases::{GUEST_PERIOD, STAY_PERIOD, StayCase};
use super::row::{Fields, Meaning, Row, Verdict, put, stay_key};
use super::stay_fields::{special, what, when, who};
use super::timeline::Timeline;
use crate::dice::Dice;
use crate::dirt;
use crate::time::{day_of, taipei};

const FIRST_ORDER: usize = 700_000;

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
pub(super) struct Plan {
    pub arrival: NaiveDate,
    pub departure: NaiveDate,
    pub meaning: Meaning,
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

    /// Whether the guest of a row is here, without making the row.
    pub(crate) fn is_in_house(&self, index: usize) -> bool {
        let plan = self.plan(index, &mut Dice::of(self.seed, "stay", index));
        plan.meaning == Meaning::InHouse
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
