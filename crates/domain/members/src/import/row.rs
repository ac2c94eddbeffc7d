use super::birthday::birthday;
use super::columns::{Columns, Field};
use super::full_name::split;
use super::words::{as_typed, gender, looks_like_formula, yes};
use crate::profile::check_birthday;
use crate::{Email, Gender, IdNumber, Notes, PersonName, Phone};
use chrono::NaiveDate;
use crm_kernel::{FieldError, Problems};

/// What a row says of a guest; what it does not say is empty.
#[derive(Clone)]
pub(super) struct ImportRow {
    pub(super) first_name: Option<PersonName>,
    pub(super) last_name: Option<PersonName>,
    pub(super) gender: Option<Gender>,
    pub(super) birthday: Option<NaiveDate>,
    pub(super) email: Option<Email>,
    pub(super) phone: Option<Phone>,
    pub(super) id_number: Option<IdNumber>,
    pub(super) accept_marketing: Option<bool>,
    pub(super) notes: Option<Notes>,
}

impl ImportRow {
    /// Reads a row by the rules of the API.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(super) fn read(
        columns: &Columns,
        cells: &[String],
        today: NaiveDate,
    ) -> Result<Self, Vec<FieldError>> {
        let mut problems = Problems::default();
        let p = &mut problems;
        let cell = |field| columns.cell(cells, field);
        for field in [
            Field::FirstName,
            Field::LastName,
            Field::FullName,
            Field::Notes,
        ] {
            let is_formula = cell(field).is_some_and(looks_like_formula);
            p.check(!is_formula, field.name(), "looks like a formula");
        }
        // Two columns that say it beat one from which it must be guessed.
        let (first, last) = cell(Field::FullName).map(split).unwrap_or_default();
        let first = cell(Field::FirstName).map(str::to_owned).or(first);
        let last = cell(Field::LastName).map(str::to_owned).or(last);
        let row = Self {
            first_name: kept(p, Field::FirstName, first.as_deref(), PersonName::parse),
            last_name: kept(p, Field::LastName, last.as_deref(), PersonName::parse),
            gender: kept(p, Field::Gender, cell(Field::Gender), gender),
            birthday: kept(p, Field::Birthday, cell(Field::Birthday), birthday),
            email: kept(p, Field::Email, cell(Field::Email), Email::parse),
            phone: kept(
                p,
                Field::Phone,
                cell(Field::Phone).map(as_typed),
                Phone::parse,
            ),
            id_number: kept(p, Field::IdNumber, cell(Field::IdNumber), IdNumber::parse),
            accept_marketing: kept(p, Field::AcceptMarketing, cell(Field::AcceptMarketing), yes),
            notes: kept(p, Field::Notes, cell(Field::Notes), Notes::parse),
        };
        if let Some(birthday) = row.birthday {
            check_birthday(p, birthday, today);
        }
        if problems.is_empty() && !row.says_who() {
            problems.add(
                Field::FullName.name(),
                "give at least a name, e-mail, phone or id number",
            );
        }
        problems.into_result()?;
        Ok(row)
    }

    const fn says_who(&self) -> bool {
        self.first_name.is_some()
            || self.last_name.is_some()
            || self.email.is_some()
            || self.phone.is_some()
            || self.id_number.is_some()
    }
}

fn kept<T>(
    problems: &mut Problems,
    field: Field,
    text: Option<&str>,
    parse: impl FnOnce(&str) -> Result<T, &'static str>,
) -> Option<T> {
    problems.keep(field.name(), parse(text?))
}
