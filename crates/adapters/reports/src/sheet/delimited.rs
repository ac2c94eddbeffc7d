use crate::words::{day, fixed, readable, time};
use crm_exports::{Cell, MakerError, Sheet, SheetWriter};
use csv::{Terminator, Writer, WriterBuilder};
use std::fs::File;
use std::io::{BufWriter, Error, Write};
use std::path::Path;

/// Tells Excel that a file is UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// What makes a program that opens the file take words for a formula; the wide ones where its
/// language is Chinese or Japanese.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n'];

/// Values separated by commas.
pub struct Delimited {
    out: Writer<BufWriter<File>>,
    columns: usize,
}

impl Delimited {
    pub fn begin(sheet: &Sheet, file: &Path) -> Result<Self, MakerError> {
        let mut to = BufWriter::new(File::create(file).map_err(MakerError::Disk)?);
        to.write_all(MARK).map_err(MakerError::Disk)?;
        let mut out = WriterBuilder::new()
            .terminator(Terminator::CRLF)
            .from_writer(to);
        let headings = sheet.columns.iter().map(|column| harmless(&column.heading));
        out.write_record(headings).map_err(broken)?;
        Ok(Self {
            out,
            columns: sheet.columns.len(),
        })
    }
}

impl SheetWriter for Delimited {
    fn row(&mut self, cells: &[Cell]) -> Result<(), MakerError> {
        super::in_form(cells.len(), self.columns)?;
        self.out
            .write_record(cells.iter().map(value))
            .map_err(broken)
    }

    fn finish(self: Box<Self>) -> Result<(), MakerError> {
        let buffer = self
            .out
            .into_inner()
            .map_err(|e| MakerError::Disk(Error::from(e.error().kind())))?;
        let file = buffer
            .into_inner()
            .map_err(|e| MakerError::Disk(e.into_error()))?;
        file.sync_all().map_err(MakerError::Disk)
    }
}

fn value(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(words) => harmless(words),
        Cell::Number(n) => n.to_string(),
        Cell::Money(hundredths) => fixed(*hundredths, 2),
        Cell::Percent(tenths) => format!("{}%", fixed(*tenths, 1)),
        Cell::Day(at) => day(*at),
        Cell::Time(at) => time(*at),
    }
}

fn harmless(words: &str) -> String {
    let words = readable(words);
    if words.starts_with(FORMULA) {
        return format!("'{words}");
    }
    words
}

fn broken(error: csv::Error) -> MakerError {
    match error.into_kind() {
        csv::ErrorKind::Io(e) => MakerError::Disk(e),
        _ => MakerError::Failed("the rows do not have the same length".to_owned()),
    }
}
