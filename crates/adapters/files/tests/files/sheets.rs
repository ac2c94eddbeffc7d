//! Tables as staff send them: every encoding, separator and kind of cell, and every bad file.

use crm_files::{Sheet, SheetError, read_sheet};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

fn csv(text: &str) -> Sheet {
    read_sheet(text.as_bytes()).unwrap()
}

fn row(number: u64, cells: &[&str]) -> (u64, Vec<String>) {
    (number, cells.iter().map(ToString::to_string).collect())
}

fn names() -> Sheet {
    Sheet {
        header: vec!["姓名".into(), "電話".into()],
        rows: vec![
            row(2, &["王小明", "0912345678"]),
            row(3, &["陳美麗", "+886922333444"]),
        ],
    }
}

const NAMES: &str = "姓名,電話\r\n王小明,0912345678\r\n陳美麗,+886922333444\r\n";

#[test]
fn the_same_table_reads_alike_in_every_encoding() {
    assert_eq!(csv(NAMES), names());
    assert_eq!(csv(&format!("\u{feff}{NAMES}")), names());
    let utf16: Vec<u16> = format!("\u{feff}{NAMES}").encode_utf16().collect();
    let little: Vec<u8> = utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    assert_eq!(read_sheet(&little).unwrap(), names());
    assert_eq!(read_sheet(&big).unwrap(), names());
    let (big5, _, lossy) = encoding_rs::BIG5.encode(NAMES);
    assert!(!lossy);
    assert_eq!(read_sheet(&big5).unwrap(), names());
}

#[test]
fn a_big5_file_of_a_single_header_is_told_too() {
    let (big5, _, _) = encoding_rs::BIG5.encode("姓名,電話,生日\n");
    assert_eq!(read_sheet(&big5).unwrap().header, ["姓名", "電話", "生日"]);
}

#[test]
fn the_separator_is_the_headers() {
    for separator in [",", ";", "\t"] {
        let sheet = csv(&format!("a{separator}b\n1{separator}2\n"));
        assert_eq!(sheet.header, ["a", "b"]);
        assert_eq!(sheet.rows, [row(2, &["1", "2"])]);
    }
    let quoted = csv("\"a,x,y\";b\n1;2\n");
    assert_eq!(quoted.header, ["a,x,y", "b"]);
}

#[test]
fn rows_keep_their_numbers_past_blank_lines_and_cells_of_several_lines() {
    let sheet = csv(" a , b \r\n\r\n1,\"x\r\ny\"\r\n , \r\n\r\n2,z");
    assert_eq!(sheet.header, ["a", "b"]);
    assert_eq!(sheet.rows, [row(3, &["1", "x\ny"]), row(6, &["2", "z"])]);
}

#[test]
fn ragged_rows_are_padded_and_lose_nothing() {
    let sheet = csv("a,b\n1\n1,2,3\n");
    assert_eq!(sheet.header, ["a", "b", ""]);
    assert_eq!(
        sheet.rows,
        [row(2, &["1", "", ""]), row(3, &["1", "2", "3"])]
    );
}

#[test]
fn what_looks_like_a_formula_is_text() {
    let sheet = csv("a,b,c,d\n=1+1,+886912,@x,'0912\n");
    assert_eq!(sheet.rows, [row(2, &["=1+1", "+886912", "@x", "'0912"])]);
}

#[test]
fn texts_that_cannot_be_read_are_refused() {
    for (bytes, error) in [
        (&b""[..], SheetError::Empty),
        (b"\xEF\xBB\xBF\r\n , \r\n", SheetError::Empty),
        (b"a,b\n1,\0\n", SheetError::NulCharacter),
        (b"\xFF\xFEa\0\0\0", SheetError::NulCharacter),
        (b"a,b\n\xFF\xFF\xFF,2\n", SheetError::NotAText),
        (b"\xEF\xBB\xBFa,\xFF\n", SheetError::NotAText),
        (b"\xFF\xFEa\0\x00\xD8", SheetError::NotAText),
        (
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1rest",
            SheetError::OldWorkbook,
        ),
        (b"PK\x03\x04 and so on", SheetError::NotAWorkbook),
    ] {
        assert_eq!(read_sheet(bytes), Err(error), "{bytes:?}");
    }
}

#[test]
fn limits_hold_and_what_is_just_within_them_is_read() {
    let full = format!("a\n{}", "x\n".repeat(100_000));
    assert_eq!(csv(&full).rows.len(), 100_000);
    let over = read_sheet(format!("{full}x\n").as_bytes());
    assert_eq!(over, Err(SheetError::TooManyRows));

    let wide = vec!["x"; 100].join(",");
    assert_eq!(csv(&wide).header.len(), 100);
    let over = read_sheet(format!("{wide},x").as_bytes());
    assert_eq!(over, Err(SheetError::TooManyColumns { row: 1 }));

    let long = "字".repeat(1_000);
    assert_eq!(csv(&format!("a\n{long}")).rows.len(), 1);
    let over = read_sheet(format!("a,b\n1,{long}字").as_bytes());
    assert_eq!(over, Err(SheetError::CellTooLong { row: 2, column: 2 }));
}

