use crate::audit;
use crate::{
    AccountError, Accounts, AccountsTx, Caller, Email, FullName, LoginName, PlainPassword, Role,
    User,
};
use chrono::{DateTime, Utc};
use crm_kernel::{Patch, Problems, UserId};

const FIELD: &str = "password";

/// Changes to a user, as typed; what is not mentioned stays. The username never changes.
#[derive(Clone, Debug, Default)]
pub struct UpdateUser {
    /// See [`Email`].
    pub email: Option<String>,
    /// See [`FullName`].
    pub full_name: Patch<String>,
    /// What they may do.
    pub role: Option<Role>,
    /// Whether they may sign in.
    pub is_active: Option<bool>,
    /// See [`PlainPassword::check_as_new`].
    pub password: Option<PlainPassword>,
}

impl Accounts {
    /// Changes a user; what is said again unchanged leaves no trace. Another role, another
    /// password and deactivating end all their sessions.
    ///
    /// # Errors
    /// `UserNotFound`; `Invalid` or `WeakPassword` with all fields at fault; `UserDuplicate`;
    /// `OwnAccount` for somebody who deactivates themself or changes their own role, `LastAdmin`
    /// when no active admin would remain.
    #[tracing::instrument(name = "accounts.update_user", skip_all, fields(actor.id = %caller.user_id, user.id = %id))]
    pub async fn update_user(
        &self,
        caller: &Caller,
        id: UserId,
        change: UpdateUser,
    ) -> Result<User, AccountError> {
        let valid = ValidChange::parse(&change)?;
        let hash = match &change.password {
            Some(password) => {
                // Nobody's password is worth no work.
                self.get_user(id).await?;
                Some(self.ports.hasher.hash(password).await?)
            }
            None => None,
        };

        let now = self.ports.clock.now();
        let mut tx = self.ports.store.begin().await?;
        // Admins before the user, in one order for everybody: two who demote each other must
        // wait for one another here, not below.
        let admins = if change.may_cost_an_admin() {
            Some(tx.users().count_admins().await?)
        } else {
            None
        };
        let found = tx.users().find(id).await?;
        let old = found.ok_or(AccountError::UserNotFound)?;
        if let Some(password) = &change.password {
            let email = valid.email.as_ref().unwrap_or_else(|| old.email());
            password.check_as_new(old.username(), email).map_err(weak)?;
        }

        let mut new = old.clone();
        valid.apply(&mut new, now);
        if let Some(hash) = hash {
            new.change_password(hash, now);
        }
        if new == old {
            return Ok(old);
        }
        check_powers(caller, &old, &new, admins)?;
        refuse_known_email(&mut *tx, &old, &new).await?;
        tx.users().update(&new).await?;
        // What they signed in as is not what they are now.
        let ended = if change.password.is_some() || loses_powers(&old, &new) {
            tx.sessions().revoke_all(id, None, now).await?
        } else {
            0
        };
        let mut entry = audit::entry(&caller.actor(), now, "user.updated", id)
            .changed(audit::facts(&old), audit::facts(&new));
        if change.password.is_some() {
            entry = entry.with("password", "changed");
        }
        tx.audit().record(entry).await?;
        tx.commit().await?;
        tracing::info!(sessions.ended = ended, "user updated");
        Ok(new)
    }
}

impl UpdateUser {
    /// Whether an active admin could be none afterwards.
    const fn may_cost_an_admin(&self) -> bool {
        let other_role = match self.role {
            Some(role) => !matches!(role, Role::Admin),
            None => false,
        };
        other_role || matches!(self.is_active, Some(false))
    }
}

/// Nobody locks themself out, and somebody can always let others in again.
fn check_powers(
    caller: &Caller,
    old: &User,
    new: &User,
    admins: Option<u64>,
) -> Result<(), AccountError> {
    if loses_powers(old, new) && caller.user_id == old.id() {
        return Err(AccountError::OwnAccount);
    }
    let is_admin = |user: &User| user.is_active() && user.role() == Role::Admin;
    if is_admin(old) && !is_admin(new) && admins.is_none_or(|admins| admins <= 1) {
        return Err(AccountError::LastAdmin);
    }
    Ok(())
}

/// The friendly check before the unique key speaks.
async fn refuse_known_email(
    tx: &mut dyn AccountsTx,
    old: &User,
    new: &User,
) -> Result<(), AccountError> {
    if new.email() == old.email() {
        return Ok(());
    }
    let name = LoginName::from(new.email().clone());
    match tx.users().find_by_login(&name).await? {
        Some(_) => Err(AccountError::UserDuplicate { field: "email" }),
        None => Ok(()),
    }
}

/// Whether the user may not do everything any more that they may do now; roles are not ranked.
fn loses_powers(old: &User, new: &User) -> bool {
    new.role() != old.role() || (old.is_active() && !new.is_active())
}

struct ValidChange {
    email: Option<Email>,
    full_name: Patch<FullName>,
    role: Option<Role>,
    is_active: Option<bool>,
}

impl ValidChange {
    fn parse(change: &UpdateUser) -> Result<Self, AccountError> {
        let mut problems = Problems::default();
        let email = change.email.as_deref().map(Email::parse).transpose();
        let email = problems.keep("email", email);
        let full_name = change.full_name.clone();
        let full_name = problems.keep("full_name", full_name.try_map(|n| FullName::parse(&n)));
        let length = match &change.password {
            Some(password) => password.check_length(),
            None => Ok(()),
        };

        if let (Some(email), Some(full_name)) = (email, full_name) {
            length.map_err(weak)?;
            return Ok(Self {
                email,
                full_name,
                role: change.role,
                is_active: change.is_active,
            });
        }
        if let Err(message) = length {
            problems.add(FIELD, message);
        }
        Err(AccountError::Invalid(
            problems.into_result().err().unwrap_or_default(),
        ))
    }

    /// Changes what differs.
    fn apply(self, user: &mut User, now: DateTime<Utc>) {
        if let Some(email) = self.email.filter(|email| email != user.email()) {
            user.change_email(email, now);
        }
        let full_name = self.full_name.apply(user.full_name().cloned());
        if full_name.as_ref() != user.full_name() {
            user.change_full_name(full_name, now);
        }
        if let Some(role) = self.role.filter(|role| *role != user.role()) {
            user.change_role(role, now);
        }
        match self.is_active {
            Some(true) if !user.is_active() => user.reactivate(now),
            Some(false) if user.is_active() => user.deactivate(now),
            _ => {}
        }
    }
}

const fn weak(message: &'static str) -> AccountError {
    AccountError::WeakPassword {
        field: FIELD,
        message,
    }
}
