//! What LINE delivers, and what became of it.

mod events;

use super::answer::{ApiResult, EmptyEnvelope, done};
use super::extract::read_body;
use super::problem::{ApiError, Problems};
use actix_web::http::StatusCode;
use actix_web::rt::time::timeout;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, post};
use crm_bootstrap::Crm;
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

/// Largest webhook request; LINE's are far smaller.
const LARGEST: usize = 1024 * 1024;
/// LINE waits for two seconds and counts what comes later as a failure. What is stored later all
/// the same is known when LINE delivers it again.
const ANSWER_WITHIN: Duration = Duration::from_millis(1_700);
const SIGNATURE: &str = "x-line-signature";

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(receive_webhook);
    events::routes(config);
}

/// Nothing to tell.
#[derive(Serialize)]
pub(crate) struct Nothing {}

/// A webhook request of LINE; its content is LINE's.
#[derive(ToSchema)]
#[schema(example = json!({"destination": "U4af4980629d2f4f4a6b5e8d1c3a79b20", "events": []}))]
#[expect(dead_code, reason = "describes a body that is read as bytes")]
pub(crate) struct WebhookRequest {
    destination: String,
    #[schema(value_type = Vec<Object>)]
    events: Vec<Nothing>,
}

/// Take in events; each is stored once, and handled in the background.
#[utoipa::path(
    tag = "line",
    params(("x-line-signature" = String, Header, description = "HMAC-SHA256 of the body with the channel secret, in base64")),
    request_body = WebhookRequest,
    responses((status = 200, description = "Stored", body = EmptyEnvelope), Problems),
)]
#[post("/line/webhook")]
async fn receive_webhook(request: HttpRequest, payload: Payload, crm: Data<Crm>) -> ApiResult<()> {
    let body = read_body(&request, payload.into_inner(), LARGEST).await?;
    let signature = request
        .headers()
        .get(SIGNATURE)
        .and_then(|value| value.to_str().ok());
    let received = timeout(ANSWER_WITHIN, crm.inbound.receive(&body, signature));
    let Ok(received) = received.await else {
        return Err(ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "storage_unavailable",
            "the events could not be stored in time",
        ));
    };
    let new = received?;
    tracing::debug!(events.new = new, "webhook stored");
    Ok(done())
}
