//! All sending of the installation: whether it is stopped, and how fast it goes.

use super::answer::{ApiResult, Envelope, success};
use super::extract::{Allowed, AnyUser, CampaignsEmergencyStop, Valid};
use super::problem::{ApiError, Problems};
use actix_web::web::Data;
use actix_web::{get, post};
use chrono::{DateTime, Utc};
use crm_bootstrap::Crm;
use crm_workflows::{Rate, SendKind, StopView, StoppedBy};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(get_sending)
        .service(stop_sending)
        .service(resume_sending);
}

/// Why everything is stopped.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "wrong price in the October campaign"}))]
pub(crate) struct StopSending {
    /// For colleagues, at most 200 characters.
    reason: Option<String>,
}

/// Whether messages leave, and how fast.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "stopped": true, "since": "2026-10-08T10:30:00Z",
    "by": {"id": 1, "username": "admin", "full_name": "系統管理員"},
    "reason": "wrong price in the October campaign",
    "rates": {
        "multicast": {"per_second": 150, "max_per_second": 150},
        "push": {"per_second": 750, "max_per_second": 1500}
    }
}))]
pub(crate) struct SendingState {
    /// While true, nothing leaves but answers to guests.
    stopped: bool,
    since: Option<DateTime<Utc>>,
    by: Option<SendingStoppedBy>,
    reason: Option<String>,
    rates: SendingRates,
}

/// The user who stopped everything.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": 1, "username": "admin", "full_name": "系統管理員"}))]
pub(crate) struct SendingStoppedBy {
    id: i64,
    username: String,
    full_name: Option<String>,
}

/// Requests to LINE, of all processes together.
#[derive(Serialize, ToSchema)]
pub(crate) struct SendingRates {
    /// Multicasts, each to up to 500 guests; null when they are not limited.
    multicast: Option<SendingRate>,
    /// Pushes, each to one guest; null when they are not limited.
    push: Option<SendingRate>,
}

/// How fast.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"per_second": 750, "max_per_second": 1500}))]
pub(crate) struct SendingRate {
    /// At present; lower for a minute after LINE asked to slow down.
    per_second: u32,
    /// As it is set.
    max_per_second: u32,
}

impl From<StoppedBy> for SendingStoppedBy {
    fn from(user: StoppedBy) -> Self {
        Self {
            id: user.id.get(),
            username: user.username,
            full_name: user.full_name,
        }
    }
}

impl From<Rate> for SendingRate {
    fn from(rate: Rate) -> Self {
        Self {
            per_second: rate.per_second.round() as u32,
            max_per_second: rate.max_per_second,
        }
    }
}

impl SendingState {
    fn new(stop: Option<StopView>, rates: SendingRates) -> Self {
        let stopped = stop.is_some();
        let (since, by, reason) = stop.map_or((None, None, None), |stop| {
            (Some(stop.since), stop.by, stop.reason)
        });
        Self {
            stopped,
            since,
            by: by.map(Into::into),
            reason,
            rates,
        }
    }
}

async fn state(crm: &Crm) -> Result<SendingState, ApiError> {
    let rates = SendingRates {
        multicast: crm.pace.rate(SendKind::Multicast).await?.map(Into::into),
        push: crm.pace.rate(SendKind::Push).await?.map(Into::into),
    };
    Ok(SendingState::new(crm.brake.stop().await?, rates))
}

/// Whether sending is stopped, and how fast it goes.
#[utoipa::path(
    tag = "sending",
    security(("bearer" = [])),
    responses((status = 200, description = "As it stands", body = Envelope<SendingState>), Problems),
)]
#[get("/sending")]
async fn get_sending(_user: AnyUser, crm: Data<Crm>) -> ApiResult<SendingState> {
    Ok(success(state(&crm).await?))
}

/// Stop everything: campaigns, planned messages and messages by hand. Only answers to guests
/// still go. What is stopped already stays as it is.
#[utoipa::path(
    tag = "sending",
    security(("bearer" = [])),
    request_body = StopSending,
    responses((status = 200, description = "Stopped", body = Envelope<SendingState>), Problems),
)]
#[post("/sending/stop")]
async fn stop_sending(
    user: Allowed<CampaignsEmergencyStop>,
    body: Valid<StopSending>,
    crm: Data<Crm>,
) -> ApiResult<SendingState> {
    let reason = body.0.reason.as_deref();
    crm.brake.pull(&user.actor(), reason).await?;
    Ok(success(state(&crm).await?))
}

/// Let sending go on where it was stopped.
#[utoipa::path(
    tag = "sending",
    security(("bearer" = [])),
    responses((status = 200, description = "Going on", body = Envelope<SendingState>), Problems),
)]
#[post("/sending/resume")]
async fn resume_sending(
    user: Allowed<CampaignsEmergencyStop>,
    crm: Data<Crm>,
) -> ApiResult<SendingState> {
    crm.brake.release(&user.actor()).await?;
    Ok(success(state(&crm).await?))
}
