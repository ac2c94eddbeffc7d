//! What every call passes before and after its own work: faults, the token, rate limits, the retry
//! key's form, counting, and the request id.

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use uuid::Uuid;

use super::answer::Answer;
use super::connection;
use crate::clock;
use crate::shared::Shared;
use crate::state::{Drawn, Endpoint, FaultKind};

/// LINE takes bodies of at most 2 MB.
const MAX_BODY: usize = 2 * 1024 * 1024;

/// One call that got past the gate.
pub(super) struct Call<'a> {
    pub shared: &'a Shared,
    pub endpoint: Endpoint,
    pub request_id: &'a str,
    pub retry_key: Option<Uuid>,
    pub body: &'a [u8],
}

/// The body of a call; an error when it was too large even to read.
pub(super) type RawBody = Result<Bytes, actix_web::Error>;

/// Runs `work` on the call unless something stands in its way.
pub(super) async fn pass(
    shared: &Data<Shared>,
    request: &HttpRequest,
    endpoint: Endpoint,
    body: &RawBody,
    work: impl FnOnce(&Call<'_>) -> Answer,
) -> HttpResponse {
    let request_id = clock::request_id();
    let fault = draw(shared, endpoint);
    let kind = fault.map(|f| f.kind);
    if let Some(Drawn {
        kind: FaultKind::Slow,
        delay,
    }) = fault
    {
        tokio::time::sleep(delay).await;
    }
    if kind == Some(FaultKind::Drop) {
        return abandon(shared, request, endpoint, &request_id);
    }

    let admitted = admit(shared, request, endpoint, kind, body);
    let answer = match admitted {
        Err(refused) => refused,
        Ok((body, retry_key)) => work(&Call {
            shared,
            endpoint,
            request_id: &request_id,
            retry_key,
            body,
        }),
    };

    let answer = match fault {
        Some(Drawn {
            kind: FaultKind::ServerErrorAfterAccept,
            ..
        }) if answer.was_accepted() => Answer::server_error(),
        Some(Drawn {
            kind: FaultKind::TimeoutAfterAccept,
            delay,
        }) if answer.was_accepted() => {
            tokio::time::sleep(delay).await;
            return abandon(shared, request, endpoint, &request_id);
        }
        Some(Drawn {
            kind: FaultKind::CutOff,
            ..
        }) => answer.cut_off(),
        _ => answer,
    };
    shared.world().counters.request(endpoint, answer.status);
    tracing::debug!(?endpoint, status = answer.status, %request_id, "answered");
    answer.into_response(&request_id)
}

fn draw(shared: &Shared, endpoint: Endpoint) -> Option<Drawn> {
    let mut world = shared.world();
    let drawn = world.faults.draw(endpoint)?;
    *world.counters.faults.entry(drawn.kind).or_default() += 1;
    Some(drawn)
}

/// Everything LINE looks at before it looks at the body.
fn admit<'a>(
    shared: &Shared,
    request: &HttpRequest,
    endpoint: Endpoint,
    fault: Option<FaultKind>,
    body: &'a RawBody,
) -> Result<(&'a [u8], Option<Uuid>), Answer> {
    if fault == Some(FaultKind::Unauthorized) || !is_authorized(shared, request) {
        return Err(Answer::unauthorized());
    }
    match fault {
        Some(FaultKind::RateLimited) => return Err(Answer::rate_limited()),
        Some(FaultKind::QuotaReached) => return Err(Answer::monthly_limit()),
        Some(FaultKind::ServerError) => return Err(Answer::server_error()),
        Some(FaultKind::BadRequest) => {
            return Err(Answer::bad_request("Failed to send messages"));
        }
        _ => {}
    }
    if shared.config.enforce_rate_limits {
        let now = shared.clock.now_ms();
        if !shared.world().rates.take(endpoint, now) {
            return Err(Answer::rate_limited());
        }
    }
    let body = match body {
        Ok(bytes) if bytes.len() <= MAX_BODY => bytes.as_ref(),
        _ => return Err(Answer::too_large()),
    };
    Ok((body, retry_key(request, endpoint)?))
}

fn is_authorized(shared: &Shared, request: &HttpRequest) -> bool {
    header(request, "authorization")
        .and_then(|value| value.strip_prefix("Bearer "))
        .is_some_and(|token| token == shared.config.channel_access_token)
}

fn retry_key(request: &HttpRequest, endpoint: Endpoint) -> Result<Option<Uuid>, Answer> {
    if !request.headers().contains_key("x-line-retry-key") {
        return Ok(None);
    }
    if !endpoint.takes_retry_key() {
        return Err(Answer::bad_request(
            "The X-Line-Retry-Key header is not supported by this endpoint",
        ));
    }
    // Only the usual form with hyphens; the parser would also take braces and URNs.
    header(request, "x-line-retry-key")
        .filter(|value| value.len() == 36)
        .and_then(|value| Uuid::try_parse(value).ok())
        .map(Some)
        .ok_or_else(|| Answer::bad_request("The X-Line-Retry-Key header must be a UUID"))
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

/// Ends the connection without an answer; counted under status 0.
fn abandon(
    shared: &Shared,
    request: &HttpRequest,
    endpoint: Endpoint,
    request_id: &str,
) -> HttpResponse {
    shared.world().counters.request(endpoint, 0);
    connection::cut(request);
    Answer::server_error().into_response(request_id)
}
