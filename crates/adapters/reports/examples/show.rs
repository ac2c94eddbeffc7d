//! Writes a sample paper and a sample chart, as the product makes them, into a folder:
//! `cargo run -p crm-reports --example show -- target/show`.

use crm_exports::{
    Cell, CellKind, Chart, ChartKind, Column, MakerError, Paper, ReportMaker, Series, Table, Tile,
};
use crm_reports::Reports;
use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<(), MakerError> {
    let mut given = env::args_os().skip(1).map(PathBuf::from);
    let folder = given.next().unwrap_or_else(|| PathBuf::from("target/show"));
    let reports = Reports::new(given.next());
    fs::create_dir_all(&folder).map_err(MakerError::Disk)?;
    let pdf = reports.pdf(&paper())?;
    fs::write(folder.join("report.pdf"), pdf).map_err(MakerError::Disk)?;
    for (name, chart) in [("trends", trends()), ("tags", tags()), ("months", months())] {
        let svg = reports.svg(&chart, 960, 420)?;
        fs::write(folder.join(format!("{name}.svg")), svg).map_err(MakerError::Disk)?;
    }
    Ok(())
}

fn paper() -> Paper {
    Paper {
        title: "力麗飯店 LINE 官方帳號成效報告".to_owned(),
        subtitle: "2026-11-01 至 2026-11-30（全部活動）".to_owned(),
        made_at: "2026-12-01 09:00".to_owned(),
        tiles: tiles(),
        charts: vec![trends(), tags(), months()],
        tables: vec![campaigns()],
        remarks: vec![
            "開信率為開信人數除以發送成功人數；7 天內回覆訊息或點擊連結的好友視為開信。".to_owned(),
            "住宿營收以點擊後 30 天內入住的訂單計算，同一筆住宿只歸屬最後一次點擊的活動。"
                .to_owned(),
        ],
    }
}

fn tiles() -> Vec<Tile> {
    [
        ("好友總數", "12,458", Some(32)),
        ("發送則數", "38,214", Some(125)),
        ("開信率", "68.5%", Some(21)),
        ("點擊率", "12.4%", Some(-8)),
        ("轉換人數", "326", Some(186)),
        ("住宿營收", "1,842,600", Some(243)),
        ("封鎖人數", "87", Some(-154)),
        ("自動回覆", "2,190", Some(0)),
    ]
    .into_iter()
    .map(|(label, value, change)| Tile {
        label: label.to_owned(),
        value: value.to_owned(),
        change,
    })
    .collect()
}

fn trends() -> Chart {
    // Waves of a week, with more of everything around the two large sends.
    let wave = |base: f64, sway: f64, push: f64| {
        (1..=30)
            .map(|day| {
                let week = (f64::from(day) * 0.897).sin() * sway;
                let sends = [(6.0, 1.0), (20.0, 1.5)].map(|(at, size)| {
                    let days: f64 = f64::from(day) - at;
                    push * size * (-days * days / 6.0).exp()
                });
                (base + week + sends[0] + sends[1] + f64::from(day) * base / 90.0).round()
            })
            .collect()
    };
    Chart {
        title: "每日開信、點擊與轉換".to_owned(),
        kind: ChartKind::Lines,
        labels: (1..=30).map(|day| format!("11/{day}")).collect(),
        series: vec![
            series("開信", wave(520.0, 60.0, 640.0)),
            series("點擊", wave(210.0, 28.0, 330.0)),
            series("轉換", wave(46.0, 9.0, 88.0)),
        ],
        unit: "人".to_owned(),
    }
}

fn tags() -> Chart {
    let figures = [
        ("溫泉愛好", 3_420.0),
        ("親子家庭", 2_815.0),
        ("商務旅客", 1_960.0),
        ("早鳥訂房", 1_204.0),
        ("美食饗宴", 986.0),
        ("蜜月情侶", 642.0),
        ("長住（7 晚以上）", 275.0),
    ];
    Chart {
        title: "會員標籤分布".to_owned(),
        kind: ChartKind::Bars,
        labels: figures.map(|(name, _)| name.to_owned()).to_vec(),
        series: vec![series("會員", figures.map(|(_, n)| n).to_vec())],
        unit: "人".to_owned(),
    }
}

fn months() -> Chart {
    Chart {
        title: "好友增減".to_owned(),
        kind: ChartKind::Groups,
        labels: ["8 月", "9 月", "10 月", "11 月"]
            .map(str::to_owned)
            .to_vec(),
        series: vec![
            series("新增", vec![412.0, 388.0, 521.0, 604.0]),
            series("封鎖", vec![96.0, 121.0, 103.0, 87.0]),
            series("淨增", vec![316.0, 267.0, 418.0, 517.0]),
        ],
        unit: "人".to_owned(),
    }
}

fn series(name: &str, values: Vec<f64>) -> Series {
    Series {
        name: name.to_owned(),
        values,
    }
}

fn campaigns() -> Table {
    let names = [
        "秋日溫泉住房專案：平日入住即享雙人下午茶",
        "週年慶早鳥優惠",
        "親子夏令營第二梯次",
        "Afternoon Tea 雙人套票",
        "企業會員專屬：會議室與住宿聯合方案，三間起享九折並贈早餐",
        "中秋月圓烤肉趣",
        "耶誕跨年預購",
    ];
    let row = |n: i64| {
        let name = names[usize::try_from(n).unwrap_or(0) % names.len()];
        let sent = 4_800 - n * 96;
        let opened = 742 - n * 11;
        vec![
            Cell::from(name),
            chrono::NaiveDate::from_ymd_opt(2026, 11, 1)
                .and_then(|day| day.checked_add_days(chrono::Days::new(n.unsigned_abs())))
                .map_or(Cell::Empty, Cell::Day),
            Cell::Number(sent),
            Cell::Percent(opened),
            Cell::Percent(168 - n * 4),
            Cell::Number(sent / 70),
            Cell::Money(sent * 38_450),
        ]
    };
    Table {
        title: "活動成效".to_owned(),
        columns: vec![
            Column::new("活動", CellKind::Text).wide(36),
            Column::new("發送日", CellKind::Day),
            Column::new("發送人數", CellKind::Number),
            Column::new("開信率", CellKind::Percent),
            Column::new("點擊率", CellKind::Percent),
            Column::new("轉換人數", CellKind::Number),
            Column::new("住宿營收", CellKind::Money),
        ],
        rows: (0..28).map(row).collect(),
    }
}
