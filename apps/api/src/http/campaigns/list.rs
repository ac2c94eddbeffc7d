use super::detail::CampaignRow;
use crate::http::answer::{ApiResult, Envelope, PageOf, success};
use crate::http::extract::{Allowed, CampaignsRead, FromQuery, Paging, Query, QueryReader};
use crate::http::problem::Problems;
use crate::http::wire::CampaignStatus;
use actix_web::get;
use actix_web::web::Data;
use chrono::NaiveDate;
use crm_bootstrap::Crm;
use crm_campaigns::CampaignFilter;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// Which campaigns.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListCampaigns {
    /// Where they stand
    #[param(inline)]
    status: Option<CampaignStatus>,
    /// First hotel day of the time shown: sent, else scheduled, else created
    start_date: Option<NaiveDate>,
    /// Last hotel day of the time shown
    end_date: Option<NaiveDate>,
}

impl FromQuery for ListCampaigns {
    fn read(query: &mut QueryReader) -> Self {
        let (start_date, end_date) = query.period("start_date", "end_date");
        Self {
            status: query.word("status"),
            start_date,
            end_date,
        }
    }
}

/// A page of campaigns.
#[derive(Serialize, ToSchema)]
pub(crate) struct CampaignPage {
    #[serde(flatten)]
    page: PageOf<CampaignRow>,
    summary: Summary,
}

/// How many campaigns there are of each status, whatever status the list was asked for.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "total": 6, "sent": 2, "scheduled": 2, "draft": 2, "sending": 0, "failed": 0, "active": 0,
    "paused": 0, "cancelled": 0
}))]
pub(crate) struct Summary {
    total: u64,
    sent: u64,
    scheduled: u64,
    draft: u64,
    sending: u64,
    failed: u64,
    active: u64,
    paused: u64,
    cancelled: u64,
}

impl From<crm_campaigns::CampaignSummary> for Summary {
    fn from(summary: crm_campaigns::CampaignSummary) -> Self {
        use crm_campaigns::CampaignStatus as S;
        let of = |status: S| summary.by_status.get(status.as_str()).copied().unwrap_or(0);
        Self {
            total: summary.total,
            sent: of(S::Sent),
            scheduled: of(S::Scheduled),
            draft: of(S::Draft),
            sending: of(S::Sending),
            failed: of(S::Failed),
            active: of(S::Active),
            paused: of(S::Paused),
            cancelled: of(S::Cancelled),
        }
    }
}

/// A page of campaigns, newest first.
#[utoipa::path(
    tag = "campaigns",
    security(("bearer" = [])),
    params(ListCampaigns, Paging),
    responses((status = 200, description = "A page", body = Envelope<CampaignPage>), Problems),
)]
#[get("/campaigns")]
pub(super) async fn list_campaigns(
    _user: Allowed<CampaignsRead>,
    query: Query<ListCampaigns>,
    paging: Query<Paging>,
    crm: Data<Crm>,
) -> ApiResult<CampaignPage> {
    let filter = CampaignFilter {
        status: query.0.status.map(Into::into),
        from: query.0.start_date.map(|day| crm.hotel.start_of(day)),
        until: query.0.end_date.map(|day| crm.hotel.end_of(day)),
    };
    let (page, summary) = crm.campaigns.list(&filter, paging.0.0).await?;
    Ok(success(CampaignPage {
        page: PageOf::of(page, CampaignRow::from),
        summary: summary.into(),
    }))
}
