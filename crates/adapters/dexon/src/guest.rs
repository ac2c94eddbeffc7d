use crate::dates;
use crate::emails;
use crate::field::Field;
use crate::names::names;
use crate::numbers;
use crate::phones::{self, Found};
use crate::reading::{Reading, Scope};
use chrono::{DateTime, Utc};
use crm_members::{GuestCode, IdNumber, PersonName, Phone, PmsGuest, PmsRow, RowFault, RowSays};
use unicode_normalization::UnicodeNormalization;

/// Reads a row of guests.
pub(crate) fn guest(mut reading: Reading<'_>) -> PmsRow<PmsGuest> {
    let says = read(&mut reading).map(|guest| RowSays::Row(Box::new(guest)));
    reading.into_row(Field::GuestCode, says)
}

fn read(r: &mut Reading<'_>) -> Result<PmsGuest, RowFault> {
    let code = GuestCode::parse(r.required(Field::GuestCode)?)
        .map_err(|reason| r.fault(Field::GuestCode, reason))?;
    let updated_at = updated_at(r)?;
    let merged_into = r
        .optional_as(Field::MergedInto, guest_code)
        .filter(|other| *other != code);
    Ok(PmsGuest {
        code: Some(code),
        gender: r
            .optional(Field::Gender)
            .and_then(|word| r.scope.known.gender(word)),
        birthday: r.optional_as(Field::Birthday, dates::birthday),
        email: r.optional_as(Field::Email, emails::email),
        accepts_marketing: r.optional_as(Field::AcceptMarketing, yes_no),
        merged_into,
        visits: r.optional_as(Field::Visits, |text, _| numbers::count(text).map(Some)),
        vip: r
            .optional(Field::Vip)
            .map(|word| r.scope.known.yes_no(word) != Some(false)),
        ..person(r, updated_at)
    })
}

/// Who somebody is, in rows of guests and of stays alike: names, phone and id number.
pub(crate) fn person(r: &mut Reading<'_>, updated_at: DateTime<Utc>) -> PmsGuest {
    let [last, first, full] =
        [Field::LastName, Field::FirstName, Field::FullName].map(|field| r.optional(field));
    let (last, first) = names(last, first, full, r.scope.known);
    PmsGuest {
        last_name: name(r, Field::LastName, last),
        first_name: name(r, Field::FirstName, first),
        phone: phone(r),
        id_number: r.optional_as(Field::IdNumber, id_number),
        ..PmsGuest::nobody(updated_at)
    }
}

/// When the row changed.
pub(crate) fn updated_at(r: &Reading<'_>) -> Result<DateTime<Utc>, RowFault> {
    let field = Field::UpdatedAt;
    let text = match (r.right(field)?, r.scope.updated_at) {
        (Some(text), _) => text,
        (None, Some(at)) => return Ok(at),
        (None, None) => r.required(field)?,
    };
    let when = dates::of_now(text, r.scope).map_err(|reason| r.fault(field, reason))?;
    Ok(when.moment(r.scope.hotel))
}

/// A guest's key where there may be none.
pub(crate) fn guest_code(text: &str, _: &Scope<'_>) -> Result<Option<GuestCode>, &'static str> {
    GuestCode::parse(text).map(Some)
}

/// Yes or no.
pub(crate) fn yes_no(text: &str, scope: &Scope<'_>) -> Result<Option<bool>, &'static str> {
    let word = scope.known.yes_no(text);
    word.map(Some).ok_or("is neither yes nor no")
}

fn name(r: &mut Reading<'_>, field: Field, name: Option<String>) -> Option<PersonName> {
    PersonName::parse(&name?)
        .map_err(|reason| r.warn(field, reason))
        .ok()
}

/// The first mobile of all fields with phones, else the first other number.
fn phone(r: &mut Reading<'_>) -> Option<Phone> {
    let known = r.scope.known;
    let mut other = None;
    let mut strange = None;
    for field in Field::PHONES {
        let Some(text) = r.optional(field) else {
            continue;
        };
        match phones::phone(text, known) {
            Some(Found::Mobile(phone)) => return Some(phone),
            Some(Found::Other(phone)) if !phones::is_nothing(text, known) => {
                other = other.or(Some(phone));
            }
            None if !phones::is_nothing(text, known) => strange = strange.or(Some(field)),
            _ => {}
        }
    }
    if let (None, Some(field)) = (&other, strange) {
        r.warn(field, "is not a phone number");
    }
    other
}

/// An id number, unless it is one digit again and again.
fn id_number(text: &str, _: &Scope<'_>) -> Result<Option<IdNumber>, &'static str> {
    let plain: Vec<char> = text.nfkc().filter(|c| c.is_alphanumeric()).collect();
    let repeats = plain.windows(2).all(|pair| pair[0] == pair[1]);
    if repeats && plain.first().is_some_and(char::is_ascii_digit) {
        return Ok(None);
    }
    IdNumber::parse(text).map(Some)
}

#[cfg(test)]
#[path = "guest_tests.rs"]
mod tests;
