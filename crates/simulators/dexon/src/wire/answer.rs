//! What goes back, and how faults spoil it.

use serde_json::{Map, Value, json};

use crate::faults::Fault;

pub(super) const JSON: &str = "application/json; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

/// An answer before it is sent.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub status: u16,
    pub content_type: &'static str,
    pub body: Vec<u8>,
    pub retry_after: Option<u64>,
    /// Rows of a page.
    pub rows: usize,
}

impl Answer {
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::text(status, JSON, body.to_string())
    }

    /// An answer that tells what the papers call success.
    pub(super) fn ok(data: &Value, rows: usize) -> Self {
        let body = json!({"resultCode": "0000", "resultMessage": "OK", "data": data});
        Self {
            rows,
            ..Self::json(200, &body)
        }
    }

    /// A business error.
    pub(super) fn refused(code: &str, message: &str) -> Self {
        Self::json(417, &json!({"code": code, "message": message}))
    }

    pub(super) const fn empty(status: u16) -> Self {
        Self {
            status,
            content_type: JSON,
            body: Vec::new(),
            retry_after: None,
            rows: 0,
        }
    }

    fn text(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            content_type,
            body: body.into(),
            ..Self::empty(status)
        }
    }

    /// What is sent instead of the right answer.
    pub(super) fn instead(fault: &Fault) -> Option<Self> {
        Some(match fault {
            Fault::Business { code, message } => Self::refused(code, message),
            Fault::ResultCode { code, message } => Self::json(
                200,
                &json!({"resultCode": code, "resultMessage": message, "data": null}),
            ),
            Fault::TooFast { retry_after } => Self {
                retry_after: *retry_after,
                ..Self::json(429, &json!({"code": "429", "message": "too many requests"}))
            },
            Fault::Unavailable => Self::text(503, "text/plain", "service unavailable"),
            Fault::Status { status } => Self::empty(*status),
            Fault::HtmlBadGateway => Self::text(
                502,
                HTML,
                "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>",
            ),
            Fault::HtmlOk => Self::text(
                200,
                HTML,
                "<!doctype html><html><body><form>Please sign in</form></body></html>",
            ),
            Fault::NoContent => Self::empty(204),
            Fault::ExpiredCursor => Self::expired(),
            Fault::WrongKey => Self::wrong_key(),
            Fault::WrongHotel => Self::wrong_hotel(),
            _ => return None,
        })
    }

    pub(super) fn expired() -> Self {
        Self::refused("1003", "cursor expired")
    }

    pub(super) fn wrong_key() -> Self {
        Self::json(401, &json!({"code": "401", "message": "invalid api key"}))
    }

    pub(super) fn wrong_hotel() -> Self {
        Self::json(403, &json!({"code": "403", "message": "hotel not allowed"}))
    }

    /// The right answer in another form.
    pub(super) fn spoilt(mut self, fault: &Fault) -> Self {
        match fault {
            Fault::HalfJson => {
                let half = self.body.len() / 2;
                self.body.truncate(half);
            }
            Fault::Capitals => self.reshape(capitals),
            Fault::Nested => self.reshape(nested),
            _ => {}
        }
        self
    }

    fn reshape(&mut self, work: fn(Value) -> Value) {
        if let Ok(body) = serde_json::from_slice(&self.body) {
            self.body = work(body).to_string().into_bytes();
        }
    }
}

fn capitals(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (name.to_uppercase(), capitals(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.into_iter().map(capitals).collect(),
        other => other,
    }
}

fn nested(mut body: Value) -> Value {
    if let Some(data) = body.get_mut("data") {
        *data = json!({"data": data.take()});
    }
    body
}
