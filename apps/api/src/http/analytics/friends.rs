use super::period::Days;
use crate::http::answer::{ApiResult, Envelope, success};
use crate::http::extract::{Allowed, AnalyticsRead, Query};
use crate::http::problem::Problems;
use actix_web::get;
use actix_web::web::Data;
use chrono::NaiveDate;
use crm_analytics::FriendDay;
use crm_bootstrap::Crm;
use serde::Serialize;
use utoipa::ToSchema;

/// Friends of the account won and lost in a period.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "follows": 42, "blocks": 5, "net": 37,
    "days": [{"date": "2026-10-01", "follows": 42, "blocks": 5, "net": 37}]
}))]
pub(crate) struct FriendsBody {
    follows: i64,
    blocks: i64,
    net: i64,
    days: Vec<FriendDayBody>,
}

/// One hotel day.
#[derive(Serialize, ToSchema)]
pub(crate) struct FriendDayBody {
    date: NaiveDate,
    /// Guests who became friends, or came back after blocking.
    follows: i64,
    /// Guests who blocked the account.
    blocks: i64,
    net: i64,
}

impl From<Vec<FriendDay>> for FriendsBody {
    fn from(days: Vec<FriendDay>) -> Self {
        let follows: i64 = days.iter().map(|day| day.follows).sum();
        let blocks: i64 = days.iter().map(|day| day.blocks).sum();
        let day = |day: FriendDay| FriendDayBody {
            date: day.day,
            follows: day.follows,
            blocks: day.blocks,
            net: day.follows - day.blocks,
        };
        Self {
            follows,
            blocks,
            net: follows - blocks,
            days: days.into_iter().map(day).collect(),
        }
    }
}

/// Friends won and lost on each day.
#[utoipa::path(
    tag = "analytics",
    security(("bearer" = [])),
    params(Days),
    responses((status = 200, description = "The days", body = Envelope<FriendsBody>), Problems),
)]
#[get("/analytics/friends")]
pub(super) async fn get_friend_growth(
    _user: Allowed<AnalyticsRead>,
    days: Query<Days>,
    crm: Data<Crm>,
) -> ApiResult<FriendsBody> {
    let period = days.0.period(&crm.analytics)?;
    let days = crm.analytics.friends(period).await?;
    Ok(success(FriendsBody::from(days)))
}
