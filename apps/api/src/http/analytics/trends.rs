use super::period::Days;
use crate::http::answer::{ApiResult, Envelope, success};
use crate::http::extract::{Allowed, AnalyticsRead, FromQuery, Query, QueryReader};
use crate::http::problem::Problems;
use crate::http::wire::{Metric, Money};
use actix_web::get;
use actix_web::web::Data;
use chrono::NaiveDate;
use crm_analytics::Trends;
use crm_bootstrap::Crm;
use crm_kernel::CampaignId;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// Which lines.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Lines {
    /// Metrics separated by commas; without it `sent,opened,clicked`
    #[param(value_type = Option<String>, example = "sent,opened,clicked")]
    metric: Vec<Metric>,
    /// Of this campaign alone; only `sent`, `opened`, `clicked`, `converted` and `revenue` belong
    /// to one
    #[param(value_type = Option<i64>)]
    campaign_id: Option<CampaignId>,
}

impl FromQuery for Lines {
    fn read(query: &mut QueryReader) -> Self {
        let mut metric = query.words("metric");
        if metric.is_empty() {
            metric = vec![Metric::Sent, Metric::Opened, Metric::Clicked];
        }
        let mut seen = Vec::new();
        metric.retain(|one| {
            let is_new = !seen.contains(one);
            seen.push(*one);
            is_new
        });
        let campaign_id = query.id("campaign_id");
        let of_one = |metric: &Metric| {
            use Metric::{Clicked, Converted, Opened, Revenue, Sent};
            matches!(metric, Sent | Opened | Clicked | Converted | Revenue)
        };
        if campaign_id.is_some() && !metric.iter().all(of_one) {
            query.problem("metric", "is not counted of a single campaign");
        }
        Self {
            metric,
            campaign_id,
        }
    }
}

/// Days and lines.
pub(crate) struct Asked {
    pub(super) days: Days,
    pub(super) lines: Lines,
}

impl FromQuery for Asked {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            days: Days::read(query),
            lines: Lines::read(query),
        }
    }
}

impl Asked {
    /// The lines that were asked for.
    pub(super) async fn trends(&self, crm: &Crm) -> Result<Trends, crate::http::problem::ApiError> {
        let period = self.days.period(&crm.analytics)?;
        let metrics: Vec<crm_analytics::Metric> =
            self.lines.metric.iter().map(|one| (*one).into()).collect();
        let campaign = self.lines.campaign_id;
        Ok(crm.analytics.trends(&metrics, period, campaign).await?)
    }
}

/// Lines along the same hotel days, the first and the last included.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "dates": ["2026-09-01", "2026-09-02"],
    "series": [{"name": "sent", "data": [120, 135]}, {"name": "opened", "data": [85, 92]}]
}))]
pub(crate) struct TrendsBody {
    dates: Vec<NaiveDate>,
    series: Vec<SeriesBody>,
}

/// One line.
#[derive(Serialize, ToSchema)]
pub(crate) struct SeriesBody {
    name: Metric,
    /// A figure for each day; an amount for `revenue`.
    #[schema(value_type = Vec<f64>)]
    data: Vec<Figure>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Figure {
    Count(i64),
    Amount(Money),
}

impl From<Trends> for TrendsBody {
    fn from(trends: Trends) -> Self {
        let series = trends.series.into_iter().map(|series| {
            let figure = |n| match series.metric {
                crm_analytics::Metric::Revenue => Figure::Amount(Money(n)),
                _ => Figure::Count(n),
            };
            SeriesBody {
                name: series.metric.into(),
                data: series.values.into_iter().map(figure).collect(),
            }
        });
        Self {
            series: series.collect(),
            dates: trends.days,
        }
    }
}

/// Figures of each hotel day, for a chart: sends by the day of the send, opens, clicks and
/// bookings by their own.
#[utoipa::path(
    tag = "analytics",
    security(("bearer" = [])),
    params(Days, Lines),
    responses((status = 200, description = "The lines", body = Envelope<TrendsBody>), Problems),
)]
#[get("/analytics/trends")]
pub(super) async fn get_trends(
    _user: Allowed<AnalyticsRead>,
    asked: Query<Asked>,
    crm: Data<Crm>,
) -> ApiResult<TrendsBody> {
    let trends = asked.0.trends(&crm).await?;
    Ok(success(TrendsBody::from(trends)))
}