#[test]
fn workbook_cells_read_as_they_show() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in [" 姓名 ", "電話", "生日", "消費", "公式", "時間"]
        .iter()
        .enumerate()
    {
        sheet
            .write(0, u16::try_from(column).unwrap(), *name)
            .unwrap();
    }
    let date = Format::new().set_num_format("yyyy/mm/dd");
    let moment = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    sheet.write(2, 0, "王小明").unwrap();
    sheet.write(2, 1, "+886912345678").unwrap();
    let birthday = ExcelDateTime::from_ymd(1990, 2, 28).unwrap();
    sheet.write_with_format(2, 2, &birthday, &date).unwrap();
    sheet.write(2, 3, 12000.0).unwrap();
    sheet
        .write(2, 4, Formula::new("=1+1").set_result("2"))
        .unwrap();
    let at = ExcelDateTime::from_ymd(2026, 1, 2)
        .unwrap()
        .and_hms(3, 4, 5)
        .unwrap();
    sheet.write_with_format(2, 5, &at, &moment).unwrap();
    sheet.write(3, 0, "=1+1").unwrap();
    sheet.write(3, 3, 0.5).unwrap();
    book.add_worksheet().write(0, 0, "another sheet").unwrap();
    let read = read_sheet(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(
        read.header,
        ["姓名", "電話", "生日", "消費", "公式", "時間"]
    );
    assert_eq!(
        read.rows,
        [
            row(
                3,
                &[
                    "王小明",
                    "+886912345678",
                    "1990-02-28",
                    "12000",
                    "2",
                    "2026-01-02 03:04:05"
                ]
            ),
            row(4, &["=1+1", "", "", "0.5", "", ""]),
        ]
    );
}

#[test]
fn a_cell_in_the_last_corner_takes_no_memory() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "a").unwrap();
    sheet.write(1_048_575, 1, "far").unwrap();
    let read = read_sheet(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(read.rows, [row(1_048_576, &["", "far"])]);

    let mut book = Workbook::new();
    book.add_worksheet().write(0, 16_383, "far").unwrap();
    let over = read_sheet(&book.save_to_buffer().unwrap());
    assert_eq!(over, Err(SheetError::TooManyColumns { row: 1 }));
}

#[test]
fn a_small_file_does_not_fill_the_memory_with_blank_cells() {
    let text = format!("{}\n{}", vec!["x"; 100].join(","), "x\n".repeat(50_001));
    assert_eq!(read_sheet(text.as_bytes()), Err(SheetError::TooLarge));
    assert_eq!(csv(text.trim_end_matches("\nx\n")).rows.len(), 50_000);

    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for row in 0..50_001 {
        sheet.write(row, 99, 1).unwrap();
    }
    let read = read_sheet(&book.save_to_buffer().unwrap());
    assert_eq!(read, Err(SheetError::TooLarge));
}

fn packed(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_workbook_that_unpacks_to_too_much_is_not_unpacked() {
    let bomb = packed(&[("xl/worksheets/sheet1.xml", &vec![b' '; 101 * 1024 * 1024])]);
    assert!(bomb.len() < 1024 * 1024);
    assert_eq!(read_sheet(&bomb), Err(SheetError::TooLarge));

    // The directory says 1 byte; what counts is what comes out.
    let mut liar = bomb;
    let size = (101_u32 * 1024 * 1024).to_le_bytes();
    let places: Vec<usize> = (0..liar.len() - 4)
        .filter(|at| liar[*at..*at + 4] == size)
        .collect();
    assert!(!places.is_empty());
    for at in places {
        liar[at..at + 4].copy_from_slice(&1_u32.to_le_bytes());
    }
    assert!(read_sheet(&liar).is_err());
}

#[test]
fn a_workbook_that_claims_endless_texts_is_refused() {
    let claim = br#"<sst count = "1" uniqueCount = "99999999999999"></sst>"#;
    let bytes = packed(&[("xl/SharedStrings.xml", claim)]);
    assert_eq!(read_sheet(&bytes), Err(SheetError::TooLarge));
}

#[test]
fn other_packed_files_are_no_workbooks() {
    let bytes = packed(&[("word/document.xml", b"<w/>")]);
    assert_eq!(read_sheet(&bytes), Err(SheetError::NotAWorkbook));
}
