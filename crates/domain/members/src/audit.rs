//! What the audit log may know of a member.

use crate::{Email, Gender, MemberRecord, Members, NewStay, Notes, PersonName, Phone};
use crm_kernel::{AuditEntry, Facts};
use serde_json::{Value, json};

impl Members {
    /// Everything that staff can write, the id number masked.
    pub(crate) fn facts(&self, record: &MemberRecord) -> Facts {
        let id_number = record.id_number.as_ref().map(|sealed| {
            let opened = self.vault.open(&sealed.ciphertext);
            opened.map_or_else(|_| "unreadable".to_owned(), |number| number.masked())
        });
        let facts = [
            (
                "first_name",
                text(record.first_name.as_ref().map(PersonName::as_str)),
            ),
            (
                "last_name",
                text(record.last_name.as_ref().map(PersonName::as_str)),
            ),
            ("gender", text(record.gender.map(Gender::as_str))),
            ("birthday", json!(record.birthday)),
            ("email", text(record.email.as_ref().map(Email::as_str))),
            ("phone", text(record.phone.as_ref().map(Phone::as_str))),
            ("id_number", text(id_number.as_deref())),
            ("accept_marketing", Value::from(record.accept_marketing)),
            ("notes", text(record.notes.as_ref().map(Notes::as_str))),
        ];
        named(facts)
    }

    /// The entry with what changed from one record to the other. Two id numbers may look alike
    /// when masked: then it says that the number changed, and no more.
    pub(crate) fn with_changes(
        &self,
        entry: AuditEntry,
        old: &MemberRecord,
        new: &MemberRecord,
    ) -> AuditEntry {
        let entry = entry.changed(self.facts(old), self.facts(new));
        let is_corrected = match (&old.id_number, &new.id_number) {
            (Some(old), Some(new)) => !self.is_same_number(old, new),
            _ => false,
        };
        if is_corrected && !entry.after.contains_key("id_number") {
            return entry.with("id_number", "changed");
        }
        entry
    }
}

/// A stay as it was written down.
pub(crate) fn stay_facts(stay: &NewStay) -> Facts {
    named([
        ("order_number", text(Some(&stay.order_number))),
        ("room_type", text(stay.room_type.as_deref())),
        ("amount_minor", Value::from(stay.amount_minor)),
        ("check_in_date", json!(stay.check_in_date)),
        ("check_out_date", json!(stay.check_out_date)),
        ("booked_at", json!(stay.booked_at)),
    ])
}

fn text(value: Option<&str>) -> Value {
    value.map_or(Value::Null, Value::from)
}

fn named<const N: usize>(facts: [(&str, Value); N]) -> Facts {
    let named = facts.into_iter();
    named
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
