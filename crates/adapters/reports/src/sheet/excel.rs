use super::tab::{cut, tab_name};
use crate::words::{day, is_noise, readable, time};
use chrono::{NaiveDate, NaiveDateTime, Timelike};
use crm_exports::{Cell, CellKind, Column, MakerError, Sheet, SheetWriter};
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};
use std::fs::File;
use std::io::{BufWriter, Error, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Characters in one cell.
const MOST_IN_A_CELL: usize = 32_767;

/// Excel keeps fifteen digits of a number; longer ones are words.
const EXACT: i64 = 999_999_999_999_999;

/// An Excel workbook. Each row goes to a nameless file in the same folder as soon as the next
/// one begins, so memory stays as it is.
pub struct Excel {
    book: Workbook,
    file: File,
    sheet: Sheet,
    styles: Styles,
    rows_on_a_tab: u32,
    tabs: u32,
    rows: u32,
}

struct Styles {
    heading: Format,
    heading_right: Format,
    number: Format,
    money: Format,
    percent: Format,
    day: Format,
    time: Format,
}

impl Excel {
    pub fn begin(sheet: &Sheet, file: &Path, rows_on_a_tab: u32) -> Result<Self, MakerError> {
        let mut book = Workbook::new();
        book.set_tempdir(super::folder(file)?).map_err(broken)?;
        let mut excel = Self {
            book,
            file: File::create(file).map_err(MakerError::Disk)?,
            sheet: sheet.clone(),
            styles: Styles::new(),
            rows_on_a_tab,
            tabs: 0,
            rows: 0,
        };
        excel.open_tab()?;
        Ok(excel)
    }

    fn open_tab(&mut self) -> Result<(), MakerError> {
        self.tabs += 1;
        self.rows = 0;
        let name = tab_name(&self.sheet.name, self.tabs);
        let (book, columns, styles) = (&mut self.book, &self.sheet.columns, &self.styles);
        guarded(|| {
            let tab = book.add_worksheet_with_constant_memory()?;
            tab.set_name(name)?.set_freeze_panes(1, 0)?;
            tab.set_repeat_rows(0, 0)?;
            tab.set_landscape().set_paper_size(9);
            for (at, column) in (0..).zip(columns) {
                tab.set_column_width(at, f64::from(column.width.clamp(1, 255)))?;
                let heading = written(&column.heading);
                tab.write_string_with_format(0, at, heading, styles.heading(column))?;
            }
            Ok(())
        })
    }

    /// Ends a tab: its filters reach as far as its rows.
    fn close_tab(&mut self) -> Result<(), MakerError> {
        let last = (self.tabs - 1) as usize;
        let (rows, columns) = (self.rows, self.sheet.columns.len());
        let book = &mut self.book;
        guarded(|| {
            let right = u16::try_from(columns - 1).map_err(|_| XlsxError::RowColumnLimitError)?;
            book.worksheet_from_index(last)?
                .autofilter(0, 0, rows, right)?;
            Ok(())
        })
    }
}

impl SheetWriter for Excel {
    fn row(&mut self, cells: &[Cell]) -> Result<(), MakerError> {
        super::in_form(cells.len(), self.sheet.columns.len())?;
        if self.rows == self.rows_on_a_tab {
            self.close_tab()?;
            self.open_tab()?;
        }
        self.rows += 1;
        let last = (self.tabs - 1) as usize;
        let (book, styles, row) = (&mut self.book, &self.styles, self.rows);
        guarded(|| {
            let tab = book.worksheet_from_index(last)?;
            for (at, cell) in (0..).zip(cells) {
                put(tab, styles, (row, at), cell)?;
            }
            Ok(())
        })
    }

    fn finish(mut self: Box<Self>) -> Result<(), MakerError> {
        self.close_tab()?;
        let mut out = BufWriter::new(&self.file);
        let book = &mut self.book;
        guarded(|| book.save_to_writer(&mut out))?;
        out.into_inner()
            .map_err(|e| MakerError::Disk(e.into_error()))?;
        self.file.sync_all().map_err(MakerError::Disk)
    }
}

impl Styles {
    fn new() -> Self {
        let heading = Format::new()
            .set_bold()
            .set_font_color(Color::White)
            .set_background_color(Color::RGB(0x1F_3A_5F))
            .set_border_bottom(FormatBorder::Thin)
            .set_align(FormatAlign::VerticalCenter);
        Self {
            heading_right: heading.clone().set_align(FormatAlign::Right),
            heading,
            number: Format::new().set_num_format("#,##0"),
            money: Format::new().set_num_format("#,##0.00"),
            percent: Format::new().set_num_format("0.0%"),
            day: Format::new().set_num_format("yyyy-mm-dd"),
            time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
        }
    }

    const fn heading(&self, column: &Column) -> &Format {
        match column.kind {
            CellKind::Number | CellKind::Money | CellKind::Percent => &self.heading_right,
            CellKind::Text | CellKind::Day | CellKind::Time => &self.heading,
        }
    }
}

fn put(
    tab: &mut Worksheet,
    styles: &Styles,
    (row, column): (u32, u16),
    cell: &Cell,
) -> Result<(), XlsxError> {
    let (value, style) = match cell {
        Cell::Empty => return Ok(()),
        Cell::Text(words) => {
            tab.write_string(row, column, written(words))?;
            return Ok(());
        }
        Cell::Number(n) => (number(*n, 1.0), &styles.number),
        Cell::Money(hundredths) => (number(*hundredths, 100.0), &styles.money),
        Cell::Percent(tenths) => (number(*tenths, 1_000.0), &styles.percent),
        Cell::Day(at) => (serial(*at).ok_or_else(|| day(*at)), &styles.day),
        Cell::Time(at) => (moment(*at).ok_or_else(|| time(*at)), &styles.time),
    };
    match value {
        Ok(number) => tab.write_number_with_format(row, column, number, style)?,
        Err(words) => tab.write_string(row, column, words)?,
    };
    Ok(())
}

/// A number, or the same as words where Excel would change its last digits.
fn number(n: i64, parts: f64) -> Result<f64, String> {
    if (-EXACT..=EXACT).contains(&n) {
        return Ok(n as f64 / parts);
    }
    Err(match parts {
        100.0 => crate::words::fixed(n, 2),
        1_000.0 => format!("{}%", crate::words::fixed(n, 1)),
        _ => n.to_string(),
    })
}

/// A day as Excel counts it. It counts a 29 February 1900 that never was, so earlier days, and
/// those after its last one, have no number.
fn serial(day: NaiveDate) -> Option<f64> {
    let zero = NaiveDate::from_ymd_opt(1899, 12, 30)?;
    let days = day.signed_duration_since(zero).num_days();
    (61..=2_958_465).contains(&days).then_some(days as f64)
}

fn moment(time: NaiveDateTime) -> Option<f64> {
    let seconds = f64::from(time.num_seconds_from_midnight());
    Some(serial(time.date())? + seconds / 86_400.0)
}

/// Words as a cell takes them.
fn written(words: &str) -> String {
    let plain = !words.chars().any(is_noise);
    if plain {
        return cut(words, MOST_IN_A_CELL).to_owned();
    }
    let lines = readable(words).replace("\r\n", "\n").replace('\r', "\n");
    cut(&lines, MOST_IN_A_CELL).to_owned()
}

/// The library panics where a row cannot be written to the disk, and only there.
fn guarded(work: impl FnOnce() -> Result<(), XlsxError>) -> Result<(), MakerError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(broken),
        Err(_) => Err(MakerError::Disk(Error::new(
            ErrorKind::StorageFull,
            "a row cannot be written",
        ))),
    }
}

