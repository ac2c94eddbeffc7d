//! How often somebody may ask (document 000 §5.4): a user in general and when writing to guests,
//! and whoever tries to sign in by where they come from and by the name they try. What LINE,
//! guests and probes ask is not counted.

mod address;
mod allowance;
mod limit;
mod login;
mod windows;

pub(crate) use allowance::{Allowance, HEADERS};
pub(crate) use login::LoginAttempt;

use super::answer::now;
use super::problem::ApiError;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};
use crm_bootstrap::{Crm, Settings};
use crm_kernel::UserId;
use limit::Limit;
use std::sync::Arc;

/// What has been asked within the last minute. Cheap to clone; clones count together.
#[derive(Clone)]
pub struct RateLimits(Arc<Counted>);

struct Counted {
    users: Limit,
    messages: Limit,
    addresses: Limit,
    names: Limit,
}

impl RateLimits {
    /// Nothing asked yet, the limits as set.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let limit = |kind, limit| Limit::new(kind, limit, settings.rate_limit_store);
        Self(Arc::new(Counted {
            users: limit("user", settings.rate_limit_per_minute),
            messages: limit("messages", settings.message_rate_limit_per_minute),
            addresses: limit("address", settings.login_rate_limit_per_minute),
            names: limit("name", settings.login_rate_limit_per_minute),
        }))
    }
}

/// That a request is counted.
struct IsCounted;

/// Counts a request of a signed-in user, however often it is asked to.
pub(crate) async fn count_user_once(request: &HttpRequest, user: UserId) -> Result<(), ApiError> {
    if request.extensions_mut().insert(IsCounted).is_some() {
        return Ok(());
    }
    keep_to(request, |counted| &counted.users, user.to_string()).await
}

/// Counts a message that a user writes to a guest.
pub(crate) async fn count_message(request: &HttpRequest, user: UserId) -> Result<(), ApiError> {
    keep_to(request, |counted| &counted.messages, user.to_string()).await
}

/// Takes one of a limit. Has the answer tell what is left, and refuses the request when that was
/// nothing.
async fn keep_to(
    request: &HttpRequest,
    limit: impl FnOnce(&Counted) -> &Limit,
    who: String,
) -> Result<(), ApiError> {
    let limits = request.app_data::<Data<RateLimits>>().cloned();
    let crm = request.app_data::<Data<Crm>>().cloned();
    let (Some(limits), Some(crm)) = (limits, crm) else {
        return Err(ApiError::internal());
    };
    let now = now(Some(&crm));
    let Some(allowance) = limit(&limits.0).take(&crm, who, now).await? else {
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
