//! Where every request comes in and every answer goes out: its id, its line in the log, the
//! envelope of what went wrong, and the headers that all answers share.

use crate::http::answer::now;
use crate::http::headers::common;
use crate::http::limits::Allowance;
use crate::http::problem::{ApiError, Stamp};
use crate::http::request_id::request_id;
use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, ResponseError};
use crm_bootstrap::Crm;
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument, Span};

/// Paths that are asked all the time by machines.
const PROBES: [&str; 2] = ["/health", "/ready"];

/// The middleware around everything.
pub(crate) async fn edge<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let started = Instant::now();
    let crm = request.app_data::<Data<Crm>>().cloned();
    let stamp = Stamp {
        request_id: request_id(request.headers(), crm.as_ref().map(|crm| &*crm.ids)),
        path: request.path().to_owned(),
        at: now(crm.as_ref()),
    };
    request.extensions_mut().insert(stamp.clone());
    let method = request.method().clone();
    let span = tracing::info_span!(
        "http.request",
        http.method = %method,
        http.route = Empty,
        http.status = Empty,
        request.id = %stamp.request_id,
        user.id = Empty,
    );
    let call = AssertUnwindSafe(next.call(request).instrument(span.clone())).catch_unwind();
    let response = match call.await {
        Ok(Ok(response)) => response,
        // The request is gone with whoever failed; what is left is to answer.
        Ok(Err(error)) => {
            let status = error.as_response_error().status_code();
            return Err(span.in_scope(|| lost(ApiError::of_status(status), stamp)));
        }
        Err(_) => {
            tracing::error!(parent: &span, "a handler panicked");
            return Err(span.in_scope(|| lost(ApiError::internal(), stamp)));
        }
    };
    let route = response.request().match_pattern();
    let line = Line {
        method: &method,
        route: route.as_deref().unwrap_or("(unknown)"),
        status: response.status(),
        latency_ms: started.elapsed().as_millis(),
    };
    span.in_scope(|| line.write(&span));
    Ok(span.in_scope(|| finish(response, &stamp)))
}

/// Gives an answer its last form.
fn finish<B: MessageBody + 'static>(
    response: ServiceResponse<B>,
    stamp: &Stamp,
) -> ServiceResponse<EitherBody<B>> {
    let made_up;
    let problem = match response.response().error() {
        Some(error) => match error.as_error::<ApiError>() {
            Some(known) => Some(known),
            None => {
                made_up = ApiError::of_status(response.status());
                Some(&made_up)
            }
        },
        None if is_bare_failure(&response) => {
            made_up = ApiError::of_status(response.status());
            Some(&made_up)
        }
        None => None,
    };
    let body = problem.map(|problem| {
        report(problem);
        serde_json::to_vec(&problem.problem(stamp)).unwrap_or_default()
    });
    let allowance = response.request().extensions().get::<Allowance>().copied();
    let mut response = match body {
        None => response.map_into_left_body(),
        Some(body) => response.map_body(|head, _| {
            head.headers_mut().insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            );
            EitherBody::right(BoxBody::new(body))
        }),
    };
    if let Some(allowance) = allowance {
        allowance.write(response.headers_mut());
    }
    common(response.headers_mut(), &stamp.request_id, &stamp.path);
    response
}

/// Whether somebody beside our handlers refused without saying so in a form of ours.
fn is_bare_failure<B>(response: &ServiceResponse<B>) -> bool {
    let status = response.status();
    let ours = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/json") || kind.starts_with("text/html"));
    (status.is_client_error() || status.is_server_error()) && !ours
}

/// The answer when the request is no longer at hand.
fn lost(error: ApiError, stamp: Stamp) -> Error {
    report(&error);
    error.stamped(stamp).into()
}

/// Tells the log why a request failed, here and nowhere else.
fn report(error: &ApiError) {
    let (code, causes) = (error.code(), error.causes());
    if error.status_code().is_server_error() {
        tracing::error!(error.code = code, error.causes = causes, "failed: {code}");
    } else {
        // Not the causes: they may say what the client typed.
        let fields = error.field_names();
        tracing::debug!(error.code = code, error.fields = fields, "refused: {code}");
    }
}

/// What the log says of every request.
struct Line<'a> {
    method: &'a Method,
    route: &'a str,
    status: StatusCode,
    latency_ms: u128,
}

impl Line<'_> {
    fn write(&self, span: &Span) {
        let Self {
            method,
            route,
            status,
            latency_ms,
        } = self;
        let status = status.as_u16();
        span.record("http.route", route);
        span.record("http.status", status);
        if PROBES.contains(route) {
            tracing::debug!(latency_ms, "{method} {route} {status}");
        } else {
            tracing::info!(latency_ms, "{method} {route} {status}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::request_id;
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, call_service, init_service, read_body_json};
    use actix_web::{App, HttpResponse, web};
    use serde_json::Value;

    async fn broken() -> HttpResponse {
        unreachable!("as this test wants it")
    }

    async fn bare() -> HttpResponse {
        HttpResponse::NotAcceptable().body("no")
    }

    #[actix_web::test]
    async fn a_panic_is_our_fault_and_says_nothing_of_itself() {
        let app = App::new()
            .route("/broken", web::get().to(broken))
            .wrap(from_fn(edge));
        let app = init_service(app).await;
        let request = TestRequest::get()
            .uri("/broken")
            .insert_header((request_id::HEADER, "r-1"));
        let call = actix_web::dev::Service::call(&app, request.to_request());
        let response = call.await.err().map(|error| error.error_response());
        let response = response.expect("what the server makes an answer of");
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers();
        assert_eq!(headers.get(request_id::HEADER).unwrap(), "r-1");
        assert!(headers.contains_key(header::X_CONTENT_TYPE_OPTIONS));
        let body = actix_web::body::to_bytes(response.into_body())
            .await
            .unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["error_code"], "internal");
        assert!(!body.to_string().contains("wants"), "{body}");
    }

    #[actix_web::test]
    async fn whoever_refuses_in_another_form_is_put_into_ours() {
        let app = App::new()
            .route("/bare", web::get().to(bare))
            .wrap(from_fn(edge));
        let app = init_service(app).await;
        let request = TestRequest::get().uri("/bare").to_request();
        let body: Value = read_body_json(call_service(&app, request).await).await;
        assert_eq!(body["code"], 406);
    }
}
