use crate::audit;
use crate::{AccountError, Accounts, Caller, CallerView, SignedIn, SignedInUser, UserView};
use chrono::{DateTime, Utc};
use crm_kernel::Actor;

impl Accounts {
    /// Who makes a request with this token; asked on every request.
    ///
    /// # Errors
    /// `InvalidToken`, or `SessionEnded` for a good token whose sign-in is over.
    #[tracing::instrument(name = "accounts.authenticate", level = "debug", skip_all)]
    pub async fn authenticate(&self, token: &str) -> Result<Caller, AccountError> {
        let view = self.live_caller(token, self.ports.clock.now()).await?;
        Ok(view.into())
    }

    /// When a good token is none any more; its sign-in may be over sooner.
    ///
    /// # Errors
    /// `InvalidToken`.
    pub fn token_expires_at(&self, token: &str) -> Result<DateTime<Utc>, AccountError> {
        let claims = self.ports.signer.verify(token, self.ports.clock.now());
        Ok(claims.map_err(|_| AccountError::InvalidToken)?.expires_at)
    }

    /// A new token for a still valid one, until the session's day is over. The old token stays
    /// good for its own time, so that requests under way do not fail.
    ///
    /// # Errors
    /// Those of [`authenticate`](Self::authenticate).
    #[tracing::instrument(name = "accounts.refresh", skip_all)]
    pub async fn refresh(&self, token: &str) -> Result<SignedIn, AccountError> {
        let now = self.ports.clock.now();
        let view = self.live_caller(token, now).await?;
        let user = SignedInUser {
            id: view.session.user(),
            username: view.username,
            full_name: view.full_name,
            role: view.role,
        };
        self.signed_in(&view.session, user, now)
    }

    /// Ends the session the request belongs to; doing it twice is fine.
    ///
    /// # Errors
    /// Those of the storage.
    #[tracing::instrument(name = "accounts.logout", skip_all, fields(user.id = %caller.user_id))]
    pub async fn logout(&self, caller: &Caller) -> Result<(), AccountError> {
        let mut tx = self.ports.store.begin().await?;
        let now = self.ports.clock.now();
        if tx.sessions().revoke(caller.session_id, now).await? {
            let actor = Actor::User { id: caller.user_id };
            let entry = audit::entry(&actor, now, "user.signed_out", caller.user_id);
            tx.audit().record(entry).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// The caller's own page.
    ///
    /// # Errors
    /// `SessionEnded` when they are gone since they were authenticated.
    #[tracing::instrument(name = "accounts.me", skip_all, fields(user.id = %caller.user_id))]
    pub async fn me(&self, caller: &Caller) -> Result<UserView, AccountError> {
        let me = self.ports.queries.me(caller.user_id).await?;
        me.ok_or(AccountError::SessionEnded)
    }

    async fn live_caller(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<CallerView, AccountError> {
        let claims = self
            .ports
            .signer
            .verify(token, now)
            .map_err(|_| AccountError::InvalidToken)?;
        let found = self.ports.queries.find_caller(claims.session).await?;
        // The user is compared as well: after a restored backup a session id may be given anew.
        found
            .filter(|view| view.session.user() == claims.user)
            .filter(|view| view.is_active && view.session.is_live(now))
            .ok_or(AccountError::SessionEnded)
    }
}
