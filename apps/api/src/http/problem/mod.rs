//! What an answer looks like when something went wrong (document 000 §4.1), and the one table
//! from kinds of errors to statuses.

mod body;

pub(crate) use body::{Problem, Problems, Stamp};

use super::headers::common;
use actix_web::body::BoxBody;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use crm_kernel::{DomainError, ErrorKind, FieldError};
use serde_json::Value;
use std::error::Error;
use std::fmt;

/// Why a request failed. What it becomes on the wire is written by the edge, which knows the
/// request; see [`ApiError::problem`].
#[derive(Debug)]
pub(crate) struct ApiError(Box<Failure>);

/// Kept apart because every handler's result makes room for it.
#[derive(Debug)]
struct Failure {
    status: StatusCode,
    code: &'static str,
    message: String,
    fields: Vec<FieldError>,
    details: Option<Value>,
    allow: Option<String>,
    retry_after: Option<u64>,
    cause: Option<Box<dyn Error + Send + Sync>>,
    stamp: Option<Stamp>,
}

/// The one table from kinds of errors to statuses. HTTP has statuses of its own for some of the
/// errors that domains call invalid; those are told by their codes.
fn status_of(kind: ErrorKind, code: &str) -> StatusCode {
    match kind {
        ErrorKind::NotFound => match code {
            "link_expired" => StatusCode::GONE,
            _ => StatusCode::NOT_FOUND,
        },
        ErrorKind::Invalid => match code {
            "file_too_large" => StatusCode::PAYLOAD_TOO_LARGE,
            "unsupported_image_type" => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            _ => StatusCode::BAD_REQUEST,
        },
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::Forbidden => StatusCode::FORBIDDEN,
        ErrorKind::Unauthorized => StatusCode::UNAUTHORIZED,
        ErrorKind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// When to try again, in seconds, where nobody knows better.
const SHORTLY: u64 = 1;
const INTERNAL: &str = "something went wrong on our side";

impl<E: DomainError> From<E> for ApiError {
    fn from(error: E) -> Self {
        let kind = error.kind();
        let message = match kind {
            ErrorKind::Internal => INTERNAL.to_owned(),
            _ => error.to_string(),
        };
        let mut refusal = Self::new(status_of(kind, error.code()), error.code(), message);
        refusal.0.fields = error.fields();
        refusal.0.details = error.details();
        refusal.caused_by(error)
    }
}

impl ApiError {
    /// A failure that no domain knows.
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Failure {
            status,
            code,
            message: message.into(),
            fields: Vec::new(),
            details: None,
            allow: None,
            retry_after: None,
            cause: None,
            stamp: None,
        }))
    }

    /// A request whose fields break rules.
    pub(crate) fn invalid(fields: Vec<FieldError>) -> Self {
        let message = "the request is not valid";
        let mut refusal = Self::new(StatusCode::BAD_REQUEST, "invalid_request", message);
        refusal.0.fields = fields;
        refusal
    }

    /// A request with one field that breaks a rule.
    pub(crate) fn invalid_field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError::new(field, message)])
    }

    /// A path that leads nowhere.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "there is nothing here")
    }

    /// A path that knows other methods.
    pub(crate) fn method_not_allowed(allow: String) -> Self {
        let mut refusal = Self::of_status(StatusCode::METHOD_NOT_ALLOWED);
        refusal.0.allow = Some(allow);
        refusal
    }

    /// Too many requests; the next one is fine after so many seconds.
    pub(crate) fn rate_limited(retry_after: u64) -> Self {
        let message = "too many requests, try again later";
        let mut refusal = Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", message);
        refusal.0.retry_after = Some(retry_after);
        refusal
    }

    /// As many as can be served at once; somebody may be gone after so many seconds.
    pub(crate) fn full(code: &'static str, message: &'static str, retry_after: u64) -> Self {
        let mut refusal = Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message);
        refusal.0.retry_after = Some(retry_after);
        refusal
    }

    /// Our fault.
    pub(crate) fn internal() -> Self {
        Self::of_status(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// What can be said of a status alone.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let (code, message) = match status {
            StatusCode::NOT_FOUND => return Self::not_found(),
            StatusCode::METHOD_NOT_ALLOWED => {
                ("method_not_allowed", "this path does not know the method")
            }
            StatusCode::PAYLOAD_TOO_LARGE => ("payload_too_large", "the body is too large"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => (
                "unsupported_media_type",
                "the body must be application/json",
            ),
            StatusCode::REQUEST_TIMEOUT => ("request_timeout", "the body took too long to arrive"),
            status if status.is_server_error() => ("internal", INTERNAL),
            _ => ("bad_request", "the request cannot be understood"),
        };
        Self::new(status, code, message)
    }

    /// The same failure with what led to it; told to the log only.
    pub(crate) fn caused_by(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.0.cause = Some(Box::new(cause));
        self
    }

    /// The same failure as that of a request.
    pub(crate) fn stamped(mut self, stamp: Stamp) -> Self {
        self.0.stamp = Some(stamp);
        self
    }

    pub(crate) fn code(&self) -> &'static str {
        self.0.code
    }

    /// The fields at fault, without what is wrong with them: messages may repeat the input.
    pub(crate) fn field_names(&self) -> String {
        let names: Vec<&str> = self.0.fields.iter().map(|f| f.field.as_str()).collect();
        names.join(",")
    }

    /// What led to it, from the outside in.
    pub(crate) fn causes(&self) -> String {
        let mut texts = Vec::new();
        let mut next = self.0.cause.as_deref().map(|cause| cause as &dyn Error);
        while let Some(error) = next {
            let text = error.to_string();
            // Transparent errors say the same as their source.
            if texts.last() != Some(&text) {
                texts.push(text);
            }
            next = error.source();
        }
        texts.join(": ")
    }

    /// The body of the answer.
    pub(crate) fn problem(&self, stamp: &Stamp) -> Problem {
        Problem {
            code: self.0.status.as_u16(),
            message: self.0.message.clone(),
            error_code: self.0.code,
            errors: self.0.fields.iter().map(Into::into).collect(),
            details: self.0.details.clone(),
            request_id: stamp.request_id.clone(),
            timestamp: stamp.at,
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0.status.as_u16(), self.0.code)
    }
}

