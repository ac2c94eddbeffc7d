use crate::sheets::{excel, sheet, write};
use calamine::Data;
use chrono::{NaiveDate, TimeDelta};
use crm_exports::{Cell, CellKind, Chart, ChartKind, ReportMaker, Series, SheetFormat};
use crm_reports::Reports;
use proptest::prelude::*;
use std::fs;

const COLUMNS: usize = 4;

fn any_cell() -> impl Strategy<Value = Cell> {
    let words = prop_oneof![
        any::<String>(),
        "[=+@,\"'\r\n\t\u{0}-\u{1f}a<&_x0-9力🏨-]{0,12}"
    ];
    let day = (-900_000_i64..3_200_000).prop_map(|days| {
        let start = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap_or_default();
        start
            .checked_add_signed(TimeDelta::days(days))
            .unwrap_or_default()
    });
    prop_oneof![
        Just(Cell::Empty),
        words.prop_map(Cell::Text),
        any::<i64>().prop_map(Cell::Number),
        any::<i64>().prop_map(Cell::Money),
        (-2_000_i64..2_000).prop_map(Cell::Percent),
        day.clone().prop_map(Cell::Day),
        (day, 0_u32..86_400).prop_map(|(day, second)| {
            let midnight = day.and_time(chrono::NaiveTime::MIN);
            Cell::Time(midnight + TimeDelta::seconds(second.into()))
        }),
    ]
}

/// The words without what is dropped and with ends of line as Excel has them.
fn as_read(words: &str) -> String {
    let seen = |c: &char| {
        matches!(c, '\t' | '\n' | '\r') || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'))
    };
    let words: String = words.chars().filter(seen).collect();
    words.replace("\r\n", "\n").replace('\r', "\n")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn random_cells_never_break_a_sheet(
        rows in prop::collection::vec(prop::collection::vec(any_cell(), COLUMNS), 0..12),
        name in any::<String>(),
    ) {
        let mut form = sheet(&[CellKind::Text; COLUMNS]);
        form.name = name;
        let range = excel(&form, &rows);
        for (at, row) in rows.iter().enumerate() {
            for (column, cell) in row.iter().enumerate() {
                let read = range.get((at + 1, column)).cloned().unwrap_or_default();
                match cell {
                    Cell::Text(words) => {
                        let expected = as_read(words);
                        let read = if read == Data::Empty { String::new() } else { read.to_string() };
                        prop_assert_eq!(read, expected);
                    }
                    Cell::Empty => prop_assert_eq!(read, Data::Empty),
                    _ => prop_assert!(read != Data::Empty && !matches!(read, Data::Error(_))),
                }
            }
        }

        let folder = tempfile::tempdir()?;
        let file = folder.path().join("a.csv");
        prop_assert!(write(SheetFormat::Csv, &form, &file, &rows).is_ok());
        let bytes = fs::read(&file)?;
        let mut reader = csv::Reader::from_reader(&bytes[3..]);
        let mut count = 0;
        for record in reader.records() {
            let record = record?;
            prop_assert_eq!(record.len(), COLUMNS);
            for (value, cell) in record.iter().zip(&rows[count]) {
                let harmless = !matches!(cell, Cell::Text(_)) || !value.starts_with(
                    ['=', '+', '-', '@', '\t', '\r']);
                prop_assert!(harmless, "{value:?}");
            }
            count += 1;
        }
        prop_assert_eq!(count, rows.len());
    }

    #[test]
    fn random_figures_never_break_a_chart(
        title in any::<String>(),
        labels in prop::collection::vec(any::<String>(), 0..40),
        values in prop::collection::vec(
            prop::collection::vec(any::<f64>(), 0..45), 0..6),
        kind in prop_oneof![
            Just(ChartKind::Lines), Just(ChartKind::Bars), Just(ChartKind::Groups)],
        (width, height) in (any::<u16>(), any::<u16>()),
    ) {
        let series = values.into_iter().map(|values| Series { name: title.clone(), values });
        let chart = Chart {
            title: title.clone(),
            kind,
            labels,
            series: series.collect(),
            unit: title.clone(),
        };
        let svg = Reports::default().svg(&chart, width.into(), height.into());
        let Ok(svg) = svg else { return Err(TestCaseError::fail("not drawn")); };
        let document = roxmltree::Document::parse(&svg)
            .map_err(|e| TestCaseError::fail(e.to_string()))?;
        for node in document.descendants() {
            for name in ["x", "y", "width", "height", "cx", "cy", "r", "points", "font-size"] {
                let numbers = node.attribute(name).unwrap_or_default();
                for number in numbers.split([' ', ',']).filter(|n| !n.is_empty()) {
                    let number: f32 = number.parse()
                        .map_err(|_| TestCaseError::fail(format!("{name} is {number}")))?;
                    prop_assert!(number.is_finite());
                }
            }
        }
    }
}
