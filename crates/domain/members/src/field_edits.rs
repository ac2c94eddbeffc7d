use crate::MemberRecord;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// A field of a profile that staff and the hotel's own system both know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EditedField {
    /// Family name.
    LastName,
    /// Given name.
    FirstName,
    /// Gender.
    Gender,
    /// Birthday.
    Birthday,
    /// E-mail address.
    Email,
    /// Phone number.
    Phone,
    /// Identity number.
    IdNumber,
}

impl EditedField {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::LastName,
        Self::FirstName,
        Self::Gender,
        Self::Birthday,
        Self::Email,
        Self::Phone,
        Self::IdNumber,
    ];

    /// The stored word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LastName => "last_name",
            Self::FirstName => "first_name",
            Self::Gender => "gender",
            Self::Birthday => "birthday",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::IdNumber => "id_number",
        }
    }

    /// Whether two rows say something else here.
    fn differs(self, one: &MemberRecord, other: &MemberRecord) -> bool {
        match self {
            Self::LastName => one.last_name != other.last_name,
            Self::FirstName => one.first_name != other.first_name,
            Self::Gender => one.gender != other.gender,
            Self::Birthday => one.birthday != other.birthday,
            Self::Email => one.email != other.email,
            Self::Phone => one.phone != other.phone,
            Self::IdNumber => one.id_number != other.id_number,
        }
    }

    fn is_said(self, record: &MemberRecord) -> bool {
        match self {
            Self::LastName => record.last_name.is_some(),
            Self::FirstName => record.first_name.is_some(),
            Self::Gender => record.gender.is_some(),
            Self::Birthday => record.birthday.is_some(),
            Self::Email => record.email.is_some(),
            Self::Phone => record.phone.is_some(),
            Self::IdNumber => record.id_number.is_some(),
        }
    }
}

/// When staff last changed each field of a profile by hand or by a file; emptying one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldEdits(BTreeMap<EditedField, DateTime<Utc>>);

impl FieldEdits {
    /// When staff last changed this field, if they ever did.
    #[must_use]
    pub fn of(&self, field: EditedField) -> Option<DateTime<Utc>> {
        self.0.get(&field).copied()
    }

    /// The same with this time for a field.
    #[must_use]
    pub fn with(mut self, field: EditedField, at: Option<DateTime<Utc>>) -> Self {
        // Stored in microseconds: what is read back is what was written.
        let at = at.and_then(|at| DateTime::from_timestamp_micros(at.timestamp_micros()));
        match at {
            Some(at) => self.0.insert(field, at),
            None => self.0.remove(&field),
        };
        self
    }

    /// The stored form: field names with microseconds since 1970, as JSON; none when nothing
    /// was ever changed.
    #[must_use]
    pub fn to_stored(&self) -> Option<String> {
        let times = self.0.iter();
        let times =
            times.map(|(field, at)| (field.as_str().to_owned(), at.timestamp_micros().into()));
        let document: serde_json::Map<String, serde_json::Value> = times.collect();
        (!document.is_empty()).then(|| serde_json::Value::Object(document).to_string())
    }

    /// Reads the stored form; none when it is damaged. Fields that are not known are passed
    /// over.
    #[must_use]
    pub fn from_stored(stored: &str) -> Option<Self> {
        let times: BTreeMap<String, i64> = serde_json::from_str(stored).ok()?;
        let known = EditedField::ALL.into_iter();
        let known = known.filter_map(|field| Some((field, *times.get(field.as_str())?)));
        known
            .map(|(field, at)| Some((field, DateTime::from_timestamp_micros(at)?)))
            .collect::<Option<_>>()
            .map(Self)
    }

    /// Of one who was two: each time goes with the value that won, which is `newer`'s unless
    /// that has none.
    pub(crate) fn of_winners(newer: &MemberRecord, older: &MemberRecord) -> Self {
        let mut one = Self::default();
        for field in EditedField::ALL {
            let (newer_at, older_at) = (newer.edits.of(field), older.edits.of(field));
            let at = match (field.is_said(newer), field.is_said(older)) {
                (true, _) => newer_at,
                (false, true) => older_at,
                (false, false) => newer_at.max(older_at),
            };
            one = one.with(field, at);
        }
        one
    }
}

impl MemberRecord {
    /// The record with a note of what staff changed `now`, against what was `before`.
    pub(crate) fn edited_since(self, before: &Self, now: DateTime<Utc>) -> Self {
        let mut edits = before.edits.clone();
        for field in EditedField::ALL {
            if field.differs(&self, before) {
                edits = edits.with(field, Some(now));
            }
        }
        Self { edits, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Gender, MemberSource, Phone};

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn row() -> MemberRecord {
        MemberRecord::of_source(MemberSource::System, at(0))
    }

    #[test]
    fn what_is_changed_or_emptied_is_noted_and_nothing_else() {
        let typed = MemberRecord {
            phone: Some(Phone::from_stored("0912345678".to_owned())),
            gender: Some(Gender::Other),
            ..row()
        };
        let typed = typed.edited_since(&row(), at(1));
        let emptied = MemberRecord {
            phone: None,
            accept_marketing: false,
            ..typed.clone()
        };
        let emptied = emptied.edited_since(&typed, at(2));
        assert_eq!(emptied.edits.of(EditedField::Phone), Some(at(2)));
        assert_eq!(emptied.edits.of(EditedField::Gender), Some(at(1)));
        assert_eq!(emptied.edits.of(EditedField::Email), None);
        assert!(emptied.clone().edited_since(&emptied, at(3)) == emptied);
    }

    #[test]
    fn the_stored_form_is_read_back_and_nothing_is_stored_of_nothing() {
        let fine = DateTime::from_timestamp_nanos(1_759_910_400_123_456_789);
        let mut edits = FieldEdits::default();
        assert_eq!(edits.to_stored(), None);
        for field in EditedField::ALL {
            edits = edits.with(field, Some(fine));
            let stored = edits.to_stored().unwrap();
            assert_eq!(FieldEdits::from_stored(&stored), Some(edits.clone()));
        }
        assert_eq!(
            FieldEdits::from_stored("{\"shoe_size\": 1}"),
            Some(FieldEdits::default())
        );
        assert_eq!(FieldEdits::from_stored("[]"), None);
    }

    #[test]
    fn of_two_rows_the_time_goes_with_the_value() {
        let phone = |text: Option<&str>, edited: Option<i64>| MemberRecord {
            phone: text.map(|text| Phone::from_stored(text.to_owned())),
            edits: FieldEdits::default().with(EditedField::Phone, edited.map(at)),
            ..row()
        };
        for (newer, older, expected) in [
            (
                phone(Some("1"), Some(1)),
                phone(Some("2"), Some(9)),
                Some(1),
            ),
            (phone(Some("1"), None), phone(Some("2"), Some(9)), None),
            (phone(None, Some(5)), phone(Some("2"), Some(3)), Some(3)),
            (phone(None, Some(5)), phone(None, Some(7)), Some(7)),
        ] {
            let one = FieldEdits::of_winners(&newer, &older);
            assert_eq!(one.of(EditedField::Phone), expected.map(at));
        }
    }
}
