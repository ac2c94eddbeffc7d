//! Answers in LINE's shape.

use std::io;

use actix_web::HttpResponse;
use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use futures::stream;
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
    is_cut_off: bool,
}

impl Answer {
    fn json(status: u16, body: Value) -> Self {
        Self {
            status,
            body: Body::Json(body),
            accepted_request_id: None,
            is_cut_off: false,
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

    /// The body breaks off half-way; what has none is an error instead.
    pub(super) fn cut_off(self) -> Self {
        match self.body {
            Body::Bytes { .. } => Self {
                is_cut_off: true,
                ..self
            },
            Body::Json(_) => Self::server_error(),
        }
    }

    /// Content that is still being prepared.
    pub(super) fn not_ready() -> Self {
        Self::json(202, json!({}))
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
            Body::Bytes { mime, bytes } if self.is_cut_off => {
                let (whole, half) = (bytes.len(), bytes[..bytes.len() / 2].to_vec());
                let parts = [
                    Ok(Bytes::from(half)),
                    Err(io::Error::from(io::ErrorKind::BrokenPipe)),
                ];
                let stream = SizedStream::new(whole as u64, stream::iter(parts));
                response.content_type(mime).body(stream)
            }
            Body::Bytes { mime, bytes } => response.content_type(mime).body(bytes),
        }
    }
}
