use super::{Collector, MAX_CELLS, MAX_COLUMNS, MAX_ROWS, Sheet, SheetError};
use calamine::{DataRef, ExcelDateTime, Reader, SheetType, Xlsx};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use zip::ZipArchive;

const MAX_UNPACKED: u64 = 100 * 1024 * 1024;
const MAX_PARTS: usize = 1_000;
/// More texts than a full sheet can name.
const MAX_TEXTS: u64 = (MAX_ROWS as u64 + 1) * MAX_COLUMNS as u64;

/// Reads the first sheet of a workbook. Cells are taken one by one: a sheet with one cell in its
/// last corner would be endless as a table.
pub(super) fn read(bytes: &[u8]) -> Result<Sheet, SheetError> {
    check_unpacked(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| SheetError::NotAWorkbook)?;
    let first = book
        .sheets_metadata()
        .iter()
        .find(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .ok_or(SheetError::NotAWorkbook)?;
    let mut cells = book
        .worksheet_cells_reader(&first)
        .map_err(|_| SheetError::NotAWorkbook)?;

    let mut rows: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let mut room = MAX_CELLS;
    while let Some(cell) = cells.next_cell().map_err(|_| SheetError::NotAWorkbook)? {
        let (row, column) = cell.get_position();
        let text = text(cell.get_value());
        if text.trim().is_empty() {
            continue;
        }
        let column = column as usize;
        if column >= MAX_COLUMNS {
            let row = u64::from(row) + 1;
            return Err(SheetError::TooManyColumns { row });
        }
        let cells = rows.entry(row).or_default();
        if cells.len() <= column {
            let more = column + 1 - cells.len();
            room = room.checked_sub(more).ok_or(SheetError::TooLarge)?;
            cells.resize(column + 1, String::new());
        }
        if let Some(place) = cells.get_mut(column) {
            *place = text;
        }
        // The header comes on top of them.
        if rows.len() > MAX_ROWS + 1 {
            return Err(SheetError::TooManyRows);
        }
    }
    let mut sheet = Collector::default();
    for (row, cells) in rows {
        sheet.add(u64::from(row) + 1, cells)?;
    }
    sheet.finish()
}

/// Unpacks everything once without keeping it, since a directory may lie about sizes. Room for
/// texts is made on a number that the file names, so that number is looked at as well.
fn check_unpacked(bytes: &[u8]) -> Result<(), SheetError> {
    let mut parts = ZipArchive::new(Cursor::new(bytes)).map_err(|_| SheetError::NotAWorkbook)?;
    if parts.len() > MAX_PARTS {
        return Err(SheetError::TooLarge);
    }
    let mut left = MAX_UNPACKED;
    for place in 0..parts.len() {
        let part = parts
            .by_index(place)
            .map_err(|_| SheetError::NotAWorkbook)?;
        if part.size() > left {
            return Err(SheetError::TooLarge);
        }
        let texts = part
            .name()
            .map_err(|_| SheetError::NotAWorkbook)?
            .to_ascii_lowercase()
            .ends_with("sharedstrings.xml");
        let mut limited = part.take(left + 1);
        let mut kept = Vec::new();
        let size = if texts {
            limited.read_to_end(&mut kept).map(|size| size as u64)
        } else {
            std::io::copy(&mut limited, &mut std::io::sink())
        };
        left = left
            .checked_sub(size.map_err(|_| SheetError::NotAWorkbook)?)
            .ok_or(SheetError::TooLarge)?;
        if claims_too_many_texts(kept) {
            return Err(SheetError::TooLarge);
        }
    }
    Ok(())
}

fn claims_too_many_texts(mut xml: Vec<u8>) -> bool {
    const NAME: &[u8] = b"uniqueCount";
    // In UTF-16 every other byte is NUL.
    xml.retain(|byte| *byte != 0);
    let mut claims = xml
        .windows(NAME.len())
        .enumerate()
        .filter(|(_, window)| *window == NAME)
        .filter_map(|(place, _)| xml.get(place + NAME.len()..));
    claims.any(|rest| {
        let value = rest
            .iter()
            .skip_while(|byte| byte.is_ascii_whitespace() || b"='\"+0".contains(byte));
        let digits = value.take_while(|byte| byte.is_ascii_digit());
        let number = digits.fold(0_u64, |number, digit| {
            number
                .saturating_mul(10)
                .saturating_add(u64::from(digit - b'0'))
        });
        number > MAX_TEXTS
    })
}

fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::Int(number) => number.to_string(),
        // Writes whole numbers without a fraction, and none with an exponent.
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(true) => "TRUE".to_owned(),
        DataRef::Bool(false) => "FALSE".to_owned(),
        DataRef::DateTime(moment) => moment_text(*moment),
        DataRef::DateTimeIso(text) => {
            let date = text.strip_suffix('Z').unwrap_or(text);
            let midnight = date.strip_suffix("T00:00:00");
            midnight.unwrap_or(text).to_owned()
        }
        DataRef::Error(error) => error.to_string(),
    }
}

fn moment_text(moment: ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    if moment.is_duration() || moment.as_f64() < 1.0 {
        return time;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    match time.as_str() {
        "00:00:00" => date,
        _ => format!("{date} {time}"),
    }
}
