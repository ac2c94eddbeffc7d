//! Figures on paper.

use super::Reports;
use super::error::Stop;
use super::words::{OPENED, amount, count, days_in_words, made_at, percent};
use crm_analytics::{Metric, Overview, Period, Rate, Trends};
use crm_exports::{
    Cell, CellKind, Chart, ChartKind, Column, Export, Paper, ReportType, Series, Table, Tile,
    sheet_of,
};

/// Bars in a chart.
const TOP: u32 = 5;
/// Rows of the tables of an overview.
const TOP_ROWS: u32 = 10;

impl Reports {
    /// An overview, or how campaigns did; with how many rows it lists.
    pub(super) async fn paper_of_figures(&self, export: &Export) -> Result<(Paper, u64), Stop> {
        let period = self.period(export)?;
        let overview = self.analytics.overview(period).await?;
        let lines = [Metric::Sent, Metric::Opened, Metric::Clicked];
        let trends = self.analytics.trends(&lines, period, None).await?;
        let best = self.analytics.performance(period, TOP).await?;
        let mut campaigns = self.campaigns(period).await?;
        let report = export.new.report;
        let revenue = campaigns.iter().map(|row| money_at_end(row)).sum();
        let mut tables = Vec::new();
        let rows = if report == ReportType::Overview {
            campaigns.truncate(TOP_ROWS as usize);
            tables.push(campaign_table("點擊率最高的活動", campaigns));
            tables.push(self.tag_table(period).await?);
            trends.days.len() as u64
        } else {
            let rows = campaigns.len() as u64;
            tables.push(campaign_table(report.title(), campaigns));
            rows
        };
        let mut tiles = tiles(&overview);
        if report == ReportType::CampaignPerformance {
            tiles.push(Tile {
                label: "訂房金額".to_owned(),
                value: amount(revenue),
                change: None,
            });
        }
        let top = Chart {
            title: "點擊率最高的活動".to_owned(),
            kind: ChartKind::Bars,
            labels: best.iter().map(|campaign| campaign.title.clone()).collect(),
            series: vec![Series {
                name: "點擊率".to_owned(),
                values: best
                    .iter()
                    .map(|campaign| campaign.sums.click_rate().percent())
                    .collect(),
            }],
            unit: "%".to_owned(),
        };
        let paper = Paper {
            title: format!("{}報表", report.title()),
            subtitle: days_in_words((period.first(), period.last())),
            made_at: made_at(self.now(), self.exports.hotel),
            tiles,
            charts: vec![trend_chart(&trends), top],
            tables,
            remarks: remarks(),
        };
        Ok((paper, rows))
    }

    async fn tag_table(&self, period: Period) -> Result<Table, Stop> {
        let tags = self.analytics.tags(Some(period), TOP_ROWS).await?;
        let row = |tag: crm_analytics::TagShare| {
            vec![
                Cell::Text(tag.name),
                Cell::Number(tag.triggered),
                Cell::Percent(tag.share.tenths()),
            ]
        };
        Ok(Table {
            title: "互動標籤".to_owned(),
            columns: vec![
                Column::new("標籤", CellKind::Text),
                Column::new("觸發次數", CellKind::Number),
                Column::new("占比", CellKind::Percent),
            ],
            rows: tags.into_iter().map(row).collect(),
        })
    }
}

fn money_at_end(row: &[Cell]) -> i64 {
    match row.last() {
        Some(Cell::Money(hundredths)) => *hundredths,
        _ => 0,
    }
}

fn campaign_table(title: &str, rows: Vec<Vec<Cell>>) -> Table {
    Table {
        title: title.to_owned(),
        columns: sheet_of(ReportType::CampaignPerformance, false).columns,
        rows,
    }
}

fn tiles(overview: &Overview) -> Vec<Tile> {
    let tile = |label: &str, value: String, change: Rate| Tile {
        label: label.to_owned(),
        value,
        change: Some(change.tenths()),
    };
    vec![
        tile(
            "發送訊息數",
            count(overview.messages_sent),
            overview.messages_sent_trend,
        ),
        tile(
            "平均開啟率",
            percent(overview.open_rate),
            overview.open_rate_trend,
        ),
        tile(
            "平均點擊率",
            percent(overview.click_rate),
            overview.click_rate_trend,
        ),
        tile(
            "轉換率",
            percent(overview.conversion_rate),
            overview.conversion_rate_trend,
        ),
    ]
}

#[expect(clippy::cast_precision_loss, reason = "a chart shows a few digits")]
fn trend_chart(trends: &Trends) -> Chart {
    let series = |series: &crm_analytics::DaySeries| Series {
        name: series.metric.title().to_owned(),
        values: series.values.iter().map(|n| *n as f64).collect(),
    };
    Chart {
        title: "推播趨勢".to_owned(),
        kind: ChartKind::Lines,
        labels: trends
            .days
            .iter()
            .map(|day| day.format("%m/%d").to_string())
            .collect(),
        series: trends.series.iter().map(series).collect(),
        unit: "人".to_owned(),
    }
}

fn remarks() -> Vec<String> {
    [
        "各項變化為與前一段等長期間相比的增減百分比；前期為零而本期有值時以 100.0% 表示。",
        "比率以期間內發送的活動計算：開啟率＝開啟÷送達，點擊率＝點擊÷送達，轉換率＝訂房÷送達。",
        OPENED,
        "「訂房」為活動發送後於轉換期限內訂房且未取消的會員，每人每活動計一次。",
        "日期以飯店所在時區的日界計算。",
    ]
    .map(str::to_owned)
    .to_vec()
}
