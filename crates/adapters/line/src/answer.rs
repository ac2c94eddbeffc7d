use crm_kernel::GatewayError;
use crm_workflows::Accepted;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// What LINE answered. The status says what became of a request even when the body is lost.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    headers: HeaderMap,
    body: Result<Vec<u8>, BodyLost>,
}

enum BodyLost {
    BrokeOff,
    LongerThan(usize),
}

/// `{"message": …, "details": [{"message": …, "property": …}]}`; LINE may leave out anything.
#[derive(Default, Deserialize)]
struct ErrorBody {
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    details: Option<Vec<ErrorDetail>>,
}

#[derive(Deserialize)]
struct ErrorDetail {
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    property: Option<String>,
}

/// LINE tells its limits apart by words alone, and does not promise them.
pub(crate) enum TooMany {
    Rate,
    Quota,
    Unclear,
}

impl Answer {
    /// Reads an answer to its end, or to `limit` bytes.
    pub(crate) async fn read(mut response: Response, limit: usize) -> Self {
        let status = response.status();
        let headers = response.headers().clone();
        let mut bytes = Vec::new();
        let body = loop {
            match response.chunk().await {
                Ok(Some(chunk)) if bytes.len() + chunk.len() > limit => {
                    break Err(BodyLost::LongerThan(limit));
                }
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) => break Ok(bytes),
                Err(_) => break Err(BodyLost::BrokeOff),
            }
        };
        Self {
            status,
            headers,
            body,
        }
    }

    /// The whole body, for those who need it.
    pub(crate) fn into_body(self) -> Result<Vec<u8>, GatewayError> {
        self.body.map_err(|lost| match lost {
            BodyLost::BrokeOff => GatewayError::Unavailable {
                reason: "the answer broke off".into(),
            },
            BodyLost::LongerThan(limit) => GatewayError::Rejected {
                message: format!("the answer has more than {limit} bytes"),
                properties: Vec::new(),
            },
        })
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(crate) fn request_id(&self) -> Option<&str> {
        self.header("x-line-request-id")
    }

    /// A send that was taken now, or (409) that was taken before under the same retry key.
    pub(crate) fn accepted(&self) -> Option<Accepted> {
        let repeated = self.status == StatusCode::CONFLICT;
        if !repeated && !self.status.is_success() {
            return None;
        }
        let earlier = self
            .header("x-line-accepted-request-id")
            .filter(|_| repeated);
        Some(Accepted {
            request_id: earlier.or_else(|| self.request_id()).map(str::to_owned),
            repeated,
        })
    }

    pub(crate) fn into_json<T: DeserializeOwned>(self) -> Result<T, GatewayError> {
        serde_json::from_slice(&self.into_body()?).map_err(|_| GatewayError::Unavailable {
            reason: "the answer could not be understood".into(),
        })
    }

    pub(crate) fn too_many(&self) -> TooMany {
        let message = self.error_body().message.unwrap_or_default();
        let message = message.to_lowercase();
        if message.contains("monthly limit") {
            TooMany::Quota
        } else if message.contains("rate limit") {
            TooMany::Rate
        } else {
            TooMany::Unclear
        }
    }

    /// The error that this answer is, by its status; LINE's words are for people.
    pub(crate) fn error(&self) -> GatewayError {
        match self.status.as_u16() {
            401 | 403 => GatewayError::Unauthorized,
            404 | 410 => GatewayError::NotFound,
            429 => match self.too_many() {
                TooMany::Quota => GatewayError::QuotaExhausted,
                TooMany::Rate | TooMany::Unclear => self.rate_limited(),
            },
            400 => self.rejected(),
            // Refused for the request as such (405, 413, 415, …), not for anything in it.
            402..=499 if self.status != StatusCode::REQUEST_TIMEOUT => GatewayError::Rejected {
                message: format!("status {}", self.status.as_u16()),
                properties: vec!["request".into()],
            },
            status => GatewayError::Unavailable {
                reason: format!("status {status}"),
            },
        }
    }

    pub(crate) fn rate_limited(&self) -> GatewayError {
        // not documented by LINE, honoured if it comes
        let retry_after = self.header(RETRY_AFTER.as_str());
        GatewayError::RateLimited {
            retry_after: retry_after
                .and_then(|seconds| seconds.trim().parse().ok())
                .map(Duration::from_secs),
        }
    }

    fn rejected(&self) -> GatewayError {
        let error = self.error_body();
        let details = error.details.unwrap_or_default();
        let mut message = error
            .message
            .unwrap_or_else(|| format!("status {}", self.status.as_u16()));
        for detail in details.iter().filter_map(|d| d.message.as_deref()) {
            message.push_str("; ");
            message.push_str(detail);
        }
        GatewayError::Rejected {
            message,
            properties: details.into_iter().filter_map(|d| d.property).collect(),
        }
    }

    fn error_body(&self) -> ErrorBody {
        let body = self.body.as_deref().unwrap_or_default();
        serde_json::from_slice(body).unwrap_or_default()
    }
}

/// A request that got no answer, told without its address, which may name a guest.
pub(crate) fn no_answer(error: &reqwest::Error) -> GatewayError {
    let reason = if error.is_timeout() {
        "timed out"
    } else if error.is_connect() {
        "could not connect"
    } else {
        "the connection broke"
    };
    GatewayError::Unavailable {
        reason: reason.into(),
    }
}
