//! What staff may type into a profile, checked field by field so that every mistake is told at
//! once.

use chrono::NaiveDate;
use crm_kernel::{FieldError, Patch, Problems};

/// The fields of which at least one must say who the guest is.
const WHO: [&str; 5] = ["first_name", "last_name", "email", "phone", "id_number"];

/// A value from what was typed; blank text is no value.
pub(crate) fn typed<T>(
    problems: &mut Problems,
    field: &str,
    text: Option<String>,
    parse: impl FnOnce(&str) -> Result<T, &'static str>,
) -> Option<T> {
    let text = text.filter(|text| !text.trim().is_empty())?;
    problems.keep(field, parse(&text))
}

/// A change from what was typed; blank text clears. A wrong value is noted and changes nothing.
pub(crate) fn changed<T>(
    problems: &mut Problems,
    field: &str,
    text: Patch<String>,
    parse: impl FnOnce(&str) -> Result<T, &'static str>,
) -> Patch<T> {
    match text {
        Patch::Keep => Patch::Keep,
        Patch::Clear => Patch::Clear,
        Patch::Set(text) if text.trim().is_empty() => Patch::Clear,
        Patch::Set(text) => problems
            .keep(field, parse(&text))
            .map_or(Patch::Keep, Patch::Set),
    }
}

/// Notes a birthday that no living guest can have.
pub(crate) fn check_birthday(problems: &mut Problems, birthday: NaiveDate, today: NaiveDate) {
    problems.check(birthday <= today, "birthday", "must not be in the future");
    let first = NaiveDate::from_ymd_opt(1900, 1, 1);
    problems.check(
        first.is_none_or(|first| birthday >= first),
        "birthday",
        "must not be before 1900",
    );
}

/// The complaint about a profile that could be anybody's.
pub(crate) fn nobody() -> Vec<FieldError> {
    WHO.map(|field| FieldError::new(field, "give at least a name, e-mail, phone or id number"))
        .into()
}
