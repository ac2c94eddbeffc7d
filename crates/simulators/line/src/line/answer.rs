//! Answers in LINE's shape.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::{Value, json};

use crate::rules::Violation;

enum Body {
    Json(Value),
    Bytes { mime: String, bytes: Vec<u8> },
}

/// Status, body and the headers beyond `X-Line-Request-Id`.
pub(super) struct Answer {
    pub status: u16,
    body: Body,
    accepted_request_id: Option<String>,
}

impl Answer {
    fn json(status: u16, body: Value) -> Self {
        Self {
            status,
            body: Body::Json(body),
            accepted_request_id: None,
        }
    }

    pub(super) fn ok(body: Value) -> Self {
        Self::json(200, body)
    }

    pub(super) fn content(mime: String, bytes: Vec<u8>) -> Self {
        Self {
            body: Body::Bytes { mime, bytes },
            ..Self::ok(Value::Null)
        }
    }

    pub(super) fn error(status: u16, message: &str) -> Self {
        Self::json(status, json!({"message": message}))
    }

    pub(super) fn bad_request(message: &str) -> Self {
        Self::error(400, message)
    }

    pub(super) fn invalid(violations: &[Violation]) -> Self {
        let message = format!("The request body has {} error(s)", violations.len());
        Self::json(400, json!({"message": message, "details": violations}))
    }

    pub(super) fn invalid_property(property: &str) -> Self {
        Self::bad_request(&format!(
            "The property, {property}, in the request body is invalid (line: -, column: -)"
        ))
    }

    pub(super) fn unauthorized() -> Self {
        Self::error(
            401,
            "Authentication failed. Confirm that the access token in the authorization header is valid.",
        )
    }

    pub(super) fn not_found() -> Self {
        Self::error(404, "Not found")
    }

    pub(super) fn already_accepted(request_id: String, sent_messages: Option<Value>) -> Self {
        let mut body = json!({"message": "The retry key is already accepted"});
        if let Some(sent) = sent_messages {
            body["sentMessages"] = sent;
        }
        Self {
            accepted_request_id: Some(request_id),
            ..Self::json(409, body)
        }
    }

    pub(super) fn too_large() -> Self {
        Self::error(413, "The request entity is too large")
    }

    pub(super) fn rate_limited() -> Self {
        Self::error(
            429,
            "The API rate limit has been exceeded. Try again later.",
        )
    }

    pub(super) fn monthly_limit() -> Self {
        Self::error(429, "You have reached your monthly limit.")
    }

    pub(super) fn server_error() -> Self {
        Self::error(500, "The server encountered an internal error")
    }

    /// Whether the request did what it asked for, now or before.
    pub(super) fn was_accepted(&self) -> bool {
        matches!(self.status, 200 | 409)
    }

    pub(super) fn into_response(self, request_id: &str) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        response.insert_header(("x-line-request-id", request_id));
        if let Some(id) = self.accepted_request_id {
            response.insert_header(("x-line-accepted-request-id", id));
        }
        match self.body {
            Body::Json(body) => response.json(body),
            Body::Bytes { mime, bytes } => response.content_type(mime).body(bytes),
        }
    }
}