fn broken(error: XlsxError) -> MakerError {
    match error {
        XlsxError::IoError(e) | XlsxError::TempFileError(_, e) => MakerError::Disk(e),
        XlsxError::ZipError(zip) => match Error::from(zip) {
            e if e.kind() == ErrorKind::Other => MakerError::Failed(e.to_string()),
            e => MakerError::Disk(e),
        },
        other => MakerError::Failed(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_beyond_a_tab_go_on_on_the_next_one_under_the_same_headings() {
        use calamine::{Data, Reader, Xlsx, open_workbook};
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("long.xlsx");
        let sheet = Sheet {
            name: "名單".to_owned(),
            columns: vec![Column::new("編號", CellKind::Number)],
        };
        let mut excel = Box::new(Excel::begin(&sheet, &file, 3).unwrap());
        for n in 1..=7 {
            excel.row(&[Cell::Number(n)]).unwrap();
        }
        excel.finish().unwrap();
        let mut book: Xlsx<_> = open_workbook(&file).unwrap();
        assert_eq!(book.sheet_names(), ["名單", "名單 (2)", "名單 (3)"]);
        let mut read = Vec::new();
        for name in book.sheet_names() {
            let range = book.worksheet_range(&name).unwrap();
            assert_eq!(range.get((0, 0)), Some(&Data::String("編號".to_owned())));
            read.extend(range.rows().skip(1).map(|row| row[0].clone()));
        }
        let all: Vec<Data> = (1..=7).map(|n| Data::Float(f64::from(n))).collect();
        assert_eq!(read, all);
    }

    #[test]
    fn a_day_before_excel_began_has_no_number() {
        assert_eq!(serial(NaiveDate::from_ymd_opt(1900, 2, 28).unwrap()), None);
        let first = NaiveDate::from_ymd_opt(1900, 3, 1).unwrap();
        assert_eq!(serial(first), Some(61.0));
        assert_eq!(serial(NaiveDate::MAX), None);
    }
}
