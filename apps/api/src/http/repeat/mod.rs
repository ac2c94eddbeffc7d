//! `Idempotency-Key`: a `POST` that is sent again because its answer got lost is not done again
//! (contract §2). The key counts per user, method and path, for 24 hours.
//!
//! The request is seen through even when the client goes away meanwhile, since it is then that
//! the client comes again. An answer that asks to try again is not kept when nothing was stored
//! for sure: the same request may succeed later. Every other answer is, also one that something
//! was away in the midst of it: whether a guest got a message by then nobody can tell, and
//! asking again must not make it two.

mod claim;
mod content;

use super::extract::bearer;
use super::limits::count_user_once;
use super::problem::{ApiError, Stamp};
use actix_web::body::{BoxBody, EitherBody, MessageBody, to_bytes_limited};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, rt};
use claim::{Claimed, claim};
use crm_accounts::Caller;
use crm_bootstrap::{Crm, KeptAnswer, RepeatableRequest, noting_commits};
use tracing::{Instrument, Span};

/// The header a client sends.
pub(crate) const KEY: &str = "idempotency-key";
/// The header of an answer that was given before.
pub(crate) const REPLAYED: &str = "idempotency-replayed";

/// Largest answer that is kept.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// The middleware around every route.
pub(crate) async fn repeatable<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let is_meant = request.method() == Method::POST
        && request.headers().contains_key(KEY)
        && request.match_pattern().is_some();
    let Some(caller) = (if is_meant {
        caller(&request).await
    } else {
        None
    }) else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let (http, payload) = request.into_parts();
    // Before the body is read and looked for: those who ask too often pay with their own time.
    if let Err(error) = count_user_once(&http, caller.user_id).await {
        return Ok(refusal(http, error));
    }
    match claim(&http, payload, &caller).await {
        Err(error) => Ok(refusal(http, error)),
        Ok(Claimed::Answered(kept)) => Ok(replayed(http, kept)),
        Ok(Claimed::First { crm, named, body }) => {
            let request = ServiceRequest::from_parts(http, Payload::from(body));
            let work = async move {
                let (response, is_stored) = noting_commits(next.call(request)).await;
                Ok::<_, Error>(keep(&crm, &named, response?, is_stored).await)
            };
            // In a task of its own: a client that hangs up must not stop it half-way.
            let task = rt::spawn(work.instrument(Span::current()));
            task.await.map_err(|_| ApiError::internal())?
        }
    }
}

/// Who asks, if anybody; whoever is not known is refused by the route itself.
async fn caller(request: &ServiceRequest) -> Option<Caller> {
    let crm = request.app_data::<Data<Crm>>()?;
    let token = bearer(request.request())?;
    crm.accounts.authenticate(token).await.ok()
}

/// A refusal, which gets its last form at the edge.
fn refusal<B>(request: HttpRequest, error: ApiError) -> ServiceResponse<EitherBody<B>> {
    ServiceResponse::from_err(error, request).map_into_right_body()
}

fn replayed<B>(request: HttpRequest, kept: KeptAnswer) -> ServiceResponse<EitherBody<B>> {
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    response.insert_header((REPLAYED, "true"));
    response.content_type("application/json");
    if let Some(location) = kept.location {
        response.insert_header((header::LOCATION, location));
    }
    let response = response.body(kept.body);
    ServiceResponse::new(request, response.map_into_right_body())
}

/// Keeps the answer, or frees the key when nothing was done and may be done later.
async fn keep<B: MessageBody + 'static>(
    crm: &Crm,
    named: &RepeatableRequest,
    response: ServiceResponse<B>,
    is_stored: bool,
) -> ServiceResponse<EitherBody<B>> {
    let status = response.status();
    if asks_to_try_again(status) && !is_stored {
        if let Err(error) = crm.kept_answers.free(named).await {
            tracing::warn!(%error, "an idempotency key could not be freed");
        }
        return response.map_into_left_body();
    }
    if let Some(problem) = problem(&response) {
        // The answer itself gets the same form at the edge, where the log learns of it.
        store(crm, named, &response, problem).await;
        return response.map_into_left_body();
    }
    let (request, response) = response.into_parts();
    let (head, body) = response.into_parts();
    let Ok(Ok(body)) = to_bytes_limited(body, LARGEST_ANSWER).await else {
        tracing::error!("an answer was too large to be kept");
        return refusal(request, ApiError::internal());
    };
    let response = ServiceResponse::new(request, head.set_body(BoxBody::new(body.clone())));
    store(crm, named, &response, body.to_vec()).await;
    response.map_into_right_body()
}

/// What the client will read of an error.
fn problem<B>(response: &ServiceResponse<B>) -> Option<Vec<u8>> {
    let error = response.response().error()?.as_error::<ApiError>()?;
    let stamp = response.request().extensions().get::<Stamp>().cloned()?;
    serde_json::to_vec(&error.problem(&stamp)).ok()
}

async fn store<B>(
    crm: &Crm,
    named: &RepeatableRequest,
    response: &ServiceResponse<B>,
    body: Vec<u8>,
) {
    let location = response.headers().get(header::LOCATION);
    let kept = KeptAnswer {
        status: response.status().as_u16(),
        location: location
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned),
        body,
    };
    if let Err(error) = crm.kept_answers.keep(named, &kept).await {
        // A repetition is then told that the outcome is unknown, which is true.
        tracing::error!(%error, "an answer could not be kept");
    }
}

/// Whether the same request may have another answer later: not signed in, not allowed, not now.
fn asks_to_try_again(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::UNAUTHORIZED
            | StatusCode::FORBIDDEN
            | StatusCode::REQUEST_TIMEOUT
            | StatusCode::TOO_MANY_REQUESTS
            | StatusCode::SERVICE_UNAVAILABLE
    )
}
