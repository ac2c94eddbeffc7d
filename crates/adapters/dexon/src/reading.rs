use crate::field::Field;
use crate::known::Known;
use crate::row::{Cell, Row};
use crate::text::{cut, is_damaged};
use chrono::{DateTime, NaiveDate, Utc};
use crm_kernel::HotelTime;
use crm_members::{PmsRow, RowFault, RowSays};

/// Longest key told with a row.
const KEY_CHARS: usize = 50;
const MISSING: &str = "is missing";
const UNREADABLE: &str = "cannot be read";

/// What a row is read with.
pub(crate) struct Scope<'a> {
    pub(crate) known: &'a Known,
    pub(crate) hotel: HotelTime,
    /// The day at the hotel, by our clock.
    pub(crate) today: NaiveDate,
    /// When a row changed that does not say so; none = such a row is bad.
    pub(crate) updated_at: Option<DateTime<Utc>>,
}

/// A row while it is read: what it lacks ends it, what is wrong beside that is noted.
pub(crate) struct Reading<'a> {
    pub(crate) scope: &'a Scope<'a>,
    row: &'a Row<'a>,
    warnings: Vec<RowFault>,
}

impl<'a> Reading<'a> {
    pub(crate) const fn new(scope: &'a Scope<'a>, row: &'a Row<'a>) -> Self {
        Self {
            scope,
            row,
            warnings: Vec::new(),
        }
    }

    /// A field without which the row is bad.
    pub(crate) fn required(&self, field: Field) -> Result<&'a str, RowFault> {
        match self.row.cell(self.scope.known, field) {
            None => Err(self.fault(field, MISSING)),
            Some(Cell::Text(text)) if !is_damaged(text) => Ok(text),
            Some(_) => Err(self.fault(field, UNREADABLE)),
        }
    }

    /// A field that may be missing, but must be right where it is not.
    pub(crate) fn right(&self, field: Field) -> Result<Option<&'a str>, RowFault> {
        match self.row.cell(self.scope.known, field) {
            None => Ok(None),
            Some(_) => self.required(field).map(Some),
        }
    }

    /// A field that may be missing and is dropped when it cannot be read.
    pub(crate) fn optional(&mut self, field: Field) -> Option<&'a str> {
        match self.row.cell(self.scope.known, field)? {
            Cell::Text(text) if !is_damaged(text) => Some(text),
            _ => {
                self.warn(field, UNREADABLE);
                None
            }
        }
    }

    /// The same, read further.
    pub(crate) fn optional_as<T>(
        &mut self,
        field: Field,
        read: impl FnOnce(&str, &Scope<'_>) -> Result<Option<T>, &'static str>,
    ) -> Option<T> {
        let text = self.optional(field)?;
        match read(text, self.scope) {
            Ok(found) => found,
            Err(reason) => {
                self.warn(field, reason);
                None
            }
        }
    }

    /// A fault of a field, as the source names it.
    pub(crate) fn fault(&self, field: Field, reason: &str) -> RowFault {
        RowFault::new(self.row.name_of(field), reason)
    }

    /// Notes what is wrong with a field that is dropped.
    pub(crate) fn warn(&mut self, field: Field, reason: &str) {
        let fault = self.fault(field, reason);
        self.warnings.push(fault);
    }

    /// What the row comes to.
    pub(crate) fn into_row<T>(self, key: Field, says: Result<RowSays<T>, RowFault>) -> PmsRow<T> {
        let key = match self.row.cell(self.scope.known, key) {
            Some(Cell::Text(text)) => cut(text, KEY_CHARS),
            _ => String::new(),
        };
        PmsRow {
            key,
            says: says.unwrap_or_else(RowSays::Bad),
            warnings: self.warnings,
        }
    }
}
