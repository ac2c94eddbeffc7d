//! What the reports show of the made-up hotel of the demo, on a day that is always the same.

use chrono::TimeDelta;
use crm_analytics::{Metric, Period};
use crm_demo::sample;
use crm_tests::{Installation, Kind};
use std::collections::BTreeMap;

const PICTURES: &str = "http://127.0.0.1:8701/pictures";

/// The demo knows SQLite alone.
#[tokio::test]
async fn the_figures_of_the_demo_are_always_the_same() {
    crate::on(Kind::Sqlite, figures_of).await;
}

async fn figures_of(hotel: &Installation) {
    let crm = &hotel.crm;
    sample::fill(crm, PICTURES).await.unwrap();
    assert_eq!(crm.figures.check().await.unwrap(), []);
    assert_eq!(crm.conversions.conversions_differ().await.unwrap(), 0);
    let today = crm.analytics.today();
    let year = Period::new(today - TimeDelta::days(365), today).unwrap();
    let mut shown: BTreeMap<String, i64> = BTreeMap::new();
    let trends = crm
        .analytics
        .trends(&Metric::ALL, year, None)
        .await
        .unwrap();
    for series in trends.series {
        let name = series.metric.as_str().to_owned();
        shown.insert(name, series.values.iter().sum());
    }
    for campaign in crm.analytics.performance(year, 100).await.unwrap() {
        let (title, sums) = (campaign.title, campaign.sums);
        shown.insert(format!("{title}: sent"), sums.sent);
        shown.insert(format!("{title}: clicked"), sums.clicked);
        shown.insert(format!("{title}: converted"), sums.converted);
    }
    for tag in crm.analytics.tags(None, 100).await.unwrap() {
        shown.insert(format!("tag {}", tag.name), tag.triggered);
    }
    for one in crm.rfm.grid(None).await.unwrap().segments {
        shown.insert(format!("guests {}", one.segment.title()), one.sum.members);
    }
    let shown: Vec<String> = shown
        .iter()
        .map(|(name, n)| format!("{name} = {n}"))
        .collect();
    let kept: Vec<&str> = FIGURES.trim().lines().map(str::trim).collect();
    assert_eq!(shown, kept, "\n{}", shown.join("\n"));
}

const FIGURES: &str = "
blocks = 192
clicked = 592
converted = 196
follows = 2195
guests 不可失去 = 22
guests 冠軍客 = 313
guests 已流失 = 416
guests 忠實客 = 474
guests 快沉睡 = 193
guests 新客 = 108
guests 有望客 = 135
guests 沉睡客 = 253
guests 流失風險 = 406
guests 潛力客 = 268
guests 需關注 = 151
messages_received = 0
messages_sent = 5160
opened = 1102
revenue = 176180000
sent = 5160
tag 中秋活動 = 151
tag 希望聯繫 = 78
tag 早鳥優惠 = 116
tag 溫泉體驗 = 61
tag 訂房意願 = 131
tag 餐飲優惠 = 55
中秋賞月活動: clicked = 206
中秋賞月活動: converted = 74
中秋賞月活動: sent = 2661
早鳥住房 85 折: clicked = 184
早鳥住房 85 折: converted = 95
早鳥住房 85 折: sent = 1352
溫泉住宿二日: clicked = 202
溫泉住宿二日: converted = 27
溫泉住宿二日: sent = 1147
";
