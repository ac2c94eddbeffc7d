//! What the hotel's clerks do: everything that changes a row.

use std::error::Error;
use std::fmt;

use serde_json::{Value, json};

use super::Hotel;
use super::row::{
    Fields, Meaning, Row, Table, Verdict, amount_of, day_in, meaning_of, number, put, stay_key,
    text,
};
use crate::dirt::plain;
use crate::time::{read, taipei};

/// There is no such row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoSuchRow;

impl fmt::Display for NoSuchRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is no such row")
    }
}

impl Error for NoSuchRow {}

/// Anything that changes a row takes the second `now` at which it happens.
impl Hotel {
    /// Adds a row as it is, or puts it in the place of the one with its key; answers the key. A row
    /// without `upd_dat` gets it from `now`. The verdict is what a reader is to make of it.
    pub fn add(&mut self, table: Table, mut fields: Fields, verdict: Verdict, now: i64) -> String {
        if !fields.contains_key("upd_dat") {
            put(&mut fields, "upd_dat", json!(plain(taipei(now))));
        }
        let changed_at = read(text(&fields, "upd_dat")).unwrap_or(now);
        let key = self.key_of(table, &fields);
        let is_stay = table == Table::Stays;
        let row = Row {
            changed_at,
            meaning: (is_stay && verdict == Verdict::Good).then(|| meaning_of(&fields)),
            amount: if is_stay { amount_of(&fields) } else { 0 },
            key: key.clone(),
            fields,
            verdict,
            case: None,
        };
        self.put(table, row);
        key
    }

    /// Changes fields of a row, and `upd_dat` with them unless that is one of them. Null takes a
    /// field's value, not the field.
    ///
    /// # Errors
    /// [`NoSuchRow`].
    pub fn change(
        &mut self,
        table: Table,
        key: &str,
        fields: Fields,
        now: i64,
    ) -> Result<(), NoSuchRow> {
        let mut row = self.find(table, key).ok_or(NoSuchRow)?;
        row.changed_at = match fields.get("upd_dat").and_then(Value::as_str) {
            Some(text) => read(text).unwrap_or(now),
            None => now,
        };
        put(&mut row.fields, "upd_dat", json!(plain(taipei(now))));
        let tells = [
            "order_sta",
            "guest_sta",
            "aci_dat",
            "aco_dat",
            "cancel_dat",
            "noshow",
        ];
        let is_told = tells.iter().any(|name| fields.contains_key(*name));
        row.fields.extend(fields);
        if table == Table::Stays {
            row.amount = amount_of(&row.fields);
            if is_told && row.verdict == Verdict::Good {
                row.meaning = Some(meaning_of(&row.fields));
            }
        }
        self.put(table, row);
        Ok(())
    }

    /// Deletes a row. Nobody is told: the contract has no word for it.
    ///
    /// # Errors
    /// [`NoSuchRow`].
    pub fn delete(&mut self, table: Table, key: &str) -> Result<(), NoSuchRow> {
        self.find(table, key).ok_or(NoSuchRow)?;
        let place = self.place(table, key);
        self.changed_mut(table).remove(key, place);
        Ok(())
    }

    /// The guest has arrived.
    ///
    /// # Errors
    /// [`NoSuchRow`].
    pub fn check_in(&mut self, key: &str, now: i64) -> Result<(), NoSuchRow> {
        let day = self.business_date().to_string();
        let fields = fields_of(json!({
            "order_sta": "I", "guest_sta": "O", "aci_dat": day, "aco_dat": null,
        }));
        self.change(Table::Stays, key, fields, now)
    }

    /// The guest has paid and left.
    ///
    /// # Errors
    /// [`NoSuchRow`].
    pub fn check_out(&mut self, key: &str, now: i64) -> Result<(), NoSuchRow> {
        let row = self.find(Table::Stays, key).ok_or(NoSuchRow)?;
        let day = self.business_date().to_string();
        let paid = ["rent_tot", "serv_tot", "other_tot"]
            .iter()
            .map(|name| number(&row.fields, name))
            .sum::<i64>();
        let mut fields = fields_of(json!({
            "order_sta": "D", "guest_sta": "C", "co_dat": day, "aco_dat": day, "pay_tot": paid,
        }));
        if day_in(&row.fields, "ci_dat").is_none_or(|arrival| arrival > self.business_date()) {
            put(&mut fields, "ci_dat", json!(day));
        }
        if text(&row.fields, "aci_dat").is_empty() {
            put(&mut fields, "aci_dat", json!(day));
        }
        self.change(Table::Stays, key, fields, now)
    }

    /// The stay is called off.
    ///
    /// # Errors
    /// [`NoSuchRow`].
    pub fn cancel(&mut self, key: &str, now: i64) -> Result<(), NoSuchRow> {
        let day = self.business_date().to_string();
        let fields = fields_of(json!({"order_sta": "C", "cancel_dat": day}));
        self.change(Table::Stays, key, fields, now)
    }

    /// One guest turns out to be another.
    ///
    /// # Errors
    /// [`NoSuchRow`] for either.
    pub fn merge(&mut self, from: &str, into: &str, now: i64) -> Result<(), NoSuchRow> {
        self.find(Table::Guests, into).ok_or(NoSuchRow)?;
        let fields = fields_of(json!({"merged_into": into}));
        self.change(Table::Guests, from, fields, now)
    }

    /// Keys of stays whose guests are here: those that were changed since the start, then the
    /// others, the latest first.
    #[must_use]
    pub fn in_house(&self, at_most: usize) -> Vec<String> {
        let mut changed: Vec<String> = self
            .changed_stays
            .all()
            .filter(|row| row.meaning == Some(Meaning::InHouse))
            .map(|row| row.key.clone())
            .collect();
        changed.reverse();
        let others = (0..self.stays)
            .rev()
            .filter(|&index| !self.changed_stays.is_replaced(index))
            .filter(|&index| self.source().is_in_house(index))
            .map(|index| self.key(Table::Stays, index));
        changed.into_iter().chain(others).take(at_most).collect()
    }

    fn put(&mut self, table: Table, row: Row) {
        let place = self.place(table, &row.key);
        self.changed_mut(table).put(row, place);
    }

    const fn changed_mut(&mut self, table: Table) -> &mut super::Changed {
        match table {
            Table::Guests => &mut self.changed_guests,
            Table::Stays => &mut self.changed_stays,
        }
    }

    /// A row without a key gets one that nobody sees.
    fn key_of(&mut self, table: Table, fields: &Fields) -> String {
        let name = match table {
            Table::Guests => "gcust_cod",
            Table::Stays => "ikey",
        };
        let own = text(fields, name);
        if own.is_empty() {
            self.added += 1;
            return format!("~{:06}", self.added);
        }
        match table {
            Table::Guests => own.to_owned(),
            Table::Stays => {
                let room = u64::try_from(number(fields, "ikey_seq_nos")).unwrap_or(1);
                stay_key(own, room.max(1))
            }
        }
    }
}

/// The fields of an object.
pub(crate) fn fields_of(value: Value) -> Fields {
    match value {
        Value::Object(fields) => fields,
        _ => Fields::new(),
    }
}
