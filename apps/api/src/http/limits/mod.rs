//! How often somebody may ask (document 000 §5.4): a user in general, and whoever tries to sign
//! in by where they come from and by the name they try. What LINE, guests and probes ask is not
//! counted.

mod address;
mod allowance;
mod login;
mod windows;

pub(crate) use allowance::{Allowance, HEADERS};
pub(crate) use login::LoginAttempt;

use super::problem::ApiError;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};
use chrono::{DateTime, Utc};
use crm_bootstrap::Settings;
use crm_kernel::UserId;
use std::net::IpAddr;
use std::sync::Arc;
use windows::Windows;

/// What has been asked within the last minute. Cheap to clone; clones count together.
#[derive(Clone)]
pub struct RateLimits(Arc<Counted>);

struct Counted {
    users: Windows<UserId>,
    addresses: Windows<IpAddr>,
    names: Windows<String>,
}

impl RateLimits {
    /// Nothing asked yet, the limits as set.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self(Arc::new(Counted {
            users: Windows::new(settings.rate_limit_per_minute),
            addresses: Windows::new(settings.login_rate_limit_per_minute),
            names: Windows::new(settings.login_rate_limit_per_minute),
        }))
    }

    fn of(request: &HttpRequest) -> Result<&Self, ApiError> {
        request
            .app_data::<Data<Self>>()
            .map(|limits| &***limits)
            .ok_or_else(ApiError::internal)
    }
}

/// Counts a request of a signed-in user.
pub(crate) fn count_user(
    request: &HttpRequest,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<(), ApiError> {
    let limits = RateLimits::of(request)?;
    keep_to(request, limits.0.users.take(user, now))
}

/// Has the answer tell what is left, and refuses the request when that was nothing.
fn keep_to(request: &HttpRequest, allowance: Option<Allowance>) -> Result<(), ApiError> {
    let Some(allowance) = allowance else {
        return Ok(());
    };
    let mut extensions = request.extensions_mut();
    // Of two limits the narrower one is told.
    let is_narrower = extensions
        .get::<Allowance>()
        .is_none_or(|known| allowance.remaining <= known.remaining);
    if is_narrower {
        extensions.insert(allowance);
    }
    match allowance.wait {
        None => Ok(()),
        Some(seconds) => Err(ApiError::rate_limited(seconds)),
    }
}
