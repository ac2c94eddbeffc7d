use super::period::Days;
use crate::http::answer::{ApiResult, Envelope, success};
use crate::http::extract::{Allowed, AnalyticsRead, Query};
use crate::http::problem::Problems;
use actix_web::get;
use actix_web::web::Data;
use chrono::NaiveDate;
use crm_analytics::{Overview, Period};
use crm_bootstrap::Crm;
use serde::Serialize;
use utoipa::ToSchema;

/// The figures at the head of the first page.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "start_date": "2026-10-01", "end_date": "2026-10-30",
    "kpi": {"total_messages_sent": 12458, "average_open_rate": 68.5,
            "average_click_rate": 42.3, "conversion_rate": 18.7},
    "trends": {"messages_sent_trend": 15.3, "open_rate_trend": 8.2,
               "click_rate_trend": -2.1, "conversion_rate_trend": 12.5}
}))]
pub(crate) struct OverviewBody {
    start_date: NaiveDate,
    end_date: NaiveDate,
    kpi: Kpi,
    trends: KpiTrends,
}

/// What was sent in the period, and what became of the campaigns sent in it. Rates are in
/// percent of those LINE accepted, 0.0 when nothing was sent.
#[derive(Serialize, ToSchema)]
pub(crate) struct Kpi {
    /// Everything that LINE accepted: campaigns, automatic answers, one-to-one messages.
    total_messages_sent: i64,
    /// Opened as inferred from what guests did; LINE tells nobody who read a message.
    average_open_rate: f64,
    average_click_rate: f64,
    /// Recipients with a stay booked after the send that was not cancelled.
    conversion_rate: f64,
}

/// Percent more or less than in the equally long period just before: 100.0 when there was
/// nothing and now there is, 0.0 when both are nothing.
#[derive(Serialize, ToSchema)]
pub(crate) struct KpiTrends {
    messages_sent_trend: f64,
    open_rate_trend: f64,
    click_rate_trend: f64,
    conversion_rate_trend: f64,
}

impl OverviewBody {
    fn of(period: Period, overview: &Overview) -> Self {
        Self {
            start_date: period.first(),
            end_date: period.last(),
            kpi: Kpi {
                total_messages_sent: overview.messages_sent,
                average_open_rate: overview.open_rate.percent(),
                average_click_rate: overview.click_rate.percent(),
                conversion_rate: overview.conversion_rate.percent(),
            },
            trends: KpiTrends {
                messages_sent_trend: overview.messages_sent_trend.percent(),
                open_rate_trend: overview.open_rate_trend.percent(),
                click_rate_trend: overview.click_rate_trend.percent(),
                conversion_rate_trend: overview.conversion_rate_trend.percent(),
            },
        }
    }
}

/// The key figures of a period, and how they compare with the period before.
#[utoipa::path(
    tag = "analytics",
    security(("bearer" = [])),
    params(Days),
    responses((status = 200, description = "The figures", body = Envelope<OverviewBody>), Problems),
)]
#[get("/analytics/overview")]
pub(super) async fn get_overview(
    _user: Allowed<AnalyticsRead>,
    days: Query<Days>,
    crm: Data<Crm>,
) -> ApiResult<OverviewBody> {
    let period = days.0.period(&crm.analytics)?;
    let overview = crm.analytics.overview(period).await?;
    Ok(success(OverviewBody::of(period, &overview)))
}
