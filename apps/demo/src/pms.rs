//! The simulated PMS of the demo: people nobody knows yet, and members who stay here.

use crate::home::Home;
use crate::sample::{Regular, regulars};
use crate::{DemoError, addresses};
use chrono::{Days, NaiveDate, NaiveTime, TimeDelta};
use crm_simulator_dexon::{Clock, DexonSimulator, Hotel, SimulatorConfig, Table, Verdict};
use serde_json::{Value, json};
use std::net::SocketAddr;

/// Any number will do, as long as it stays.
const SEED: u64 = 20_251_008;
/// Rows about people who are no members yet, with the dirt of a real hotel.
const STRANGERS: usize = 120;
const STRANGERS_STAYS: usize = 400;
/// Members who gave their identity number at the desk.
const BY_ID_NUMBER: usize = 100;
/// Members who are known by their phone.
const BY_PHONE: usize = 150;
/// Members who share their phone with another.
const UNCLEAR: usize = 10;
/// Codes and orders of members begin here.
const FIRST: usize = 900_000;

/// Starts it at the wanted port, else at any.
pub(crate) async fn start(addr: SocketAddr, home: &Home) -> Result<DexonSimulator, DemoError> {
    let clock = Clock::of_this_machine();
    let today = clock.today();
    let mut hotel = hotel(home.pms_day(today)?);
    hotel.set_business_date(today);
    let config = SimulatorConfig {
        addr,
        hotel,
        clock: Some(clock),
        ..SimulatorConfig::default()
    };
    if let Ok(pms) = DexonSimulator::start(config.clone()).await {
        return Ok(pms);
    }
    let anywhere = SimulatorConfig {
        addr: addresses::any_port(addr),
        ..config
    };
    DexonSimulator::start(anywhere)
        .await
        .map_err(DemoError::PmsSimulator)
}

/// The hotel, its days counted from this one.
fn hotel(day: NaiveDate) -> Hotel {
    let mut hotel = Hotel::seeded(SEED, STRANGERS, STRANGERS_STAYS).on(day);
    let everybody = regulars();
    let (desk, others): (Vec<_>, Vec<_>) =
        everybody.iter().partition(|who| who.id_number.is_some());
    let (unclear, phone): (Vec<_>, Vec<_>) = others.into_iter().partition(|who| who.shares_phone);
    let chosen = desk
        .into_iter()
        .take(BY_ID_NUMBER)
        .chain(phone.into_iter().take(BY_PHONE))
        .chain(unclear.into_iter().take(UNCLEAR));
    for (place, who) in chosen.enumerate() {
        for (table, row) in [
            (Table::Guests, guest(who, place, day)),
            (Table::Stays, stay(who, place, day)),
        ] {
            if let Value::Object(row) = row {
                hotel.add(table, row, Verdict::Good, 0);
            }
        }
    }
    hotel
}

/// One by one through the evening before.
fn changed(place: usize, day: NaiveDate) -> String {
    let minutes = i64::try_from(place).unwrap_or(0) + 1;
    let at = day.and_time(NaiveTime::MIN) - TimeDelta::minutes(minutes);
    at.format("%Y-%m-%dT%H:%M:%S+08:00").to_string()
}

fn code(place: usize) -> String {
    format!("HFD{:015}", FIRST + place)
}

/// A member as the desk knows them; of some something does not fit, and a person must say.
fn guest(who: &Regular, place: usize, day: NaiveDate) -> Value {
    let id = who.id_number.as_deref().unwrap_or_default();
    let (id, phone) = match place % 10 {
        _ if who.id_number.is_none() => (String::new(), who.phone.as_str()),
        0 => (id.to_lowercase(), who.phone.as_str()),
        1 => (id.to_owned(), ""),
        // A passport that nobody has seen before.
        8 if place < 60 => (format!("P{:08}", FIRST + place), who.phone.as_str()),
        _ => (format!("{id} "), who.phone.as_str()),
    };
    let (last, first, alt) = match place % 12 {
        _ if who.id_number.is_some() => (who.last, who.first.as_str(), String::new()),
        // Somebody else of the family writes down this phone.
        5 => (who.last, "小寶", String::new()),
        3 => ("agoda", "", format!("{}{}\u{3000}", who.last, who.first)),
        _ => (who.last, who.first.as_str(), String::new()),
    };
    json!({
        "gcust_cod": code(place), "last_nam": format!("{last}  "), "first_nam": first,
        "alt_nam": alt, "id_nos": id, "contact1_rmk": phone, "contact2_rmk": "",
        "visit_nos": 1 + place % 9, "accept_dm": if place % 40 == 7 { "N" } else { "" },
        "upd_dat": changed(place, day),
    })
}

/// What they do this month: here, gone, or coming.
fn stay(who: &Regular, place: usize, day: NaiveDate) -> Value {
    let nights = 1 + place as u64 % 3;
    let (order, guest, arrival, departure) = match place % 5 {
        0 => ("I", "O", day - Days::new(1), day + Days::new(nights)),
        4 => {
            let arrival = day + Days::new(2 + place as u64 % 30);
            ("O", "", arrival, arrival + Days::new(nights))
        }
        _ => {
            let departure = day - Days::new(1 + place as u64 % 25);
            ("D", "C", departure - Days::new(nights), departure)
        }
    };
    let (came, left) = (order != "O", order == "D");
    let rent = 3_480 * (departure - arrival).num_days();
    json!({
        "ikey": format!("{:08}  ", FIRST + place), "ikey_seq_nos": 1, "order_sta": order,
        "guest_sta": guest, "gcust_cod": code(place), "last_nam": who.last,
        "first_nam": who.first, "contact1_rmk": who.phone, "room_cod": "BT",
        "room_nam": "商務雙人房", "room_nos": format!("{:04}", 801 + place % 20),
        "ci_dat": arrival.to_string(), "co_dat": departure.to_string(),
        "aci_dat": came.then(|| arrival.to_string()),
        "aco_dat": left.then(|| departure.to_string()), "cancel_dat": null, "noshow": "N",
        "rent_amt": 3_480, "rent_tot": rent, "serv_tot": 0, "other_tot": 0,
        "pay_tot": if left { rent } else { 0 },
        "ins_dat": (arrival.min(day) - Days::new(9)).to_string(),
        "upd_dat": changed(place, day),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crm_simulator_dexon::Meaning;

    #[test]
    fn a_few_hundred_guests_and_at_most_a_few_dozen_of_them_unclear() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
        let hotel = hotel(day);
        let truth = hotel.truth();
        let members = BY_ID_NUMBER + BY_PHONE + UNCLEAR;
        assert_eq!(truth.guests.rows, STRANGERS + members);
        assert_eq!(truth.stays.rows, STRANGERS_STAYS + members);
        assert!(truth.guests.bad < 10 && truth.stays.bad < 10);
        assert!(truth.stays.meanings[&Meaning::InHouse] > 50);
        let rows = |place| {
            let row = hotel.find(Table::Guests, &code(place)).unwrap();
            (
                row.fields["id_nos"].clone(),
                row.fields["first_nam"].clone(),
            )
        };
        let everybody: Vec<_> = (0..members).map(rows).collect();
        let other_id = everybody
            .iter()
            .filter(|row| row.0.as_str().unwrap().starts_with('P'));
        let other_name = everybody.iter().filter(|row| row.1 == "小寶");
        let unclear = other_id.count() + other_name.count() + UNCLEAR;
        assert!((20..40).contains(&unclear), "{unclear}");
    }
}
