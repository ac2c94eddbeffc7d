use crm_exports::{
    Cell, CellKind, Chart, ChartKind, Column, MakerError, Paper, ReportMaker, Series, Table, Tile,
};
use crm_reports::Reports;
use lopdf::Document;
use std::fs;
use std::path::PathBuf;

fn paper() -> Paper {
    Paper {
        title: "力麗飯店成效報告".to_owned(),
        subtitle: "2026-11-01 至 2026-11-30".to_owned(),
        made_at: "2026-12-01 09:00".to_owned(),
        tiles: vec![
            tile("開信率", "68.5%", Some(21)),
            tile("封鎖", "87", Some(-154)),
        ],
        charts: vec![Chart {
            title: "每日開信".to_owned(),
            kind: ChartKind::Lines,
            labels: vec!["11/1".to_owned(), "11/2".to_owned()],
            series: vec![Series {
                name: "開信".to_owned(),
                values: vec![12.0, 30.0],
            }],
            unit: "人".to_owned(),
        }],
        tables: vec![table(3)],
        remarks: vec!["開信率為開信人數除以發送成功人數。".to_owned()],
    }
}

fn tile(label: &str, value: &str, change: Option<i64>) -> Tile {
    Tile {
        label: label.to_owned(),
        value: value.to_owned(),
        change,
    }
}

fn table(rows: i64) -> Table {
    Table {
        title: "活動成效".to_owned(),
        columns: vec![
            Column::new("活動名稱", CellKind::Text),
            Column::new("營收", CellKind::Money),
        ],
        rows: (0..rows)
            .map(|n| vec![Cell::Text(format!("秋日{n}號")), Cell::Money(n * 100_050)])
            .collect(),
    }
}

fn pdf(paper: &Paper) -> Vec<u8> {
    Reports::default().pdf(paper).unwrap()
}

/// The words of each page.
fn read(pdf: &[u8]) -> Vec<String> {
    let document = Document::load_mem(pdf).unwrap();
    let pages = document.get_pages();
    pages
        .keys()
        .map(|page| document.extract_text(&[*page]).unwrap().replace('\n', ""))
        .collect()
}

fn refusal(font: PathBuf) -> String {
    match Reports::new(Some(font)).pdf(&paper()) {
        Err(MakerError::NoFont(words)) => words,
        other => panic!("{:?}", other.map(|pdf| pdf.len())),
    }
}

#[test]
fn a_paper_reads_as_it_was_written() {
    let pages = read(&pdf(&paper()));
    assert_eq!(pages.len(), 1);
    for words in [
        "力麗飯店成效報告",
        "2026-11-01 至 2026-11-30",
        "製表時間：2026-12-01 09:00",
        "開信率",
        "68.5%",
        "較前期增加 2.1%",
        "較前期減少 15.4%",
        "每日開信",
        "單位：人",
        "活動名稱",
        "秋日2號",
        "2,001.00",
        "開信率為開信人數除以發送成功人數。",
        "第 1 頁，共 1 頁",
    ] {
        assert!(pages[0].contains(words), "{words} in {}", pages[0]);
    }
}

#[test]
fn a_long_table_has_its_headings_and_a_number_on_each_page() {
    let mut paper = paper();
    paper.tables = vec![table(120)];
    let pages = read(&pdf(&paper));
    assert!(pages.len() >= 3, "{} pages", pages.len());
    for (n, page) in (1..).zip(&pages) {
        assert!(page.contains("活動名稱"), "page {n}: {page}");
        assert!(page.contains(&format!("第 {n} 頁，共 {} 頁", pages.len())));
    }
    let all = pages.concat();
    for n in 0..120 {
        assert_eq!(all.matches(&format!("秋日{n}號")).count(), 1, "row {n}");
    }
}

#[test]
fn only_what_is_used_of_the_font_is_taken_along() {
    let pdf = pdf(&paper());
    assert!(pdf.len() < 200_000, "{} bytes", pdf.len());
    let document = Document::load_mem(&pdf).unwrap();
    let embedded = document.objects.values().filter_map(|o| o.as_dict().ok());
    let fonts = embedded.filter(|dict| dict.has(b"FontFile3")).count();
    assert!(fonts >= 1, "the font is in the file");
}

#[test]
fn a_wide_table_turns_the_paper() {
    let mut paper = paper();
    let columns = (0..16).map(|n| Column::new(&format!("金額{n}"), CellKind::Money));
    paper.tables = vec![Table {
        title: "寬表".to_owned(),
        columns: columns.collect(),
        rows: vec![vec![Cell::Money(123_456_789); 16]],
    }];
    let pdf = pdf(&paper);
    let document = Document::load_mem(&pdf).unwrap();
    let page = document.get_pages()[&1];
    let page = document.get_dictionary(page).unwrap();
    let media = page.get(b"MediaBox").unwrap().as_array().unwrap();
    let [width, height] = [2, 3].map(|at| media[at].as_float().unwrap());
    assert!(width > height, "{width} x {height}");
    assert_eq!(read(&pdf)[0].matches("1,234,567.89").count(), 16);
}

#[test]
fn words_without_room_are_wrapped_and_then_cut() {
    let mut paper = paper();
    let long = "溫泉".repeat(400);
    paper.tables[0].rows = vec![vec![Cell::Text(long.clone()), Cell::Empty]];
    paper.title = long.clone();
    paper.tiles[0] = tile(&long, &long, Some(i64::MIN));
    paper.remarks = vec![long];
    let pages = read(&pdf(&paper));
    assert!(pages.concat().matches('…').count() >= 3, "{pages:?}");
}

#[test]
fn characters_that_the_font_does_not_have_harm_nobody() {
    let mut paper = paper();
    paper.title = "王小明🏨\u{fe0f}\u{200d}\u{0}\u{1f}\u{ffff} 靐𠮷 العربية".to_owned();
    let pages = read(&pdf(&paper));
    assert!(pages[0].contains("王小明"), "{}", pages[0]);
}

#[test]
fn a_paper_about_nothing_is_one_page() {
    let nothing = Paper {
        title: String::new(),
        subtitle: String::new(),
        made_at: String::new(),
        tiles: vec![],
        charts: vec![],
        tables: vec![table(0)],
        remarks: vec![String::new()],
    };
    let pages = read(&pdf(&nothing));
    assert_eq!(pages.len(), 1);
    assert!(pages[0].contains("沒有資料") && pages[0].contains("第 1 頁，共 1 頁"));
}

#[test]
fn a_missing_font_is_told_with_the_package_that_has_one() {
    let folder = tempfile::tempdir().unwrap();
    let none = folder.path().join("none.ttc");
    let broken = folder.path().join("broken.ttf");
    fs::write(&broken, b"no font").unwrap();
    for font in [none, broken] {
        let words = refusal(font);
        assert!(words.contains("fonts-noto-cjk"), "{words}");
        assert!(words.contains("PDF_FONT_PATH"), "{words}");
    }
}

#[test]
fn a_font_that_comes_later_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("font.ttc");
    let reports = Reports::new(Some(place.clone()));
    assert!(reports.pdf(&paper()).is_err());
    let installed = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";
    std::os::unix::fs::symlink(installed, &place).unwrap();
    assert!(reports.pdf(&paper()).is_ok());
}
