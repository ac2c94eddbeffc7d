use super::*;
use crm_exports::{
    Cell, Chart, ChartKind, MakerError, Paper, ReportMaker, Sheet as NewSheet, SheetFormat,
    SheetWriter,
};
use crm_files::ExportFolder;
use crm_tests::run_jobs_of;
use std::path::Path;
use std::sync::Mutex;

crate::stories!(
    an_overview_on_paper_has_tiles_charts_tables_and_says_what_an_opening_is,
    a_list_that_nobody_would_print_is_refused_in_words,
    a_missing_font_is_told_with_the_package_that_has_it,
);

/// Keeps the papers it is given.
#[derive(Default)]
struct Kept {
    papers: Mutex<Vec<Paper>>,
    has_no_font: bool,
}

impl ReportMaker for Kept {
    fn begin(
        &self,
        _: SheetFormat,
        _: &NewSheet,
        _: &Path,
    ) -> Result<Box<dyn SheetWriter>, MakerError> {
        Err(MakerError::Failed("papers only".into()))
    }

    fn pdf(&self, paper: &Paper) -> Result<Vec<u8>, MakerError> {
        if self.has_no_font {
            let words = "install the package fonts-noto-cjk".to_owned();
            return Err(MakerError::NoFont(words));
        }
        self.papers.lock().unwrap().push(paper.clone());
        Ok(b"%PDF-1.7".to_vec())
    }

    fn svg(&self, _: &Chart, _: u32, _: u32) -> Result<String, MakerError> {
        Err(MakerError::Failed("papers only".into()))
    }
}

fn printing(hotel: &Installation, maker: Arc<Kept>) -> Crm {
    let mut crm = hotel.crm.clone();
    let place = hotel.uploads.path().join("exports");
    let files = Arc::new(ExportFolder::new(&place, maker));
    crm.reports.exports.ports.files = files;
    crm
}

async fn an_overview_on_paper_has_tiles_charts_tables_and_says_what_an_opening_is(
    hotel: &Installation,
) {
    hotel.friends(4).await;
    sent_campaign(hotel).await;
    let admin = somebody(hotel, Role::Admin).await;
    let maker = Arc::new(Kept::default());
    let crm = printing(hotel, maker.clone());
    for report in [ReportType::Overview, ReportType::CampaignPerformance] {
        let id = asked(&crm, admin, wish(report, ExportFormat::Pdf)).await;
        run_jobs_of(&crm).await;
        is_completed(&look(&crm, admin, id).await);
        assert_eq!(downloaded(&crm, admin, id).await.unwrap(), b"%PDF-1.7");
    }
    let papers = maker.papers.lock().unwrap().clone();
    let overview = &papers[0];
    assert_eq!(overview.title, "數據總覽報表");
    assert_eq!(overview.subtitle, "2026/08/03 – 2026/09/01");
    assert_eq!(overview.made_at, "2026/09/01 10:00");
    let labels: Vec<&str> = overview.tiles.iter().map(|tile| &*tile.label).collect();
    assert_eq!(labels, ["發送訊息數", "平均開啟率", "平均點擊率", "轉換率"]);
    assert_eq!(overview.tiles[0].value, "4");
    assert_eq!(overview.tiles[0].change, Some(1_000));
    let [trend, top] = &overview.charts[..] else {
        panic!("two charts");
    };
    assert_eq!(trend.kind, ChartKind::Lines);
    assert_eq!(trend.labels.len(), 30);
    assert_eq!(trend.series[0].values[29], 4.0);
    assert_eq!(top.kind, ChartKind::Bars);
    assert_eq!(top.labels, ["中秋送禮"]);
    assert_eq!(overview.tables[0].rows.len(), 1);
    assert!(overview.remarks.iter().any(|words| words.contains("推估")));
    for paper in &papers {
        for table in &paper.tables {
            assert!(
                table
                    .rows
                    .iter()
                    .all(|row| row.len() == table.columns.len())
            );
        }
    }
    assert_eq!(papers[1].tables[0].rows[0][1], Cell::from("中秋送禮"));
}

async fn a_list_that_nobody_would_print_is_refused_in_words(hotel: &Installation) {
    hotel.friends(3).await;
    let admin = somebody(hotel, Role::Admin).await;
    let maker = Arc::new(Kept::default());
    let (crm, gate) = Gate::before(&printing(hotel, maker.clone()));
    gate.open.notify_one();
    let members = || wish(ReportType::Members, ExportFormat::Pdf);
    let id = asked(&crm, admin, members()).await;
    run_jobs_of(&crm).await;
    is_completed(&look(&crm, admin, id).await);
    assert_eq!(maker.papers.lock().unwrap()[0].tables[0].rows.len(), 3);
    gate.longer_by.store(4_998, Ordering::Relaxed);
    let id = asked(&crm, admin, members()).await;
    run_jobs_of(&crm).await;
    let failure = look(&crm, admin, id).await.failure.unwrap();
    assert_eq!(failure.reason, "too_many_rows");
    assert!(failure.message.contains("5,000"), "{failure:?}");
    assert!(failure.message.contains("Excel"), "{failure:?}");
}

async fn a_missing_font_is_told_with_the_package_that_has_it(hotel: &Installation) {
    let admin = somebody(hotel, Role::Admin).await;
    let maker = Arc::new(Kept {
        has_no_font: true,
        ..Kept::default()
    });
    let crm = printing(hotel, maker);
    let id = asked(&crm, admin, wish(ReportType::Overview, ExportFormat::Pdf)).await;
    run_jobs_of(&crm).await;
    let failure = look(&crm, admin, id).await.failure.unwrap();
    assert_eq!(failure.reason, "font_missing");
    assert!(failure.message.contains("fonts-noto-cjk"));
    assert_eq!(folder(hotel), Vec::<String>::new());
}
