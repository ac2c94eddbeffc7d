use super::period::Days;
use crate::http::answer::{ApiResult, Envelope, success};
use crate::http::extract::{Allowed, AnalyticsRead, Query};
use crate::http::problem::Problems;
use actix_web::get;
use actix_web::web::Data;
use crm_analytics::{Rate, RulePerformance};
use crm_bootstrap::Crm;
use serde::Serialize;
use utoipa::ToSchema;

/// How an automatic answer did in a period.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "auto_response_id": 3, "name": "停車", "trigger_type": "keyword",
    "trigger_count": 120, "success_count": 118, "success_rate": 98.3
}))]
pub(crate) struct RuleBody {
    auto_response_id: i64,
    name: String,
    /// `welcome`, `keyword` or `time`.
    trigger_type: String,
    trigger_count: i64,
    /// Answers that LINE accepted, by the day the rule fired.
    success_count: i64,
    success_rate: f64,
}

impl From<RulePerformance> for RuleBody {
    fn from(of: RulePerformance) -> Self {
        Self {
            auto_response_id: of.id.get(),
            name: of.name,
            trigger_type: of.trigger_type,
            trigger_count: of.fired,
            success_count: of.succeeded,
            success_rate: Rate::of(of.succeeded, of.fired).percent(),
        }
    }
}

/// The automatic answers that fired in a period, most often first, at most a hundred.
#[utoipa::path(
    tag = "analytics",
    security(("bearer" = [])),
    params(Days),
    responses((status = 200, description = "The rules", body = Envelope<Vec<RuleBody>>), Problems),
)]
#[get("/analytics/auto-responses")]
pub(super) async fn list_rule_performance(
    _user: Allowed<AnalyticsRead>,
    days: Query<Days>,
    crm: Data<Crm>,
) -> ApiResult<Vec<RuleBody>> {
    let period = days.0.period(&crm.analytics)?;
    let rules = crm.analytics.rules(period).await?;
    Ok(success(rules.into_iter().map(RuleBody::from).collect()))
}
