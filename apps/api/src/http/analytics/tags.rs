use super::period::Days;
use crate::http::answer::{ApiResult, Envelope, success};
use crate::http::extract::{Allowed, AnalyticsRead, Query};
use crate::http::problem::Problems;
use actix_web::get;
use actix_web::web::Data;
use crm_analytics::{Analytics, TagShare};
use crm_bootstrap::Crm;
use serde::Serialize;
use utoipa::ToSchema;

/// How often a tag was triggered.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "tag_id": 5, "tag_name": "中秋活動", "trigger_count": 156, "percentage": 18.5
}))]
pub(crate) struct TagShareBody {
    tag_id: i64,
    tag_name: String,
    trigger_count: i64,
    /// Of all tags together, also of those that are not listed or were deleted.
    percentage: f64,
}

impl From<TagShare> for TagShareBody {
    fn from(of: TagShare) -> Self {
        Self {
            tag_id: of.id.get(),
            tag_name: of.name,
            trigger_count: of.triggered,
            percentage: of.share.percent(),
        }
    }
}

/// The tags that guests triggered most, at most a hundred; without days, ever.
#[utoipa::path(
    tag = "analytics",
    security(("bearer" = [])),
    params(Days),
    responses(
        (status = 200, description = "The tags", body = Envelope<Vec<TagShareBody>>),
        Problems
    ),
)]
#[get("/analytics/tag-distribution")]
pub(super) async fn list_tag_distribution(
    _user: Allowed<AnalyticsRead>,
    days: Query<Days>,
    crm: Data<Crm>,
) -> ApiResult<Vec<TagShareBody>> {
    let period = days.0.period_if_any(&crm.analytics)?;
    let tags = crm.analytics.tags(period, Analytics::MAX_SUBJECTS).await?;
    Ok(success(tags.into_iter().map(TagShareBody::from).collect()))
}
