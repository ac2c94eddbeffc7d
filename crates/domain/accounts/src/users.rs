use crate::{AccountError, Accounts, Email, FullName, Role, User, Username};
use chrono::{DateTime, Utc};
use crm_kernel::{Page, PageRequest, UserId};

/// Which users a list shows; every part narrows it, an empty part does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Text to be found anywhere in the username, the address or the full name.
    pub search: Option<String>,
    /// This role.
    pub role: Option<Role>,
    /// Those who may sign in, or those who may not.
    pub is_active: Option<bool>,
}

/// A user as shown to those who manage users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRow {
    /// Their id.
    pub id: UserId,
    /// Their short name.
    pub username: Username,
    /// Their address.
    pub email: Email,
    /// The name that colleagues see.
    pub full_name: Option<FullName>,
    /// What they may do.
    pub role: Role,
    /// Whether they may sign in.
    pub is_active: bool,
    /// When they last signed in with a password.
    pub last_login_at: Option<DateTime<Utc>>,
    /// When they were created.
    pub created_at: DateTime<Utc>,
    /// When somebody last changed them.
    pub updated_at: Option<DateTime<Utc>>,
}

impl From<&User> for UserRow {
    fn from(user: &User) -> Self {
        Self {
            id: user.id(),
            username: user.username().clone(),
            email: user.email().clone(),
            full_name: user.full_name().cloned(),
            role: user.role(),
            is_active: user.is_active(),
            last_login_at: user.last_login_at(),
            created_at: user.created_at(),
            updated_at: user.updated_at(),
        }
    }
}

impl Accounts {
    /// A page of users, by id.
    ///
    /// # Errors
    /// Those of the storage.
    #[tracing::instrument(name = "accounts.list_users", skip_all)]
    pub async fn list_users(
        &self,
        filter: &UserFilter,
        page: PageRequest,
    ) -> Result<Page<UserRow>, AccountError> {
        Ok(self.ports.queries.list_users(filter, page).await?)
    }

    /// One user.
    ///
    /// # Errors
    /// `UserNotFound`.
    #[tracing::instrument(name = "accounts.get_user", skip_all, fields(user.id = %id))]
    pub async fn get_user(&self, id: UserId) -> Result<UserRow, AccountError> {
        let user = self.ports.queries.find_user(id).await?;
        user.ok_or(AccountError::UserNotFound)
    }
}
