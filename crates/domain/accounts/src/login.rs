use crate::audit;
use crate::{
    AccessClaims, AccountError, Accounts, AccountsTx, FullName, LoginName, PasswordCheck,
    PasswordHash, PlainPassword, Role, Session, Username,
};
use chrono::{DateTime, Utc};
use crm_kernel::{Actor, UserId};
use std::fmt;

/// The answer to signing in and to refreshing (document 000 §4.2).
#[derive(Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The bearer token for further requests.
    pub token: String,
    /// Seconds it is good for.
    pub expires_in: u64,
    /// Who signed in.
    pub user: SignedInUser,
}

/// The user, as told when they sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedInUser {
    /// Their id.
    pub id: UserId,
    /// Their short name.
    pub username: Username,
    /// The name that colleagues see.
    pub full_name: Option<FullName>,
    /// What they may do.
    pub role: Role,
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn")
            .field("expires_in", &self.expires_in)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

impl Accounts {
    /// Opens a session for somebody who knows the password of a username or an e-mail address.
    ///
    /// # Errors
    /// `InvalidCredentials`, the same and as slow for an unknown name, a wrong password and a
    /// disabled user.
    #[tracing::instrument(name = "accounts.login", skip_all, fields(user.id))]
    pub async fn login(
        &self,
        name: &str,
        password: &PlainPassword,
    ) -> Result<SignedIn, AccountError> {
        // Between the check and the sign-in the hash may become another one: the password was
        // changed, or a second sign-in renewed an old hash. A second look tells which.
        for _ in 0..2 {
            if let Some(signed_in) = self.try_login(name, password).await? {
                return Ok(signed_in);
            }
        }
        Err(AccountError::InvalidCredentials)
    }

    /// `None` when the stored hash changed while it was looked at.
    async fn try_login(
        &self,
        name: &str,
        password: &PlainPassword,
    ) -> Result<Option<SignedIn>, AccountError> {
        let known = match LoginName::parse(name) {
            Some(name) => self.ports.queries.find_credentials(&name).await?,
            None => None,
        };
        let stored = known.as_ref().map(|known| &known.password_hash);
        let check = self.ports.hasher.verify(password, stored).await?;
        let Some(known) = known.filter(|known| known.is_active && check != PasswordCheck::Wrong)
        else {
            return Err(AccountError::InvalidCredentials);
        };
        tracing::Span::current().record("user.id", known.user.get());
        let renewed = self.renewed_hash(check, password).await;

        let now = self.ports.clock.now();
        let mut tx = self.ports.store.begin().await?;
        let Some(mut user) = tx.users().find(known.user).await? else {
            return Err(AccountError::InvalidCredentials);
        };
        if !user.is_active() {
            return Err(AccountError::InvalidCredentials);
        }
        if *user.password_hash() != known.password_hash {
            return Ok(None);
        }
        if let Some(hash) = renewed {
            user.renew_hash(hash);
            tx.users().update(&user).await?;
        }
        tx.users().record_login(user.id(), now).await?;
        let session = self.open_session(&mut *tx, user.id(), now).await?;
        let signed_in = self.signed_in(
            &session,
            SignedInUser {
                id: user.id(),
                username: user.username().clone(),
                full_name: user.full_name().cloned(),
                role: user.role(),
            },
            now,
        )?;
        let actor = Actor::User { id: user.id() };
        let entry = audit::entry(&actor, now, "user.signed_in", user.id());
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(Some(signed_in))
    }

    /// A present-day hash for a password whose stored one is not. Failing is no reason to keep
    /// somebody out: the next sign-in tries again.
    async fn renewed_hash(
        &self,
        check: PasswordCheck,
        password: &PlainPassword,
    ) -> Option<PasswordHash> {
        if check != PasswordCheck::OkNeedsRehash {
            return None;
        }
        match self.ports.hasher.hash(password).await {
            Ok(hash) => Some(hash),
            Err(error) => {
                tracing::warn!(error = %error, "an old password hash could not be renewed");
                None
            }
        }
    }

    async fn open_session(
        &self,
        tx: &mut dyn AccountsTx,
        user: UserId,
        now: DateTime<Utc>,
    ) -> Result<Session, AccountError> {
        let new = Session::open(user, now, self.config.session);
        Ok(tx.sessions().insert(new).await?)
    }

    /// A fresh token for a session.
    pub(crate) fn signed_in(
        &self,
        session: &Session,
        user: SignedInUser,
        now: DateTime<Utc>,
    ) -> Result<SignedIn, AccountError> {
        let expires_at = session.token_expiry(now, self.config.access_token);
        let token = self
            .ports
            .signer
            .sign(&AccessClaims {
                session: session.id(),
                user: session.user(),
                issued_at: now,
                expires_at,
            })
            .map_err(AccountError::Signing)?;
        Ok(SignedIn {
            token,
            expires_in: u64::try_from((expires_at - now).num_seconds()).unwrap_or(0),
            user,
        })
    }
}
