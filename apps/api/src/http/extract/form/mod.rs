mod idle;
mod reading;

pub(crate) use reading::AROUND_A_FILE;

use super::admitted;
use crate::http::problem::ApiError;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use crm_bootstrap::Crm;
use futures::future::LocalBoxFuture;
use reading::read;
use std::marker::PhantomData;
use std::time::Duration;
use tokio::time::timeout;

/// How long a form may take to arrive.
const PATIENCE: Duration = Duration::from_secs(300);

/// Which fields a form has beside its `file`.
pub(crate) trait FormFields: 'static {
    /// Their names.
    const TEXTS: &'static [&'static str];
    /// Longest value of one of them, in bytes.
    const LONGEST: usize = 256;
}

/// A `multipart/form-data` body with one `file` in it and a few short texts. It is read only
/// when the caller is admitted, and no further than it may be long.
pub(crate) struct Form<F> {
    /// What is in the file.
    pub(crate) file: Vec<u8>,
    /// What the client calls the file: for people, never for a path.
    pub(crate) file_name: String,
    texts: Vec<(&'static str, String)>,
    fields: PhantomData<F>,
}

impl<F> Form<F> {
    /// The value of a field, if it was given.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let mut texts = self.texts.iter();
        texts
            .find(|(known, _)| *known == name)
            .map(|(_, text)| text.as_str())
    }
}

impl<F: FormFields> FromRequest for Form<F> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            admitted(&request).await;
            let crm = request.app_data::<Data<Crm>>();
            let max_bytes = crm
                .ok_or_else(ApiError::internal)?
                .uploads
                .rules()
                .max_bytes;
            match timeout(PATIENCE, read(&request, payload, max_bytes)).await {
                Ok(form) => form,
                Err(_) => Err(too_slow()),
            }
        })
    }
}

fn too_slow() -> ApiError {
    ApiError::of_status(StatusCode::REQUEST_TIMEOUT)
}
