use crate::envelope::{Entries, Scalar};
use crate::field::Field;
use crate::known::{FieldFacts, Known};
use crate::text::trimmed;
use crm_members::RawRow;

/// What a cell holds.
pub(crate) enum Cell {
    Text(String),
    /// Something that is no text, no number and no yes or no.
    Unreadable,
}

/// A row as its fields, whatever it came from.
pub(crate) struct Row<'a> {
    cells: Vec<(Field, Cell)>,
    /// The fields by their columns; none for rows of files, where the field's own name is told.
    columns: Option<&'a [FieldFacts]>,
}

impl<'a> Row<'a> {
    /// A row of the vendor's answer.
    pub(crate) fn of_item(item: &Entries<'_>, facts: &'a [FieldFacts]) -> Self {
        let cell = |column: &String| match item.scalar(column) {
            Scalar::Absent => None,
            Scalar::Text(text) if trimmed(&text).is_empty() => None,
            Scalar::Text(text) => Some(Cell::Text(trimmed(&text).to_owned())),
            Scalar::Unreadable => Some(Cell::Unreadable),
        };
        let cells = facts
            .iter()
            .filter_map(|facts| Some((facts.field, facts.columns.iter().find_map(cell)?)))
            .collect();
        Self {
            cells,
            columns: Some(facts),
        }
    }

    /// A row of a file.
    pub(crate) fn of_file(row: &RawRow, facts: &[FieldFacts]) -> Self {
        let cell = |name: &str| {
            let (_, text) = row.0.iter().find(|(field, _)| field == name)?;
            let text = trimmed(text);
            (!text.is_empty()).then(|| Cell::Text(text.to_owned()))
        };
        let cells = facts
            .iter()
            .filter_map(|facts| Some((facts.field, cell(facts.field.name())?)))
            .collect();
        Self {
            cells,
            columns: None,
        }
    }

    /// A field that says something.
    pub(crate) fn cell(&self, known: &Known, field: Field) -> Option<&Cell> {
        let (_, cell) = self.cells.iter().find(|(f, _)| *f == field)?;
        match cell {
            Cell::Text(text) if known.is_absent(text) => None,
            cell => Some(cell),
        }
    }

    /// What the source calls a field.
    pub(crate) fn name_of(&self, field: Field) -> &'a str {
        self.columns
            .and_then(|columns| columns.iter().find(|facts| facts.field == field))
            .and_then(|facts| facts.columns.first())
            .map_or(field.name(), String::as_str)
    }
}
