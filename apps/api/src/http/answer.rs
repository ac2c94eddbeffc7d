//! What a successful answer looks like (document 000 §4.1).

use crate::http::problem::ApiError;
use actix_web::body::BoxBody;
use actix_web::http::{StatusCode, header};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Responder};
use chrono::{DateTime, Utc};
use crm_bootstrap::Crm;
use crm_kernel::Page;
use serde::Serialize;
use utoipa::ToSchema;

/// What a handler answers.
pub(crate) type ApiResult<T> = Result<Answer<T>, ApiError>;

/// Every successful answer.
#[derive(Serialize, ToSchema)]
pub(crate) struct Envelope<T> {
    /// The HTTP status.
    #[schema(example = 200)]
    code: u16,
    #[schema(example = "success")]
    message: &'static str,
    data: T,
    timestamp: DateTime<Utc>,
}

/// A successful answer that has nothing to tell.
#[derive(Serialize, ToSchema)]
pub(crate) struct EmptyEnvelope {
    /// The HTTP status.
    #[schema(example = 200)]
    code: u16,
    #[schema(example = "success")]
    message: &'static str,
    /// Always null.
    #[schema(value_type = Option<Object>)]
    data: Option<bool>,
    timestamp: DateTime<Utc>,
}

/// One page of a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct PageOf<T> {
    /// The rows of this page; empty past the end.
    pub(crate) items: Vec<T>,
    /// Rows in the whole list.
    pub(crate) total: u64,
    /// The page asked for, from 1.
    pub(crate) page: u64,
    /// Rows on a page.
    pub(crate) page_size: u64,
    /// Pages in the whole list.
    pub(crate) total_pages: u64,
}

impl<T> PageOf<T> {
    /// The page with its rows as the wire knows them.
    pub(crate) fn of<U>(page: Page<U>, row: impl FnMut(U) -> T) -> Self {
        Self {
            total: page.total,
            page: page.request.page(),
            page_size: page.request.page_size(),
            total_pages: page.total_pages(),
            items: page.items.into_iter().map(row).collect(),
        }
    }
}

/// A successful answer on its way into the envelope.
pub(crate) struct Answer<T> {
    status: StatusCode,
    data: T,
    location: Option<String>,
}

/// 200.
pub(crate) const fn success<T>(data: T) -> Answer<T> {
    Answer {
        status: StatusCode::OK,
        data,
        location: None,
    }
}

/// 200 with nothing to tell.
pub(crate) const fn done() -> Answer<()> {
    success(())
}

/// 201, found at `location` from now on.
pub(crate) const fn created<T>(location: String, data: T) -> Answer<T> {
    Answer {
        status: StatusCode::CREATED,
        data,
        location: Some(location),
    }
}

/// 202: it goes on in the background.
pub(crate) const fn accepted<T>(data: T) -> Answer<T> {
    Answer {
        status: StatusCode::ACCEPTED,
        data,
        location: None,
    }
}

/// The same, to be looked after at `location`.
pub(crate) const fn accepted_at<T>(location: String, data: T) -> Answer<T> {
    Answer {
        status: StatusCode::ACCEPTED,
        data,
        location: Some(location),
    }
}

impl<T: Serialize> Responder for Answer<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some(location) = self.location {
            response.insert_header((header::LOCATION, location));
        }
        response.json(Envelope {
            code: self.status.as_u16(),
            message: "success",
            data: self.data,
            timestamp: now(request.app_data()),
        })
    }
}

/// The time of the product's own clock.
pub(crate) fn now(crm: Option<&Data<Crm>>) -> DateTime<Utc> {
    crm.map_or(DateTime::UNIX_EPOCH, |crm| crm.clock.now())
}
