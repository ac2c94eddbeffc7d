mod text;
mod workbook;

use thiserror::Error;

const MAX_ROWS: usize = 100_000;
const MAX_COLUMNS: usize = 100;
const MAX_CELL_CHARS: usize = 1_000;
/// All cells, blank ones included: a small file must not fill the memory with empty columns.
const MAX_CELLS: usize = 5_000_000;

/// A table as staff typed it. Every row has as many cells as the header; a cell that looks like
/// a formula is text like any other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Names of the columns, without the blanks around them; empty where a column has none.
    pub header: Vec<String>,
    /// The rows that are not blank, each with its number in the file as a spreadsheet shows it
    /// (the first row, commonly the header, is 1).
    pub rows: Vec<(u64, Vec<String>)>,
}

/// Why a file is not read as a table. The text says what to mend.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SheetError {
    /// Nothing in it, not even a header.
    #[error("the file is empty")]
    Empty,
    /// Neither UTF-8, UTF-16 with its mark, nor Big5; or not a text at all.
    #[error("the file is neither an Excel workbook nor a text in UTF-8, UTF-16 or Big5")]
    NotAText,
    /// A packed file that is no Excel workbook, or a damaged one.
    #[error("the file is not a readable .xlsx workbook")]
    NotAWorkbook,
    /// Excel's format from before 2007, or a workbook behind a password.
    #[error("old .xls and protected workbooks cannot be read; save as .xlsx without a password")]
    OldWorkbook,
    /// Unpacked, or with all its blank cells, it would be larger than is read.
    #[error("the file is too large when unpacked, or has more than {MAX_CELLS} cells")]
    TooLarge,
    /// Too many rows.
    #[error("the file has more than {MAX_ROWS} rows")]
    TooManyRows,
    /// Too many columns.
    #[error("row {row} has more than {MAX_COLUMNS} columns")]
    TooManyColumns {
        /// Number of the row.
        row: u64,
    },
    /// A cell that is too long.
    #[error("row {row}, column {column} has more than {MAX_CELL_CHARS} characters")]
    CellTooLong {
        /// Number of the row.
        row: u64,
        /// Number of the column, from 1.
        column: usize,
    },
    /// A character that no text has.
    #[error("the file contains NUL characters")]
    NulCharacter,
}

/// Reads the table in a CSV file or on the first sheet of an `.xlsx` workbook. The content says
/// which of them it is. Takes processor time: not for a thread that serves others.
///
/// # Errors
/// [`SheetError`], which says it of each.
pub fn read_sheet(bytes: &[u8]) -> Result<Sheet, SheetError> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return workbook::read(bytes);
    }
    if bytes.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        return Err(SheetError::OldWorkbook);
    }
    text::read(bytes)
}

/// Collects rows in their order and holds the limits.
#[derive(Default)]
struct Collector {
    header: Option<Vec<String>>,
    rows: Vec<(u64, Vec<String>)>,
    width: usize,
}

impl Collector {
    fn add(&mut self, row: u64, mut cells: Vec<String>) -> Result<(), SheetError> {
        let filled = cells.iter().rposition(|cell| !cell.trim().is_empty());
        let Some(last) = filled else {
            return Ok(());
        };
        cells.truncate(last + 1);
        if cells.len() > MAX_COLUMNS {
            return Err(SheetError::TooManyColumns { row });
        }
        for (place, cell) in cells.iter().enumerate() {
            if cell.chars().nth(MAX_CELL_CHARS).is_some() {
                let column = place + 1;
                return Err(SheetError::CellTooLong { row, column });
            }
            if cell.contains('\0') {
                return Err(SheetError::NulCharacter);
            }
        }
        self.width = self.width.max(cells.len());
        if self.header.is_none() {
            self.header = Some(cells.iter().map(|name| name.trim().to_owned()).collect());
            return Ok(());
        }
        if self.rows.len() == MAX_ROWS {
            return Err(SheetError::TooManyRows);
        }
        self.rows.push((row, cells));
        Ok(())
    }

    fn finish(self) -> Result<Sheet, SheetError> {
        let mut header = self.header.ok_or(SheetError::Empty)?;
        let mut rows = self.rows;
        if rows.len() * self.width > MAX_CELLS {
            return Err(SheetError::TooLarge);
        }
        header.resize(self.width, String::new());
        for (_, cells) in &mut rows {
            cells.resize(self.width, String::new());
        }
        Ok(Sheet { header, rows })
    }
}
