//! Sending once more, first to a few, or from now on.

use super::detail::{CampaignDetail, shown};
use crate::http::answer::{ApiResult, Envelope, success};
use crate::http::extract::{Allowed, CampaignsSend, FromQuery, Id, Query, QueryReader, Valid};
use crate::http::problem::Problems;
use actix_web::post;
use actix_web::web::Data;
use crm_bootstrap::Crm;
use crm_kernel::{CampaignId, MemberId};
use crm_workflows::{TestOutcome, TestResult};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Whom to try again.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Retry {
    /// Also those of unknown outcome, who may have got it and would get it twice.
    #[param(value_type = Option<bool>)]
    include_unknown: bool,
}

impl FromQuery for Retry {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            include_unknown: query.flag("include_unknown").unwrap_or_default(),
        }
    }
}

/// Try those who failed once more, with the words that were frozen.
#[utoipa::path(
    tag = "campaigns",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The campaign"), Retry),
    responses((status = 200, description = "On its way again", body = Envelope<CampaignDetail>), Problems),
)]
#[post("/campaigns/{id}/retry-failed")]
pub(super) async fn retry_failed(
    user: Allowed<CampaignsSend>,
    id: Id<CampaignId>,
    whom: Query<Retry>,
    crm: Data<Crm>,
) -> ApiResult<CampaignDetail> {
    crm.sending
        .retry_failed(&user.actor(), id.0, whom.0.include_unknown)
        .await?;
    Ok(success(shown(&crm, id.0).await?))
}

/// Make a draft with a trigger condition active: it goes to whoever fulfils the condition now, and
/// from then on, looked at every hour, once to each who comes to fulfil it.
#[utoipa::path(
    tag = "campaigns",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The campaign")),
    responses((status = 200, description = "Active", body = Envelope<CampaignDetail>), Problems),
)]
#[post("/campaigns/{id}/activate")]
pub(super) async fn activate_campaign(
    user: Allowed<CampaignsSend>,
    id: Id<CampaignId>,
    crm: Data<Crm>,
) -> ApiResult<CampaignDetail> {
    crm.sending.activate(&user.actor(), id.0).await?;
    Ok(success(shown(&crm, id.0).await?))
}

/// Who is to have a look.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"member_ids": [1, 2]}))]
pub(crate) struct TestSend {
    /// One to twenty members.
    #[schema(value_type = Vec<i64>, min_items = 1, max_items = 20)]
    member_ids: Vec<MemberId>,
}

/// How a test went with one member.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"member_id": 1, "status": "sent", "reason": null, "message": null}))]
pub(crate) struct Tested {
    member_id: i64,
    /// `sent`, `skipped` or `failed`.
    status: &'static str,
    /// `no_line`, `blocked`, `line_rejected`, `outcome_unknown` (the guest may have got it) or
    /// `line_unavailable`.
    reason: Option<&'static str>,
    /// Why it failed, in words.
    message: Option<String>,
}

impl From<TestResult> for Tested {
    fn from(result: TestResult) -> Self {
        let (status, reason, message) = match result.outcome {
            TestOutcome::Sent => ("sent", None, None),
            TestOutcome::NoLine => ("skipped", Some("no_line"), None),
            TestOutcome::Blocked => ("skipped", Some("blocked"), None),
            TestOutcome::Refused(words) => ("failed", Some("line_rejected"), Some(words)),
            TestOutcome::Unclear(words) => ("failed", Some("outcome_unknown"), Some(words)),
            TestOutcome::NotNow(words) => ("failed", Some("line_unavailable"), Some(words)),
        };
        Self {
            member_id: result.member.get(),
            status,
            reason,
            message,
        }
    }
}

/// Send a campaign to a few members to look at; it is counted nowhere.
#[utoipa::path(
    tag = "campaigns",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The campaign")),
    request_body = TestSend,
    responses((status = 200, description = "How it went with each", body = Envelope<Vec<Tested>>), Problems),
)]
#[post("/campaigns/{id}/test-send")]
pub(super) async fn test_send(
    user: Allowed<CampaignsSend>,
    id: Id<CampaignId>,
    body: Valid<TestSend>,
    crm: Data<Crm>,
) -> ApiResult<Vec<Tested>> {
    let members = &body.0.member_ids;
    let results = crm.sending.test_send(&user.actor(), id.0, members).await?;
    Ok(success(results.into_iter().map(Into::into).collect()))
}
