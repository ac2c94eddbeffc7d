use crate::audit;
use crate::{
    AccountError, Accounts, Email, FullName, LoginName, NewUser, PlainPassword, Role, User,
    Username,
};
use crm_kernel::{Actor, Problems};

const FIELD: &str = "password";

/// A user to be created, as typed.
#[derive(Clone, Debug)]
pub struct CreateUser {
    /// See [`Username`].
    pub username: String,
    /// See [`Email`].
    pub email: String,
    /// See [`PlainPassword::check_as_new`].
    pub password: PlainPassword,
    /// See [`FullName`].
    pub full_name: Option<String>,
    /// What they may do.
    pub role: Role,
}

impl Accounts {
    /// Creates an active user.
    ///
    /// # Errors
    /// `Invalid` or `WeakPassword` with all fields at fault, or `UserDuplicate`.
    #[tracing::instrument(name = "accounts.create_user", skip_all, fields(user.role = %new.role))]
    pub async fn create_user(&self, actor: &Actor, new: CreateUser) -> Result<User, AccountError> {
        let valid = ValidUser::parse(&new)?;
        let user = NewUser {
            username: valid.username,
            email: valid.email,
            password_hash: self.ports.hasher.hash(&new.password).await?,
            full_name: valid.full_name,
            role: new.role,
        };

        let mut tx = self.ports.store.begin().await?;
        for (field, name) in [
            ("username", LoginName::from(user.username.clone())),
            ("email", LoginName::from(user.email.clone())),
        ] {
            if tx.users().find_by_login(&name).await?.is_some() {
                return Err(AccountError::UserDuplicate { field });
            }
        }
        let now = self.ports.clock.now();
        let user = tx.users().insert(user, now).await?;
        let entry = audit::entry(actor, now, "user.created", user.id());
        tx.audit().record(entry.born(audit::facts(&user))).await?;
        tx.commit().await?;
        tracing::info!(user.id = %user.id(), "user created");
        Ok(user)
    }

    /// Creates the first admin of an installation; `None` when there is one already. Several
    /// processes may start with the same settings at once: one of them creates.
    ///
    /// The settings are looked at only when they are needed, so that a password that later rules
    /// would refuse does not keep a running installation from starting.
    ///
    /// # Errors
    /// Those of [`create_user`](Self::create_user).
    #[tracing::instrument(name = "accounts.bootstrap_admin", skip_all)]
    pub async fn bootstrap_admin(
        &self,
        username: &str,
        email: &str,
        password: PlainPassword,
    ) -> Result<Option<User>, AccountError> {
        if self.has_admin().await? {
            return Ok(None);
        }
        let admin = CreateUser {
            username: username.to_owned(),
            email: email.to_owned(),
            password,
            full_name: None,
            role: Role::Admin,
        };
        match self.create_user(&Actor::System, admin).await {
            Ok(user) => Ok(Some(user)),
            // Another process was faster, unless somebody who is no admin has the name.
            Err(AccountError::UserDuplicate { .. }) if self.has_admin().await? => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn has_admin(&self) -> Result<bool, AccountError> {
        let mut tx = self.ports.store.begin().await?;
        Ok(tx.users().count_admins().await? > 0)
    }
}

struct ValidUser {
    username: Username,
    email: Email,
    full_name: Option<FullName>,
}

impl ValidUser {
    fn parse(new: &CreateUser) -> Result<Self, AccountError> {
        let mut problems = Problems::default();
        let username = problems.keep("username", Username::parse(&new.username));
        let email = problems.keep("email", Email::parse(&new.email));
        let full_name = new.full_name.as_deref().map(FullName::parse).transpose();
        let full_name = problems.keep("full_name", full_name);

        if let (Some(username), Some(email), Some(full_name)) = (username, email, full_name) {
            new.password
                .check_as_new(&username, &email)
                .map_err(|message| AccountError::WeakPassword {
                    field: FIELD,
                    message,
                })?;
            return Ok(Self {
                username,
                email,
                full_name,
            });
        }
        if let Err(message) = new.password.check_length() {
            problems.add(FIELD, message);
        }
        Err(AccountError::Invalid(
            problems.into_result().err().unwrap_or_default(),
        ))
    }
}
