//! Events of the webhook, for operators.

use crate::http::answer::{ApiResult, EmptyEnvelope, Envelope, PageOf, done, success};
use crate::http::extract::{Allowed, FromQuery, Id, JobsManage, Paging, Query, QueryReader};
use crate::http::problem::Problems;
use crate::http::wire::LineEventStatus;
use actix_web::web::Data;
use actix_web::{get, post};
use chrono::{DateTime, Utc};
use crm_bootstrap::Crm;
use crm_kernel::InboundEventId;
use crm_workflows::{EventFilter, EventRow};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_events).service(replay_event);
}

/// Which events.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListEvents {
    /// How far they came
    #[param(inline)]
    status: Option<LineEventStatus>,
    /// LINE's name of what happened
    #[param(rename = "type", example = "message")]
    kind: Option<String>,
}

impl FromQuery for ListEvents {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            status: query.word("status"),
            kind: query.text("type"),
        }
    }
}

/// An event that LINE delivered; never what it says.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 12, "webhook_event_id": "01FZ74A0TDDPYRVKNK77XKC3ZR", "type": "message",
    "status": "dead", "occurred_at": "2026-10-05T02:00:00Z", "received_at": "2026-10-05T02:00:01Z",
    "handled_at": null, "attempts": 8, "last_error": "internal: storage failed"
}))]
pub(crate) struct LineEvent {
    id: i64,
    webhook_event_id: String,
    #[serde(rename = "type")]
    kind: String,
    status: LineEventStatus,
    /// By LINE's clock.
    occurred_at: DateTime<Utc>,
    received_at: DateTime<Utc>,
    handled_at: Option<DateTime<Utc>>,
    attempts: u32,
    /// Why it was put off or given up.
    last_error: Option<String>,
}

impl From<EventRow> for LineEvent {
    fn from(row: EventRow) -> Self {
        Self {
            id: row.id.get(),
            webhook_event_id: row.webhook_event_id,
            kind: row.kind,
            status: row.status.into(),
            occurred_at: row.occurred_at,
            received_at: row.received_at,
            handled_at: row.handled_at,
            attempts: row.attempts,
            last_error: row.last_error,
        }
    }
}

/// A page of the events that LINE delivered, the newest first.
#[utoipa::path(
    tag = "line",
    security(("bearer" = [])),
    params(ListEvents, Paging),
    responses((status = 200, description = "A page", body = Envelope<PageOf<LineEvent>>), Problems),
)]
#[get("/line/events")]
async fn list_events(
    _user: Allowed<JobsManage>,
    query: Query<ListEvents>,
    paging: Query<Paging>,
    crm: Data<Crm>,
) -> ApiResult<PageOf<LineEvent>> {
    let filter = EventFilter {
        status: query.0.status.map(Into::into),
        kind: query.0.kind,
    };
    let page = crm.inbound.list(&filter, paging.0.0).await?;
    Ok(success(PageOf::of(page, LineEvent::from)))
}

/// Have a dead event handled once more.
#[utoipa::path(
    tag = "line",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The event")),
    responses((status = 200, description = "It waits again", body = EmptyEnvelope), Problems),
)]
#[post("/line/events/{id}/replay")]
async fn replay_event(
    user: Allowed<JobsManage>,
    id: Id<InboundEventId>,
    crm: Data<Crm>,
) -> ApiResult<()> {
    crm.inbound.replay(&user.actor(), id.0).await?;
    Ok(done())
}
