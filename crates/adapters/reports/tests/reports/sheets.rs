use calamine::{Data, Range, Reader, Xlsx, open_workbook};
use chrono::{NaiveDate, NaiveDateTime};
use crm_exports::{Cell, CellKind, Column, MakerError, ReportMaker, Sheet, SheetFormat};
use crm_reports::Reports;
use std::fs;
use std::io::Read;
use std::path::Path;
use tempfile::tempdir;

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
}

fn time() -> NaiveDateTime {
    day().and_hms_opt(9, 0, 0).unwrap()
}

pub fn sheet(kinds: &[CellKind]) -> Sheet {
    Sheet {
        name: "活動成效".to_owned(),
        columns: kinds
            .iter()
            .map(|kind| Column::new("欄位", *kind))
            .collect(),
    }
}

pub fn write(
    format: SheetFormat,
    sheet: &Sheet,
    file: &Path,
    rows: &[Vec<Cell>],
) -> Result<(), MakerError> {
    let mut writer = Reports::default().begin(format, sheet, file)?;
    for row in rows {
        writer.row(row)?;
    }
    writer.finish()
}

pub fn excel(sheet: &Sheet, rows: &[Vec<Cell>]) -> Range<Data> {
    let folder = tempdir().unwrap();
    let file = folder.path().join("a.xlsx");
    write(SheetFormat::Excel, sheet, &file, rows).unwrap();
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing else stays in the folder");
    let mut book: Xlsx<_> = open_workbook(&file).unwrap();
    book.worksheet_range_at(0).unwrap().unwrap()
}

fn texts(words: &[&str]) -> Vec<Data> {
    let rows: Vec<Vec<Cell>> = words.iter().map(|w| vec![Cell::from(*w)]).collect();
    let range = excel(&sheet(&[CellKind::Text]), &rows);
    range.rows().skip(1).map(|row| row[0].clone()).collect()
}

fn csv(kinds: &[CellKind], rows: &[Vec<Cell>]) -> String {
    let folder = tempdir().unwrap();
    let file = folder.path().join("a.csv");
    write(SheetFormat::Csv, &sheet(kinds), &file, rows).unwrap();
    fs::read_to_string(&file).unwrap()
}

/// A part of a workbook, as it lies in the archive.
fn part(sheet: &Sheet, rows: &[Vec<Cell>], name: &str) -> String {
    let folder = tempdir().unwrap();
    let file = folder.path().join("a.xlsx");
    write(SheetFormat::Excel, sheet, &file, rows).unwrap();
    let mut archive = zip::ZipArchive::new(fs::File::open(&file).unwrap()).unwrap();
    let mut out = String::new();
    let mut entry = archive.by_name(name).unwrap();
    entry.read_to_string(&mut out).unwrap();
    out
}

const ALL: [CellKind; 6] = [
    CellKind::Text,
    CellKind::Number,
    CellKind::Money,
    CellKind::Percent,
    CellKind::Day,
    CellKind::Time,
];

fn one_of_each() -> Vec<Cell> {
    vec![
        Cell::from("春"),
        Cell::Number(12_458),
        Cell::Money(-123_450),
        Cell::Percent(685),
        Cell::Day(day()),
        Cell::Time(time()),
    ]
}

#[test]
fn excel_cells_are_of_the_kind_of_what_they_hold() {
    let range = excel(&sheet(&ALL), &[one_of_each()]);
    let row: Vec<&Data> = range.rows().nth(1).unwrap().iter().collect();
    assert_eq!(row[0], &Data::String("春".to_owned()));
    assert_eq!(row[1], &Data::Float(12_458.0));
    assert_eq!(row[2], &Data::Float(-1_234.5));
    assert_eq!(row[3], &Data::Float(0.685));
    let moments = [
        (4, (2026, 11, 22, 0, 0, 0, 0)),
        (5, (2026, 11, 22, 9, 0, 0, 0)),
    ];
    for (at, expected) in moments {
        let Data::DateTime(moment) = row[at] else {
            panic!("{:?} is no date", row[at]);
        };
        assert_eq!(moment.to_ymd_hms_milli(), expected);
    }
}

#[test]
fn an_empty_cell_stays_empty() {
    let rows = [vec![Cell::Empty, Cell::Number(1)]];
    let range = excel(&sheet(&[CellKind::Text, CellKind::Number]), &rows);
    assert_eq!(range.get((1, 0)), Some(&Data::Empty));
}

#[test]
fn words_that_look_like_a_formula_stay_words() {
    let words = [
        "=1+1",
        "+886912345678",
        "-5",
        "@SUM(A1)",
        "{=1}",
        "https://a.tw",
    ];
    let expected: Vec<Data> = words.map(|w| Data::String(w.to_owned())).to_vec();
    assert_eq!(texts(&words), expected);
}

#[test]
fn words_keep_blanks_lines_and_marks_and_lose_what_is_no_writing() {
    let read = texts(&[
        "  a  ",
        "一\r\n二\r三",
        "a\u{0}b\u{1f}\u{fffe}c",
        "_x0041_",
        "<&>\"'🏨",
    ]);
    let expected = ["  a  ", "一\n二\n三", "abc", "_x0041_", "<&>\"'🏨"];
    assert_eq!(read, expected.map(|w| Data::String(w.to_owned())));
}

