mod delimited;
mod excel;
mod tab;

use crm_exports::{MakerError, Sheet, SheetFormat, SheetWriter};
use std::io::{Error, ErrorKind};
use std::path::Path;

use delimited::Delimited;
use excel::Excel;

/// Rows that fit on one tab of a workbook, without the headings.
const ROWS_ON_A_TAB: u32 = 1_048_575;

pub fn begin(
    format: SheetFormat,
    sheet: &Sheet,
    file: &Path,
) -> Result<Box<dyn SheetWriter>, MakerError> {
    if sheet.columns.is_empty() {
        return Err(MakerError::Failed("a sheet needs a column".to_owned()));
    }
    Ok(match format {
        SheetFormat::Excel => Box::new(Excel::begin(sheet, file, ROWS_ON_A_TAB)?),
        SheetFormat::Csv => Box::new(Delimited::begin(sheet, file)?),
    })
}

/// A row has a cell for each column.
fn in_form(cells: usize, columns: usize) -> Result<(), MakerError> {
    if cells == columns {
        return Ok(());
    }
    Err(MakerError::Failed(format!(
        "a row has {cells} cells, the sheet {columns} columns"
    )))
}

/// The folder a file lies in; files on the way lie there too, so that they need the same disk.
fn folder(file: &Path) -> Result<&Path, MakerError> {
    match file.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Ok(Path::new(".")),
        Some(folder) => Ok(folder),
        None => Err(MakerError::Disk(Error::from(ErrorKind::IsADirectory))),
    }
}
