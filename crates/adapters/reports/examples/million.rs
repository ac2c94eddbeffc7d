//! Writes a large sheet and tells seconds and the most memory:
//! `cargo run --release -p crm-reports --example million -- target/show excel 1000000`.

use crm_exports::{Cell, CellKind, Column, MakerError, ReportMaker, Sheet, SheetFormat};
use crm_reports::Reports;
use std::path::PathBuf;
use std::time::Instant;
use std::{env, fs};

fn main() -> Result<(), MakerError> {
    let given: Vec<String> = env::args().skip(1).collect();
    let folder = PathBuf::from(given.first().map_or("target/show", String::as_str));
    let csv = given.get(1).is_some_and(|form| form == "csv");
    let rows = given.get(2).and_then(|n| n.parse().ok());
    let rows: i64 = rows.unwrap_or(1_000_000);
    fs::create_dir_all(&folder).map_err(MakerError::Disk)?;
    let (format, file) = if csv {
        (SheetFormat::Csv, folder.join("large.csv"))
    } else {
        (SheetFormat::Excel, folder.join("large.xlsx"))
    };
    let began = Instant::now();
    let mut writer = Reports::default().begin(format, &sheet(), &file)?;
    for n in 0..rows {
        writer.row(&row(n))?;
    }
    println!(
        "{rows} rows after {:.1} s, {}",
        began.elapsed().as_secs_f32(),
        peak()
    );
    writer.finish()?;
    let bytes = fs::metadata(&file).map_err(MakerError::Disk)?.len();
    println!(
        "complete after {:.1} s, {bytes} bytes, {}",
        began.elapsed().as_secs_f32(),
        peak()
    );
    Ok(())
}

fn sheet() -> Sheet {
    let columns = [
        ("會員編號", CellKind::Number),
        ("姓名", CellKind::Text),
        ("活動", CellKind::Text),
        ("狀態", CellKind::Text),
        ("發送時間", CellKind::Time),
        ("開信日", CellKind::Day),
        ("點擊率", CellKind::Percent),
        ("營收", CellKind::Money),
    ];
    Sheet {
        name: "發送名單".to_owned(),
        columns: columns
            .map(|(heading, kind)| Column::new(heading, kind))
            .to_vec(),
    }
}

fn row(n: i64) -> [Cell; 8] {
    let first = chrono::NaiveDate::from_ymd_opt(2026, 1, 1);
    let days = chrono::Days::new(n.unsigned_abs() % 365);
    let day = first.and_then(|day| day.checked_add_days(days));
    let time = day.and_then(|day| {
        let second = u32::try_from(n % 86_400).ok()?;
        Some(day.and_hms_opt(0, 0, 0)? + chrono::TimeDelta::seconds(second.into()))
    });
    [
        Cell::Number(n),
        Cell::Text(format!("王小明{n}")),
        Cell::from("秋日溫泉住房專案"),
        Cell::from(if n % 7 == 0 { "已點擊" } else { "已送達" }),
        time.map_or(Cell::Empty, Cell::Time),
        day.map_or(Cell::Empty, Cell::Day),
        Cell::Percent(n % 1_000),
        Cell::Money(n * 137),
    ]
}

/// The most memory that the program had, as Linux tells it.
fn peak() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.unwrap_or("VmHWM: unknown").replace('\t', " ")
}
