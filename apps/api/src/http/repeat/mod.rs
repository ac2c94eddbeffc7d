//! `Idempotency-Key`: a `POST` that is sent again because its answer got lost is not done again
//! (contract §2). The key counts per user, method and path, for 24 hours.
//!
//! The request is seen through even when the client goes away meanwhile, since it is then that
//! the client comes again. An answer that says nothing was done (not signed in, not now, too
//! many requests) is not kept: the same request may succeed later.

mod content;

use super::extract::{bearer, read_body};
use super::limits::count_user;
use super::problem::{ApiError, Stamp};
use actix_web::body::{BoxBody, EitherBody, MessageBody, to_bytes_limited};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, rt};
use content::without_boundary;
use crm_bootstrap::{Crm, KeptAnswer, RepeatableRequest, Repetition, Settings};
use crm_kernel::UserId;

/// The header a client sends.
pub(crate) const KEY: &str = "idempotency-key";
/// The header of an answer that was given before.
pub(crate) const REPLAYED: &str = "idempotency-replayed";

const LONGEST_KEY: usize = 255;
/// What a body may have beside the file in it.
const AROUND_A_FILE: usize = 64 * 1024;
/// Largest answer that is kept.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// The middleware around every route.
pub(crate) async fn repeatable<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let is_meant = request.method() == Method::POST && request.headers().contains_key(KEY);
    let Some(caller) = (if is_meant {
        caller(&request).await
    } else {
        None
    }) else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let (http, payload) = request.into_parts();
    match claim(&http, payload, caller).await {
        Err(error) => Ok(answer(http, &error)),
        Ok(Claimed::Answered(kept)) => match count_user(&http, caller).await {
            Ok(()) => Ok(replayed(http, kept)),
            Err(error) => Ok(answer(http, &error)),
        },
        Ok(Claimed::First { crm, named, body }) => {
            let request = ServiceRequest::from_parts(http, Payload::from(body));
            // In a task of its own: a client that hangs up must not stop it half-way.
            let task = rt::spawn(async move {
                let response = next.call(request).await?;
                Ok::<_, Error>(keep(&crm, &named, response).await)
            });
            task.await.map_err(|_| ApiError::internal())?
        }
    }
}

/// Who asks, if anybody; whoever is not known is refused by the route itself.
async fn caller(request: &ServiceRequest) -> Option<UserId> {
    let crm = request.app_data::<Data<Crm>>()?;
    let token = bearer(request.request())?;
    let caller = crm.accounts.authenticate(token).await.ok()?;
    Some(caller.user_id)
}

enum Claimed {
    First {
        crm: Data<Crm>,
        named: RepeatableRequest,
        body: Bytes,
    },
    Answered(KeptAnswer),
}

async fn claim(
    request: &HttpRequest,
    payload: Payload,
    caller: UserId,
) -> Result<Claimed, ApiError> {
    let key = key(request)?;
    let crm = request.app_data::<Data<Crm>>().cloned();
    let crm = crm.ok_or_else(ApiError::internal)?;
    let largest = request
        .app_data::<Data<Settings>>()
        .map_or(0, |settings| settings.files.max_file_size);
    let body = read_body(request, payload, largest + AROUND_A_FILE).await?;
    let caller = caller.to_string();
    let place = [&caller, request.method().as_str(), request.path(), &key];
    let content = without_boundary(request, &body);
    let named = crm.kept_answers.request(
        &place.map(str::as_bytes),
        &[
            request.query_string().as_bytes(),
            content.as_deref().unwrap_or(&body),
        ],
    );
    match crm.kept_answers.claim(&named, crm.clock.now()).await? {
        Repetition::First => Ok(Claimed::First {
            crm,
            named,
            body: Bytes::from(body),
        }),
        Repetition::Answered(kept) => Ok(Claimed::Answered(kept)),
        Repetition::UnderWay => Err(conflict(
            "idempotency_in_progress",
            "the first request with this key is still under way",
        )),
        Repetition::Unknown => Err(conflict(
            "idempotency_outcome_unknown",
            "the first request with this key did not end; see what it did, then use another key",
        )),
        Repetition::OtherRequest => Err(conflict(
            "idempotency_key_reused",
            "this key was used for another request",
        )),
    }
}

fn key(request: &HttpRequest) -> Result<String, ApiError> {
    let mut values = request.headers().get_all(KEY);
    let key = values.next().and_then(|value| value.to_str().ok());
    key.filter(|key| !key.trim().is_empty() && key.len() <= LONGEST_KEY)
        .filter(|_| values.next().is_none())
        .map(str::to_owned)
        .ok_or_else(|| {
            ApiError::invalid_field("Idempotency-Key", "must be one text of 1 to 255 characters")
        })
}

fn conflict(code: &'static str, message: &'static str) -> ApiError {
    ApiError::new(StatusCode::CONFLICT, code, message)
}

/// A refusal in its last form; the edge lets it pass as it is.
fn answer<B>(request: HttpRequest, error: &ApiError) -> ServiceResponse<EitherBody<B>> {
    let response = body_of(&request, error);
    ServiceResponse::new(request, response.map_into_right_body())
}

fn body_of(request: &HttpRequest, error: &ApiError) -> HttpResponse<BoxBody> {
    use actix_web::ResponseError;
    let mut response = error.error_response();
    let stamp = request.extensions().get::<Stamp>().cloned();
    let body = stamp.map(|stamp| serde_json::to_vec(&error.problem(&stamp)).unwrap_or_default());
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response.set_body(BoxBody::new(body.unwrap_or_default()))
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

/// Keeps the answer, or frees the key when nothing was done.
async fn keep<B: MessageBody + 'static>(
    crm: &Crm,
    named: &RepeatableRequest,
    response: ServiceResponse<B>,
) -> ServiceResponse<EitherBody<B>> {
    let status = response.status();
    if !is_final(status) {
        if let Err(error) = crm.kept_answers.free(named).await {
            tracing::warn!(%error, "an idempotency key could not be freed");
        }
        return response.map_into_left_body();
    }
    let (request, response) = response.into_parts();
    let problem = response
        .error()
        .and_then(|error| error.as_error::<ApiError>())
        .map(|error| body_of(&request, error));
    let response = match problem {
        Some(problem) => problem,
        None => response.map_into_boxed_body(),
    };
    let location = response.headers().get(header::LOCATION);
    let location = location
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let (head, body) = response.into_parts();
    let Ok(Ok(body)) = to_bytes_limited(body, LARGEST_ANSWER).await else {
        tracing::error!("an answer was too large to be kept");
        let failed = body_of(&request, &ApiError::internal());
        return ServiceResponse::new(request, failed.map_into_right_body());
    };
    let kept = KeptAnswer {
        status: status.as_u16(),
        location,
        body: body.to_vec(),
    };
    if let Err(error) = crm.kept_answers.keep(named, &kept).await {
        // A repetition is then told that the outcome is unknown, which is true.
        tracing::error!(%error, "an answer could not be kept");
    }
    let response = head.set_body(BoxBody::new(body));
    ServiceResponse::new(request, response.map_into_right_body())
}

/// Whether the same request would have the same answer later. What was refused before anything
/// was done, or failed because something was away, may well succeed.
fn is_final(status: StatusCode) -> bool {
    !matches!(
        status,
        StatusCode::UNAUTHORIZED
            | StatusCode::FORBIDDEN
            | StatusCode::REQUEST_TIMEOUT
            | StatusCode::TOO_MANY_REQUESTS
            | StatusCode::SERVICE_UNAVAILABLE
    )
}
