use super::trends::Asked;
use crate::http::extract::{Allowed, AnalyticsRead, FromQuery, Query, QueryReader};
use crate::http::problem::{ApiError, Problems};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, get, web};
use chrono::Datelike;
use crm_analytics::{Metric, Trends};
use crm_bootstrap::Crm;
use crm_exports::{Chart, ChartKind, MakerError, Series};
use crm_kernel::StoreError;
use utoipa::IntoParams;

/// How large.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Size {
    /// Pixels, 320 to 2000
    #[param(required = false, default = 960, minimum = 320, maximum = 2000)]
    width: u64,
    /// Pixels, 200 to 2000
    #[param(required = false, default = 420, minimum = 200, maximum = 2000)]
    height: u64,
}

/// Lines and how large.
pub(crate) struct Drawing {
    asked: Asked,
    size: Size,
}

impl FromQuery for Drawing {
    fn read(query: &mut QueryReader) -> Self {
        let (width, height) = (
            query.count("width", 960, 2_000),
            query.count("height", 420, 2_000),
        );
        if width < 320 {
            query.problem("width", "must be a number between 320 and 2000");
        }
        if height < 200 {
            query.problem("height", "must be a number between 200 and 2000");
        }
        Self {
            asked: Asked::read(query),
            size: Size { width, height },
        }
    }
}

/// The lines of `/analytics/trends` as a picture.
#[utoipa::path(
    tag = "analytics",
    security(("bearer" = [])),
    params(super::period::Days, super::trends::Lines, Size),
    responses(
        (status = 200, description = "The picture", body = String, content_type = "image/svg+xml"),
        Problems
    ),
)]
#[get("/analytics/trends.svg")]
pub(super) async fn draw_trends(
    _user: Allowed<AnalyticsRead>,
    drawing: Query<Drawing>,
    crm: web::Data<Crm>,
) -> Result<HttpResponse, ApiError> {
    let chart = chart_of(&drawing.0.asked.trends(&crm).await?);
    let [width, height] =
        [drawing.0.size.width, drawing.0.size.height].map(|n| u32::try_from(n).unwrap_or(960));
    let maker = crm.report_maker.clone();
    let drawn = web::block(move || maker.svg(&chart, width, height)).await;
    let svg = drawn
        .map_err(|e| StoreError::Internal(Box::new(e)))?
        .map_err(|e: MakerError| StoreError::Internal(Box::new(e)))?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "image/svg+xml; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .body(svg))
}

fn chart_of(trends: &Trends) -> Chart {
    let is_money = |series: &crm_analytics::DaySeries| series.metric == Metric::Revenue;
    let only_money = trends.series.iter().all(is_money);
    let labels = trends.days.iter();
    let series = trends.series.iter().map(|series| Series {
        name: series.metric.title().to_owned(),
        values: series
            .values
            .iter()
            .map(|n| amount(*n, is_money(series)))
            .collect(),
    });
    Chart {
        title: "每日趨勢".to_owned(),
        kind: ChartKind::Lines,
        labels: labels
            .map(|day| format!("{}/{}", day.month(), day.day()))
            .collect(),
        series: series.collect(),
        unit: if only_money { "元" } else { "人次" }.to_owned(),
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a picture shows fewer digits than a double has"
)]
fn amount(n: i64, is_money: bool) -> f64 {
    if is_money { n as f64 / 100.0 } else { n as f64 }
}
