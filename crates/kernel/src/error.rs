use serde_json::Value;
use std::error::Error;
use std::time::Duration;
use thiserror::Error as ThisError;

/// What sort of failure it is. One table turns kinds into HTTP statuses, another into
/// *retry* or *give up* for jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The thing named does not exist.
    NotFound,
    /// The input breaks a rule; the caller can mend it.
    Invalid,
    /// The input is fine, the present state forbids it.
    Conflict,
    /// The caller may not do this.
    Forbidden,
    /// The caller is not known.
    Unauthorized,
    /// Too often; later is fine.
    RateLimited,
    /// Something we need is away; trying again is right.
    Unavailable,
    /// Our fault.
    Internal,
}

/// A rule broken by one field of the input, named as the client wrote it (`carousel_items[2].title`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Path of the field.
    pub field: String,
    /// What is wrong: short, lower case, safe to show.
    pub message: String,
}

impl FieldError {
    /// A broken rule of `field`.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}

/// Every domain's error can say these things of itself, and the edges need no more.
pub trait DomainError: Error + Send + Sync + 'static {
    /// The sort of failure.
    fn kind(&self) -> ErrorKind;
    /// A stable snake_case name that clients may rely on.
    fn code(&self) -> &'static str;
    /// The fields at fault, if any.
    fn fields(&self) -> Vec<FieldError> {
        Vec::new()
    }
    /// Further facts for the client, as a JSON object.
    fn details(&self) -> Option<Value> {
        None
    }
}

/// What can go wrong with storage, whichever it is.
#[derive(Debug, ThisError)]
pub enum StoreError {
    /// Another row has this value already. `key` names the rule (`member_line_uid`).
    #[error("duplicate value for {key}")]
    Duplicate {
        /// Name of the unique rule, the same on every storage.
        key: &'static str,
    },
    /// A row that this one points to does not exist (any more), or is still pointed to.
    #[error("a referenced row is missing or still in use")]
    Reference,
    /// The storage does not answer; nothing was written. Trying again later is right.
    #[error("storage is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// Two writers met and this one lost (deadlock, lock wait); trying again at once is right.
    #[error("storage was busy")]
    Busy(#[source] Box<dyn Error + Send + Sync>),
    /// Anything else: a bug or a damaged row.
    #[error("storage failed")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

impl StoreError {
    /// An internal failure told in words.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::Internal(message.into().into())
    }
}

impl DomainError for StoreError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Duplicate { .. } | Self::Reference => ErrorKind::Conflict,
            Self::Unavailable(_) | Self::Busy(_) => ErrorKind::Unavailable,
            Self::Internal(_) => ErrorKind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Duplicate { .. } => "duplicate",
            Self::Reference => "reference",
            Self::Unavailable(_) | Self::Busy(_) => "storage_unavailable",
            Self::Internal(_) => "internal",
        }
    }
}

/// What can go wrong with an outside service. The split follows what a caller does next.
#[derive(Debug, ThisError)]
pub enum GatewayError {
    /// No answer, a broken connection, a time-out, or a 5xx: **the request may have been carried out**.
    #[error("the service did not answer properly: {reason}")]
    Unavailable {
        /// What was seen, without request contents.
        reason: String,
    },
    /// Too many requests for now; it was not carried out.
    #[error("the service asks to slow down")]
    RateLimited {
        /// How long to wait, when the service said so.
        retry_after: Option<Duration>,
    },
    /// The monthly message quota is used up; it was not carried out.
    #[error("the monthly message quota is used up")]
    QuotaExhausted,
    /// Our credentials are refused (401, 403); it was not carried out.
    #[error("the service refuses our credentials")]
    Unauthorized,
    /// The thing asked for does not exist (404, 410).
    #[error("the service does not know the thing asked for")]
    NotFound,
    /// The request is refused for what it says (other 4xx); repeating changes nothing.
    #[error("the service rejects the request: {message}")]
    Rejected {
        /// The service's own words.
        message: String,
        /// Properties the service names (`messages[0].text`, `to[3]`).
        properties: Vec<String>,
    },
}

impl DomainError for GatewayError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Unavailable { .. } | Self::RateLimited { .. } => ErrorKind::Unavailable,
            Self::QuotaExhausted => ErrorKind::Conflict,
            Self::Unauthorized => ErrorKind::Unavailable,
            Self::NotFound => ErrorKind::NotFound,
            Self::Rejected { .. } => ErrorKind::Invalid,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "service_unavailable",
            Self::RateLimited { .. } => "service_rate_limited",
            Self::QuotaExhausted => "quota_exhausted",
            Self::Unauthorized => "service_credentials_refused",
            Self::NotFound => "service_not_found",
            Self::Rejected { .. } => "service_rejected",
        }
    }
}
