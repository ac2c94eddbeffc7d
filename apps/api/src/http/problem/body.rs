use chrono::{DateTime, Utc};
use crm_kernel::FieldError;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
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
    pub(super) code: u16,
    /// For people; may change.
    pub(super) message: String,
    /// For programs; stays.
    pub(super) error_code: &'static str,
    /// The fields at fault, named as the client wrote them.
    pub(super) errors: Vec<ProblemField>,
    /// Further facts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub(super) details: Option<Value>,
    /// Names the request in the log.
    pub(super) request_id: String,
    pub(super) timestamp: DateTime<Utc>,
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
    pub(crate) path: String,
    pub(crate) at: DateTime<Utc>,
}

impl From<&FieldError> for ProblemField {
    fn from(error: &FieldError) -> Self {
        Self {
            field: error.field.clone(),
            message: error.message.clone(),
        }
    }
}

/// The answers that every operation may give besides its own.
pub(crate) struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let problem = |description: &str| {
            let content = ContentBuilder::new()
                .schema(Some(Ref::from_schema_name("Problem")))
                .build();
            let response = ResponseBuilder::new()
                .description(description)
                .content("application/json", content);
            RefOr::T(response.build())
        };
        BTreeMap::from([
            (
                "4XX".to_owned(),
                problem("The request cannot be carried out; `error_code` tells why"),
            ),
            (
                "5XX".to_owned(),
                problem("Our fault (500), or something we need is away (503, see Retry-After)"),
            ),
        ])
    }
}
