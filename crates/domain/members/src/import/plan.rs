use super::columns::{Columns, Field};
use super::row::ImportRow;
use super::{RowError, Sheet};
use chrono::NaiveDate;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// A row of the file that is not blank.
pub(super) struct PlannedRow {
    /// Its number in the file.
    pub(super) number: u64,
    /// What it says, or what is wrong with it.
    pub(super) says: Result<ImportRow, Vec<RowError>>,
}

/// Reads all rows; the same file gives the same plan, so that a run can go on in the middle.
pub(super) fn plan(sheet: &Sheet, columns: &Columns, today: NaiveDate) -> Vec<PlannedRow> {
    let mut first_with: HashMap<String, u64> = HashMap::new();
    let rows = sheet.rows.iter();
    rows.filter(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty()))
        .map(|(number, cells)| {
            let says = ImportRow::read(columns, cells, today).map_err(|wrong| {
                let wrong = wrong.into_iter();
                wrong
                    .map(|problem| RowError {
                        row: *number,
                        field: problem.field,
                        message: problem.message,
                    })
                    .collect()
            });
            let says = says.and_then(|row| once(row, *number, &mut first_with));
            PlannedRow {
                number: *number,
                says,
            }
        })
        .collect()
}

fn once(
    row: ImportRow,
    number: u64,
    first_with: &mut HashMap<String, u64>,
) -> Result<ImportRow, Vec<RowError>> {
    if let Some(id_number) = &row.id_number {
        match first_with.entry(id_number.as_str().to_owned()) {
            Entry::Occupied(first) => {
                return Err(vec![RowError {
                    row: number,
                    field: Field::IdNumber.name().to_owned(),
                    message: format!("the same as row {}", first.get()),
                }]);
            }
            Entry::Vacant(place) => place.insert(number),
        };
    }
    Ok(row)
}
