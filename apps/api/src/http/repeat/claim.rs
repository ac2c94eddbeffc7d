use super::KEY;
use super::content::{is_form, without_boundary};
use crate::http::extract::{AROUND_A_FILE, LARGEST, read_body};
use crate::http::problem::ApiError;
use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data};
use crm_accounts::Caller;
use crm_bootstrap::{Crm, KeptAnswer, RepeatableRequest, Repetition, Settings};

const LONGEST_KEY: usize = 255;

/// What a request with a key is.
pub(super) enum Claimed {
    /// The first with its key.
    First {
        crm: Data<Crm>,
        named: RepeatableRequest,
        body: Bytes,
    },
    /// A repetition.
    Answered(KeptAnswer),
}

/// Reads the request and claims its key.
pub(super) async fn claim(
    request: &HttpRequest,
    payload: Payload,
    caller: &Caller,
) -> Result<Claimed, ApiError> {
    let key = key(request)?;
    let crm = request.app_data::<Data<Crm>>().cloned();
    let crm = crm.ok_or_else(ApiError::internal)?;
    let body = read_body(request, payload, largest(request)).await?;
    let user = caller.user_id.to_string();
    let place = [&user, request.method().as_str(), request.path(), &key];
    let content = without_boundary(request, &body);
    let named = crm.kept_answers.request(
        &place.map(str::as_bytes),
        &[
            // Whoever may see less by now is not shown what they were shown then.
            caller.role.as_str().as_bytes(),
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

/// How large a body may be, before the route itself looks at it.
fn largest(request: &HttpRequest) -> usize {
    let settings = request.app_data::<Data<Settings>>();
    match settings {
        Some(settings) if is_form(request) => settings.files.max_file_size + AROUND_A_FILE,
        _ => LARGEST,
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
