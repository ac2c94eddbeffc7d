//! Server-sent events: what happens in the hotel, told to each signed-in user as far as they may
//! know it.
//!
//! Events are written with their changes and read by one task ([`hub`]) while anybody listens.
//! Each stream ([`stream`]) takes its part of them, and first what it missed ([`replay`]).

mod campaigns;
mod hub;
mod news;
mod query;
mod replay;
mod stream;

pub(crate) use hub::LiveHub;

use super::extract::{AnyUser, BearerToken, Query};
use super::problem::{ApiError, Problems};
use super::streams::{Streams, event_stream};
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use crm_bootstrap::Crm;
use query::{LiveQuery, Since};
use stream::{Live, events};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(live_events);
}

/// One event of the stream, as server-sent events go.
#[derive(ToSchema)]
#[schema(example = json!({
    "id": "4711", "event": "message.received",
    "data": "{\"event_id\":4711,\"at\":\"2026-10-10T02:00:00Z\",\"member_id\":5,\"message_id\":92}"
}))]
#[expect(dead_code, reason = "describes lines that are written one by one")]
pub(crate) struct LiveEvent {
    /// Where to go on: for `Last-Event-ID`.
    id: Option<String>,
    /// `message.received`, `message.sent`, `message.failed`, `conversation.updated`,
    /// `campaign.progress`, `sync.progress`, `export.progress`; `resync`: fetch everything anew.
    event: Option<String>,
    /// A JSON object of ids and states, which tell what to fetch.
    data: Option<String>,
}

/// What happens from now on, or since `Last-Event-ID`, as server-sent events; each user is told
/// what their role may read. Where too much happened since, or it was longer ago than a day, the
/// stream begins with `resync`. It ends when the token expires, when its reader cannot keep up,
/// and when the server stops. A comment every 15 seconds is a sign of life.
#[utoipa::path(
    tag = "events",
    security(("bearer" = [])),
    params(
        LiveQuery,
        (
            "Last-Event-ID" = Option<String>, Header,
            description = "The `id` of the last event seen: what happened since comes first"
        ),
    ),
    responses(
        (
            status = 200, description = "Events without end",
            body = LiveEvent, content_type = "text/event-stream"
        ),
        Problems
    ),
)]
#[get("/events")]
async fn live_events(
    user: AnyUser,
    query: Query<LiveQuery>,
    since: Since,
    token: BearerToken,
    crm: Data<Crm>,
    streams: Data<Streams>,
) -> Result<HttpResponse, ApiError> {
    let who = (token.0, user.0);
    let live = Live::begin(&streams, &crm, who, query.0.into(), since).await?;
    Ok(event_stream(events(live)))
}