#[test]
fn words_too_long_for_a_cell_are_cut() {
    let long = "字".repeat(40_000);
    let Data::String(read) = &texts(&[&long])[0] else {
        panic!("no words");
    };
    assert_eq!(read.encode_utf16().count(), 32_767);
}

#[test]
fn a_number_too_long_for_excel_keeps_all_its_digits_as_words() {
    let rows = [
        vec![Cell::Number(i64::MAX)],
        vec![Cell::Number(999_999_999_999_999)],
    ];
    let range = excel(&sheet(&[CellKind::Number]), &rows);
    assert_eq!(range.get((1, 0)), Some(&Data::String(i64::MAX.to_string())));
    assert_eq!(range.get((2, 0)), Some(&Data::Float(999_999_999_999_999.0)));
}

#[test]
fn headings_stay_in_sight_and_have_filters_over_all_rows() {
    let columns = Sheet {
        columns: vec![Column::new("=姓名", CellKind::Text).wide(40)],
        ..sheet(&[])
    };
    let rows = [vec![Cell::from("a")], vec![Cell::from("b")]];
    let xml = part(&columns, &rows, "xl/worksheets/sheet1.xml");
    let document = roxmltree::Document::parse(&xml).unwrap();
    let find = |name: &str| document.descendants().find(|n| n.has_tag_name((NS, name)));
    let pane = find("pane").unwrap();
    assert_eq!(pane.attribute("ySplit"), Some("1"));
    assert_eq!(pane.attribute("state"), Some("frozen"));
    assert_eq!(find("autoFilter").unwrap().attribute("ref"), Some("A1:A3"));
    let width = find("col").unwrap().attribute("width").unwrap();
    assert!((40.0..42.0).contains(&width.parse::<f64>().unwrap()));
    assert!(find("f").is_none(), "no cell is a formula");
}

const NS: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

#[test]
fn a_sheet_without_rows_has_its_headings() {
    for format in [SheetFormat::Excel, SheetFormat::Csv] {
        let folder = tempdir().unwrap();
        let file = folder.path().join("empty");
        write(format, &sheet(&ALL), &file, &[]).unwrap();
        assert!(fs::metadata(&file).unwrap().len() > 40);
    }
    assert_eq!(excel(&sheet(&ALL), &[]).height(), 1);
}

#[test]
fn a_row_of_another_length_is_refused_in_every_form() {
    for format in [SheetFormat::Excel, SheetFormat::Csv] {
        let folder = tempdir().unwrap();
        let file = folder.path().join("a");
        let result = write(format, &sheet(&ALL), &file, &[vec![Cell::Number(1)]]);
        assert!(matches!(result, Err(MakerError::Failed(_))), "{result:?}");
        let none = write(format, &sheet(&[]), &file, &[]);
        assert!(matches!(none, Err(MakerError::Failed(_))), "{none:?}");
    }
}

#[test]
fn csv_is_utf8_with_a_mark_and_windows_ends_of_line() {
    let text = csv(&ALL, &[one_of_each()]);
    assert_eq!(
        text,
        "\u{feff}欄位,欄位,欄位,欄位,欄位,欄位\r\n\
         春,12458,-1234.50,68.5%,2026-11-22,2026-11-22 09:00:00\r\n"
    );
}

#[test]
fn csv_words_never_become_a_formula() {
    let words = [
        "=1+1", "+1", "-1", "@a", "\ta", "\ra", "\na", "＝1+1", "＠a", "\u{1}=1",
    ];
    let rows = words.map(|w| vec![Cell::from(w), Cell::Number(-5)]);
    let text = csv(&[CellKind::Text, CellKind::Number], &rows);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    for (record, word) in reader.records().zip(words) {
        let record = record.unwrap();
        assert_eq!(record[0], format!("'{}", word.replace('\u{1}', "")));
        assert_eq!(&record[1], "-5", "numbers are not words");
    }
}

#[test]
fn csv_quotes_what_needs_it() {
    let text = csv(&[CellKind::Text], &[vec![Cell::from("a,\"b\"\nc")]]);
    assert!(text.ends_with("\r\n\"a,\"\"b\"\"\nc\"\r\n"), "{text:?}");
}

#[test]
fn a_file_in_the_way_is_replaced() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("a.csv");
    fs::write(&file, "x".repeat(9_000)).unwrap();
    write(SheetFormat::Csv, &sheet(&[CellKind::Text]), &file, &[]).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "\u{feff}欄位\r\n");
}

#[test]
fn a_folder_that_is_not_there_is_the_disks_fault() {
    for format in [SheetFormat::Excel, SheetFormat::Csv] {
        let folder = tempdir().unwrap();
        let file = folder.path().join("no/a");
        let result = write(format, &sheet(&ALL), &file, &[]);
        assert!(matches!(result, Err(MakerError::Disk(_))), "{result:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_the_disks_fault() {
    for format in [SheetFormat::Excel, SheetFormat::Csv] {
        let folder = tempdir().unwrap();
        let file = folder.path().join("full");
        std::os::unix::fs::symlink("/dev/full", &file).unwrap();
        let result = write(format, &sheet(&ALL), &file, &vec![one_of_each(); 2_000]);
        assert!(matches!(result, Err(MakerError::Disk(_))), "{result:?}");
    }
}
