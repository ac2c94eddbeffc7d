use crate::{AccountQueries, AccountsTx, AuditQueries, PasswordHasher, TokenSigner};
use chrono::TimeDelta;
use crm_kernel::{Clock, Transactions};
use std::sync::Arc;

/// Everything that can be done about back-office users and their sign-ins.
#[derive(Clone)]
pub struct Accounts {
    pub(crate) ports: AccountsPorts,
    pub(crate) config: AccountsConfig,
}

/// What [`Accounts`] is plugged into.
#[derive(Clone)]
pub struct AccountsPorts {
    /// Units of work.
    pub store: Arc<dyn Transactions<dyn AccountsTx>>,
    /// Reads.
    pub queries: Arc<dyn AccountQueries>,
    /// The audit log.
    pub audit: Arc<dyn AuditQueries>,
    /// Passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Access tokens.
    pub signer: Arc<dyn TokenSigner>,
    /// The present moment.
    pub clock: Arc<dyn Clock>,
}

/// How long things last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountsConfig {
    /// An access token (`ACCESS_TOKEN_EXPIRE_MINUTES`).
    pub access_token: TimeDelta,
    /// A sign-in, however often its token is refreshed.
    pub session: TimeDelta,
}

impl Default for AccountsConfig {
    /// An hour and a day (document 000 §4.2, §5.4).
    fn default() -> Self {
        Self {
            access_token: TimeDelta::seconds(60 * 60),
            session: TimeDelta::seconds(24 * 60 * 60),
        }
    }
}

impl Accounts {
    /// Plugs the ports in.
    #[must_use]
    pub const fn new(ports: AccountsPorts, config: AccountsConfig) -> Self {
        Self { ports, config }
    }
}
