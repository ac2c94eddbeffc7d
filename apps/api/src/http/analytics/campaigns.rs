use super::period::Days;
use crate::http::answer::{ApiResult, Envelope, success};
use crate::http::extract::{Allowed, AnalyticsRead, FromQuery, Id, Query, QueryReader};
use crate::http::problem::Problems;
use crate::http::wire::Money;
use actix_web::get;
use actix_web::web::Data;
use chrono::{DateTime, Utc};
use crm_analytics::{CampaignPerformance, Funnel};
use crm_bootstrap::Crm;
use crm_kernel::CampaignId;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// How many.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct HowMany {
    /// 1 to 100
    #[param(required = false, default = 10, minimum = 1, maximum = 100)]
    limit: u64,
}

impl FromQuery for HowMany {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            limit: query.count("limit", 10, 100),
        }
    }
}

/// Days and how many.
pub(crate) struct Best {
    days: Days,
    limit: u64,
}

impl FromQuery for Best {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            days: Days::read(query),
            limit: HowMany::read(query).limit,
        }
    }
}

/// How a campaign did. Rates are in percent of `sent_count`.
#[derive(Serialize, ToSchema)]
pub(crate) struct PerformanceBody {
    campaign_id: i64,
    title: String,
    sent_at: DateTime<Utc>,
    sent_count: i64,
    /// As inferred from what guests did afterwards.
    opened_count: i64,
    clicked_count: i64,
    conversion_count: i64,
    open_rate: f64,
    click_rate: f64,
    conversion_rate: f64,
    /// Amounts of the stays it brought; each stay counts for the last campaign before it.
    revenue: Money,
}

impl From<CampaignPerformance> for PerformanceBody {
    fn from(of: CampaignPerformance) -> Self {
        let sums = of.sums;
        Self {
            campaign_id: of.id.get(),
            title: of.title,
            sent_at: of.sent_at,
            sent_count: sums.sent,
            opened_count: sums.opened,
            clicked_count: sums.clicked,
            conversion_count: sums.converted,
            open_rate: sums.open_rate().percent(),
            click_rate: sums.click_rate().percent(),
            conversion_rate: sums.conversion_rate().percent(),
            revenue: Money(of.revenue_minor),
        }
    }
}

/// The campaigns that were sent in a period, best click rate first.
#[utoipa::path(
    tag = "analytics",
    security(("bearer" = [])),
    params(Days, HowMany),
    responses(
        (status = 200, description = "The campaigns", body = Envelope<Vec<PerformanceBody>>),
        Problems
    ),
)]
#[get("/analytics/campaign-performance")]
pub(super) async fn list_campaign_performance(
    _user: Allowed<AnalyticsRead>,
    best: Query<Best>,
    crm: Data<Crm>,
) -> ApiResult<Vec<PerformanceBody>> {
    let period = best.0.days.period(&crm.analytics)?;
    let limit = u32::try_from(best.0.limit).unwrap_or(u32::MAX);
    let campaigns = crm.analytics.performance(period, limit).await?;
    Ok(success(
        campaigns.into_iter().map(PerformanceBody::from).collect(),
    ))
}

/// What became of everybody whom a campaign was planned for.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "campaign_id": 1, "title": "中秋送禮",
    "planned_count": 120, "skipped_count": 15, "skipped": {"blocked": 9, "opted_out": 6},
    "failed_count": 5, "pending_count": 0, "sent_count": 100,
    "opened_count": 80, "clicked_count": 40, "converted_count": 25,
    "converted_clicked_count": 19, "open_rate": 80.0, "click_rate": 40.0,
    "conversion_rate": 25.0, "revenue": 86400, "revenue_stays": 24, "revenue_nights": 31
}))]
pub(crate) struct FunnelBody {
    campaign_id: i64,
    title: String,
    /// Everybody: skipped, failed, pending and sent.
    planned_count: i64,
    skipped_count: i64,
    /// Why they were kept back.
    skipped: BTreeMap<String, i64>,
    failed_count: i64,
    pending_count: i64,
    sent_count: i64,
    /// As inferred from what guests did afterwards.
    opened_count: i64,
    clicked_count: i64,
    converted_count: i64,
    /// Those of the converted who had clicked before they booked.
    converted_clicked_count: i64,
    open_rate: f64,
    click_rate: f64,
    conversion_rate: f64,
    /// Amounts of the stays it brought; each stay counts for the last campaign before it.
    revenue: Money,
    revenue_stays: i64,
    revenue_nights: i64,
}

impl From<Funnel> for FunnelBody {
    fn from(of: Funnel) -> Self {
        let sums = of.sums;
        Self {
            campaign_id: of.id.get(),
            title: of.title,
            planned_count: of.planned,
            skipped_count: of.skipped.values().sum(),
            skipped: of.skipped,
            failed_count: of.failed,
            pending_count: of.pending,
            sent_count: sums.sent,
            opened_count: sums.opened,
            clicked_count: sums.clicked,
            converted_count: sums.converted,
            converted_clicked_count: of.converted_clicked,
            open_rate: sums.open_rate().percent(),
            click_rate: sums.click_rate().percent(),
            conversion_rate: sums.conversion_rate().percent(),
            revenue: Money(of.revenue_minor),
            revenue_stays: of.revenue_stays,
            revenue_nights: of.revenue_nights,
        }
    }
}

/// From planned to booked, with everybody who fell out on the way.
#[utoipa::path(
    tag = "analytics",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The campaign")),
    responses((status = 200, description = "The funnel", body = Envelope<FunnelBody>), Problems),
)]
#[get("/analytics/campaigns/{id}/funnel")]
pub(super) async fn get_campaign_funnel(
    _user: Allowed<AnalyticsRead>,
    id: Id<CampaignId>,
    crm: Data<Crm>,
) -> ApiResult<FunnelBody> {
    let funnel = crm.analytics.funnel(id.0).await?;
    Ok(success(FunnelBody::from(funnel)))
}