impl Error for ApiError {}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.0.status
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let mut response = HttpResponseBuilder::new(self.0.status);
        match self.0.status {
            StatusCode::UNAUTHORIZED => {
                response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                let seconds = self.0.retry_after.unwrap_or(SHORTLY);
                response.insert_header((header::RETRY_AFTER, seconds));
            }
            _ => {}
        }
        if let Some(allow) = &self.0.allow {
            response.insert_header((header::ALLOW, allow.as_str()));
        }
        let Some(stamp) = &self.0.stamp else {
            return response.finish();
        };
        let mut response = response.json(self.problem(stamp));
        common(response.headers_mut(), &stamp.request_id, &stamp.path);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone, Utc};
    use crm_kernel::StoreError;
    use thiserror::Error as ThisError;

    #[test]
    fn each_kind_has_its_status() {
        let expected = [
            (ErrorKind::NotFound, 404),
            (ErrorKind::Invalid, 400),
            (ErrorKind::Conflict, 409),
            (ErrorKind::Forbidden, 403),
            (ErrorKind::Unauthorized, 401),
            (ErrorKind::RateLimited, 429),
            (ErrorKind::Unavailable, 503),
            (ErrorKind::Internal, 500),
        ];
        for (kind, status) in expected {
            assert_eq!(status_of(kind, "").as_u16(), status, "{kind:?}");
        }
        let files = [("file_too_large", 413), ("unsupported_image_type", 415)];
        for (code, status) in files {
            assert_eq!(
                status_of(ErrorKind::Invalid, code).as_u16(),
                status,
                "{code}"
            );
        }
    }

    #[test]
    fn an_internal_failure_tells_the_client_nothing_and_the_log_everything() {
        let error = ApiError::from(StoreError::internal("column 7 of users is odd"));
        let body = serde_json::to_string(&error.problem(&stamp())).unwrap();
        assert!(!body.contains("column"), "{body}");
        assert!(body.contains(r#""error_code":"internal""#), "{body}");
        assert_eq!(error.causes(), "storage failed: column 7 of users is odd");
    }

    #[test]
    fn a_storage_that_is_away_asks_to_try_again() {
        let error = ApiError::from(StoreError::Unavailable("refused".into()));
        let response = error.error_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers().get(header::RETRY_AFTER).unwrap(), "1");
    }

    #[test]
    fn who_is_not_known_is_told_how_to_sign_in() {
        let error = ApiError::from(crm_accounts::AccountError::InvalidToken);
        let response = error.error_response();
        assert_eq!(
            response.headers().get(header::WWW_AUTHENTICATE).unwrap(),
            "Bearer"
        );
    }

    #[test]
    fn the_body_names_fields_details_and_the_request() {
        let mut error = ApiError::invalid_field("title", "must not be empty");
        error.0.details = Some(serde_json::json!({"needed": 3}));
        assert_eq!(
            serde_json::to_value(error.problem(&stamp())).unwrap(),
            serde_json::json!({
                "code": 400,
                "message": "the request is not valid",
                "error_code": "invalid_request",
                "errors": [{"field": "title", "message": "must not be empty"}],
                "details": {"needed": 3},
                "request_id": "r1",
                "timestamp": "2026-01-01T00:00:00Z",
            })
        );
    }

    #[derive(Debug, ThisError)]
    #[error(transparent)]
    struct Wrapped(#[from] StoreError);

    #[test]
    fn a_cause_that_is_only_passed_on_is_told_once() {
        let error = ApiError::internal().caused_by(Wrapped(StoreError::Reference));
        assert_eq!(
            error.causes(),
            "a referenced row is missing or still in use"
        );
    }

    fn stamp() -> Stamp {
        Stamp {
            request_id: "r1".into(),
            path: "/".into(),
            at: Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap(),
        }
    }
}
