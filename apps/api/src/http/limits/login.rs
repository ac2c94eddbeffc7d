use super::{RateLimits, address, keep_to};
use crate::http::answer::now;
use crate::http::problem::ApiError;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use crm_accounts::LoginName;
use futures::future::{Ready, ready};

/// A try to sign in, counted for where it comes from. Stands first in a signature.
pub(crate) struct LoginAttempt(HttpRequest);

impl LoginAttempt {
    /// Counts it for the name as well, so that many addresses do not mean many tries.
    pub(crate) fn with(&self, typed: &str) -> Result<(), ApiError> {
        let name = match LoginName::parse(typed) {
            Some(LoginName::Username(name)) => name.as_str().to_owned(),
            Some(LoginName::Email(address)) => address.as_str().to_owned(),
            // Nobody has such a name.
            None => return Ok(()),
        };
        let limits = RateLimits::of(&self.0)?;
        keep_to(&self.0, limits.0.names.take(name, now(self.0.app_data())))
    }
}

impl FromRequest for LoginAttempt {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let counted = RateLimits::of(request).and_then(|limits| {
            let address = address::client(request);
            let now = now(request.app_data());
            keep_to(request, limits.0.addresses.take(address, now))
        });
        ready(counted.map(|()| Self(request.clone())))
    }
}
