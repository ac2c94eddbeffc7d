//! A row as it goes over the wire, and what is known about it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The fields of a row.
pub type Fields = Map<String, Value>;

/// Which table a row is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// Guest history.
    Guests,
    /// Orders and rooms.
    Stays,
}

/// What a reader who keeps to the contract does with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Takes it.
    Good,
    /// Counts it as failed.
    Bad,
    /// Passes it over.
    Ignored,
}

/// What has become of a stay, once all its fields are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// It will be.
    Booked,
    /// The guest is here.
    InHouse,
    /// The guest has left.
    CheckedOut,
    /// It was called off.
    Cancelled,
    /// Nobody came.
    NoShow,
    /// Nothing tells.
    Unknown,
}

/// A row with what is known about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// When it changed, in seconds since 1970; rows are in this order, then in that of the key.
    pub changed_at: i64,
    /// `gcust_cod`, or `ikey-room`.
    pub key: String,
    /// What is sent.
    pub fields: Fields,
    /// What a reader does with it.
    pub verdict: Verdict,
    /// Of a good stay: what has become of it.
    pub meaning: Option<Meaning>,
    /// Of a stay: what it costs, in dollars.
    pub amount: i64,
    /// What is special about it.
    pub case: Option<&'static str>,
}

/// The key of a room's row.
pub(crate) fn stay_key(order: &str, room: u64) -> String {
    format!("{}-{room:03}", order.trim())
}

/// Sets a field.
pub(crate) fn put(fields: &mut Fields, name: &str, value: Value) {
    fields.insert(name.to_owned(), value);
}

/// The text of a field, without the blanks around it; empty when it is none.
pub(crate) fn text<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .trim_matches([' ', '\u{3000}'])
}

/// The day in a field.
pub(crate) fn day_in(fields: &Fields, name: &str) -> Option<NaiveDate> {
    crate::time::read_day(text(fields, name))
}

/// The number in a field.
pub(crate) fn number(fields: &Fields, name: &str) -> i64 {
    match fields.get(name) {
        Some(Value::Number(number)) => number.as_i64().unwrap_or(0),
        Some(Value::String(text)) => text.trim().parse().unwrap_or(0),
        _ => 0,
    }
}

/// What a clean row of a stay says by itself.
pub(crate) fn meaning_of(fields: &Fields) -> Meaning {
    let order = text(fields, "order_sta").to_ascii_uppercase();
    let left = !text(fields, "aco_dat").is_empty() || text(fields, "guest_sta") == "C";
    match order.as_str() {
        "C" => Meaning::Cancelled,
        _ if !text(fields, "cancel_dat").is_empty() => Meaning::Cancelled,
        _ if text(fields, "noshow") == "Y" => Meaning::NoShow,
        _ if left => Meaning::CheckedOut,
        "I" => Meaning::InHouse,
        "N" | "O" | "R" if text(fields, "guest_sta") == "O" => Meaning::InHouse,
        "N" | "O" | "R" => Meaning::Booked,
        "S" if text(fields, "aci_dat").is_empty() => Meaning::NoShow,
        "S" => Meaning::InHouse,
        _ => Meaning::Unknown,
    }
}

/// What a stay costs.
pub(crate) fn amount_of(fields: &Fields) -> i64 {
    let paid = number(fields, "pay_tot");
    if paid > 0 {
        return paid;
    }
    ["rent_tot", "serv_tot", "other_tot"]
        .iter()
        .map(|name| number(fields, name))
        .sum()
}
