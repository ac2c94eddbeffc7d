//! What an answer looks like when something went wrong (document 000 §4.1), and the one table
//! from kinds of errors to statuses.

use actix_web::body::BoxBody;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use chrono::{DateTime, Utc};
use crm_kernel::{DomainError, ErrorKind, FieldError};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

/// Every answer to a request that failed.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "code": 400,
    "message": "the member's details are not valid",
    "error_code": "member_invalid",
    "errors": [{"field": "email", "message": "is not an e-mail address"}],
    "request_id": "6f1c2a3e9d7b4c5f8a1b2c3d4e5f6a7b",
    "timestamp": "2026-10-08T10:30:00Z"
}))]
pub(crate) struct Problem {
    /// The HTTP status.
    code: u16,
    /// For people; may change.
    message: String,
    /// For programs; stays.
    error_code: &'static str,
    /// The fields at fault, named as the client wrote them.
    errors: Vec<ProblemField>,
    /// Further facts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    details: Option<Value>,
    /// Names the request in the log.
    request_id: String,
    timestamp: DateTime<Utc>,
}

/// A field at fault.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProblemField {
    /// Its path (`carousel_items[2].title`).
    field: String,
    /// What is wrong with it.
    message: String,
}

/// Which request a problem belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Stamp {
    pub(crate) request_id: String,
    pub(crate) at: DateTime<Utc>,
}

/// Why a request failed. What it becomes on the wire is written by the edge, which knows the
/// request; see [`ApiError::problem`].
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    fields: Vec<FieldError>,
    details: Option<Value>,
    allow: Option<String>,
    cause: Option<Box<dyn Error + Send + Sync>>,
    stamp: Option<Stamp>,
}

/// The one table from kinds of errors to statuses.
const fn status_of(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Invalid => StatusCode::BAD_REQUEST,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::Forbidden => StatusCode::FORBIDDEN,
        ErrorKind::Unauthorized => StatusCode::UNAUTHORIZED,
        ErrorKind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

const INTERNAL: &str = "something went wrong on our side";

impl<E: DomainError> From<E> for ApiError {
    fn from(error: E) -> Self {
        let kind = error.kind();
        let message = match kind {
            ErrorKind::Internal => INTERNAL.to_owned(),
            _ => error.to_string(),
        };
        Self {
            fields: error.fields(),
            details: error.details(),
            cause: Some(Box::new(error)),
            ..Self::new(status_of(kind), code_of(&kind), message)
        }
        .named(|cause_code| cause_code)
    }
}
