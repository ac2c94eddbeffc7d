use crate::audit;
use crate::{AccountError, Accounts, Caller, PasswordCheck, PlainPassword, User};

const FIELD: &str = "new_password";

impl Accounts {
    /// Sets another password for somebody who knows the present one, and ends all their other
    /// sessions: whoever knew the old password is out.
    ///
    /// # Errors
    /// `WrongCurrentPassword`, `WeakPassword`, or `SessionEnded` for somebody deactivated since.
    #[tracing::instrument(name = "accounts.change_password", skip_all, fields(user.id = %caller.user_id))]
    pub async fn change_password(
        &self,
        caller: &Caller,
        current: &PlainPassword,
        new: &PlainPassword,
    ) -> Result<(), AccountError> {
        // Before the slow part; the rules that need the user follow with the user.
        new.check_length().map_err(weak)?;
        let name = caller.username.clone().into();
        let known = self.ports.queries.find_credentials(&name).await?;
        let Some(known) = known.filter(|known| known.user == caller.user_id && known.is_active)
        else {
            return Err(AccountError::SessionEnded);
        };
        let stored = Some(&known.password_hash);
        if self.ports.hasher.verify(current, stored).await? == PasswordCheck::Wrong {
            return Err(AccountError::WrongCurrentPassword);
        }
        if new.expose() == current.expose() {
            return Err(weak("must differ from the current password"));
        }
        let hash = self.ports.hasher.hash(new).await?;

        let now = self.ports.clock.now();
        let mut tx = self.ports.store.begin().await?;
        let found = tx.users().find(caller.user_id).await?;
        let Some(mut user) = found.filter(User::is_active) else {
            return Err(AccountError::SessionEnded);
        };
        if *user.password_hash() != known.password_hash {
            // Changed by somebody else a moment ago: what was typed is not current any more.
            return Err(AccountError::WrongCurrentPassword);
        }
        new.check_as_new(user.username(), user.email())
            .map_err(weak)?;
        user.change_password(hash, now);
        tx.users().update(&user).await?;
        let ended = tx
            .sessions()
            .revoke_all(user.id(), Some(caller.session_id), now)
            .await?;
        let entry = audit::entry(&caller.actor(), now, "user.password_changed", user.id());
        tx.audit().record(entry).await?;
        tx.commit().await?;
        tracing::info!(sessions.ended = ended, "password changed");
        Ok(())
    }
}

const fn weak(message: &'static str) -> AccountError {
    AccountError::WeakPassword {
        field: FIELD,
        message,
    }
}
