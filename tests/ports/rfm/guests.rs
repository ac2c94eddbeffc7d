//! Guests with stays of every kind, and what they come to by hand.

use crate::audience_rules::dice::Dice;
use crate::samples::{at, begin, commit};
use chrono::{Days, NaiveDate};
use crm_analytics::RfmMeasures;
use crm_database::Database;
use crm_kernel::MemberId;
use crm_members::{NewStay, StaySource};
use std::collections::BTreeMap;

/// In which days and amounts have about so many values.
pub struct House {
    pub values: u32,
}

/// Every stay that was written down.
#[derive(Default)]
pub struct Book {
    pub stays: Vec<NewStay>,
}

impl Book {
    /// A stay that ended so many days after the year began, or nobody knows when.
    pub async fn stay(
        &mut self,
        db: &Database,
        member: MemberId,
        day: Option<u32>,
        amount_minor: i64,
        status: Option<&str>,
    ) {
        let year = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        let stay = NewStay {
            member,
            order_number: format!("OD{}", self.stays.len()),
            room_type: None,
            amount_minor,
            check_in_date: None,
            check_out_date: day.map(|day| year + Days::new(day.into())),
            nights: None,
            source: StaySource::Pms,
            pms_status: status.map(str::to_owned),
            booked_at: None,
            created_at: at(0),
        };
        let mut tx = begin(db).await;
        tx.members().insert_stay(&stay).await.unwrap();
        commit(tx).await;
        self.stays.push(stay);
    }

    /// More stays of some of these.
    pub async fn fill(&mut self, db: &Database, dice: &mut Dice, ids: &[MemberId], house: &House) {
        for id in ids {
            for _ in 0..dice.below(3) {
                let status = dice.pick(&[
                    None,
                    Some("checked_out"),
                    Some("checked_out"),
                    Some("in_house"),
                    Some("booked"),
                    Some("cancelled"),
                ]);
                let day = dice.maybe(90, |dice| dice.below(house.values));
                let amount = i64::from(dice.below(house.values)) * 10_050;
                self.stay(db, *id, day, amount, status).await;
            }
        }
    }
}

/// What each guest's stays that took place come to.
pub fn measured(stays: &[NewStay]) -> BTreeMap<MemberId, RfmMeasures> {
    let mut all: BTreeMap<MemberId, RfmMeasures> = BTreeMap::new();
    let counts = |stay: &&NewStay| {
        matches!(
            stay.pms_status.as_deref(),
            None | Some("checked_out" | "in_house")
        )
    };
    for stay in stays.iter().filter(counts) {
        let own = all.entry(stay.member).or_default();
        own.last_check_out = own.last_check_out.max(stay.check_out_date);
        own.stays += 1;
        own.amount_minor += stay.amount_minor;
    }
    all
}
