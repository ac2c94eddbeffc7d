use super::{address, keep_to};
use crate::http::problem::ApiError;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use crm_accounts::LoginName;
use futures::future::LocalBoxFuture;

/// A try to sign in, counted for where it comes from. Stands first in a signature.
pub(crate) struct LoginAttempt(HttpRequest);

impl LoginAttempt {
    /// Counts it for the name as well, so that many addresses do not mean many tries.
    pub(crate) async fn with(&self, typed: &str) -> Result<(), ApiError> {
        let name = match LoginName::parse(typed) {
            Some(LoginName::Username(name)) => name.as_str().to_owned(),
            Some(LoginName::Email(address)) => address.as_str().to_owned(),
            // Nobody has such a name.
            None => return Ok(()),
        };
        keep_to(&self.0, |counted| &counted.names, name).await
    }
}

impl FromRequest for LoginAttempt {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let address = address::client(&request).to_string();
            keep_to(&request, |counted| &counted.addresses, address).await?;
            Ok(Self(request))
        })
    }
}
