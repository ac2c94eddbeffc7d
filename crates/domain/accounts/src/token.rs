use chrono::{DateTime, Utc};
use crm_kernel::{SessionId, UserId};
use std::error::Error;
use thiserror::Error as ThisError;

/// What an access token says. No role and no name: those may change while the token lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessClaims {
    /// The sign-in it was made for.
    pub session: SessionId,
    /// Who signed in.
    pub user: UserId,
    /// When it was made; tokens count whole seconds, fractions are cut off.
    pub issued_at: DateTime<Utc>,
    /// From when on it is worth nothing.
    pub expires_at: DateTime<Utc>,
}

/// What can be wrong with an access token.
#[derive(Debug, ThisError)]
pub enum TokenError {
    /// Not ours, or not as we made it.
    #[error("the token is not valid")]
    Invalid,
    /// Ours, but too old.
    #[error("the token has expired")]
    Expired,
    /// It could not be made.
    #[error("the token could not be signed")]
    Signing(#[source] Box<dyn Error + Send + Sync>),
}
