//! Whether the process lives, and whether it can work.

mod metrics;

use super::answer::{ApiResult, Envelope, success};
use super::problem::{ApiError, Problems};
use actix_web::get;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use crm_bootstrap::Crm;
use crm_kernel::StoreError;
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

/// Longest wait for the database before we say that it is away.
const PATIENCE: Duration = Duration::from_secs(2);

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(health)
        .service(ready)
        .service(metrics::metrics);
}

/// A sign of life.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    #[schema(example = "ok")]
    status: &'static str,
}

/// What is needed to work, and how it stands.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"database": "ok", "job_runners": 1, "queue_lag_ms": 0, "dead_jobs": 0}))]
pub(crate) struct Readiness {
    database: &'static str,
    /// Job runners that are alive; without one, work waits.
    job_runners: i64,
    /// How long the oldest due job has been waiting.
    queue_lag_ms: i64,
    /// Jobs given up.
    dead_jobs: i64,
}

/// Whether the process lives.
#[utoipa::path(
    tag = "public",
    responses((status = 200, description = "It does", body = Envelope<Health>), Problems),
)]
#[get("/health")]
async fn health() -> ApiResult<Health> {
    Ok(success(Health { status: "ok" }))
}

/// Whether requests can be worked on.
#[utoipa::path(
    tag = "public",
    responses((status = 200, description = "They can", body = Envelope<Readiness>), Problems),
)]
#[get("/ready")]
async fn ready(crm: Data<Crm>) -> ApiResult<Readiness> {
    let not_ready = || {
        ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "not_ready",
            "the database cannot be used",
        )
    };
    match tokio::time::timeout(PATIENCE, figures(&crm)).await {
        Ok(Ok(readiness)) => Ok(success(readiness)),
        Ok(Err(error)) => Err(not_ready().caused_by(error)),
        Err(error) => Err(not_ready().caused_by(error)),
    }
}

async fn figures(crm: &Crm) -> Result<Readiness, StoreError> {
    crm.database.ping().await?;
    let figures = crm.database.job_figures(crm.clock.now()).await?;
    Ok(Readiness {
        database: "ok",
        job_runners: figures.job_runners,
        queue_lag_ms: figures.lag_ms,
        dead_jobs: figures.dead,
    })
}
