//! Everything accounts asks of the outside. A new storage method starts with its promise in the
//! port contract tests; a new method of a gateway with a test beside its adapter.

use crate::{
    AccessClaims, AuditFilter, AuditRow, Email, FullName, LoginName, NewSession, NewUser,
    PasswordHash, PlainPassword, Role, Session, TokenError, User, UserFilter, UserRow, Username,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{Page, PageRequest, SessionId, StoreError, Transaction, UserId};
use std::error::Error;
use thiserror::Error as ThisError;

/// A unit of work over users and their sessions. Who needs both locks the user first.
pub trait AccountsTx: Transaction {
    /// Users.
    fn users(&mut self) -> &mut dyn UserRepository;
    /// Their sign-ins.
    fn sessions(&mut self) -> &mut dyn SessionRepository;
}

/// Users, for decisions. `find_…` locks the row until the transaction ends.
#[async_trait]
pub trait UserRepository: Send {
    /// Stores a new, active user.
    ///
    /// # Errors
    /// `Duplicate` with the key `user_username` or `user_email`.
    async fn insert(&mut self, user: NewUser, now: DateTime<Utc>) -> Result<User, StoreError>;

    /// The user of that id.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn find(&mut self, id: UserId) -> Result<Option<User>, StoreError>;

    /// The user who signs in by that name.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn find_by_login(&mut self, name: &LoginName) -> Result<Option<User>, StoreError>;

    /// Writes everything of a user but `last_login_at`.
    ///
    /// # Errors
    /// `Duplicate` with the key `user_email`; `Internal` when there is no such user.
    async fn update(&mut self, user: &User) -> Result<(), StoreError>;

    /// How many active admins there are; all of them are locked.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn count_admins(&mut self) -> Result<u64, StoreError>;

    /// Notes when a user signed in.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn record_login(&mut self, id: UserId, at: DateTime<Utc>) -> Result<(), StoreError>;
}

/// Sign-ins, for decisions.
#[async_trait]
pub trait SessionRepository: Send {
    /// Stores a new sign-in.
    ///
    /// # Errors
    /// `Reference` when there is no such user.
    async fn insert(&mut self, session: NewSession) -> Result<Session, StoreError>;

    /// Ends a session; answers whether it was open. One that is ended already keeps its time; an
    /// unknown one is no error.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn revoke(&mut self, id: SessionId, at: DateTime<Utc>) -> Result<bool, StoreError>;

    /// Ends all sessions of a user that are not ended yet, but for one; answers how many.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn revoke_all(
        &mut self,
        user: UserId,
        except: Option<SessionId>,
        at: DateTime<Utc>,
    ) -> Result<u64, StoreError>;
}

/// Reads without a transaction.
#[async_trait]
pub trait AccountQueries: Send + Sync {
    /// What a password is checked against. Outside any transaction, because the check takes long
    /// on purpose and nothing may be locked meanwhile.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn find_credentials(&self, name: &LoginName) -> Result<Option<Credentials>, StoreError>;

    /// A session and its user, live or not. Asked on every request: one query by two keys.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn find_caller(&self, session: SessionId) -> Result<Option<CallerView>, StoreError>;

    /// A user's own page.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn me(&self, user: UserId) -> Result<Option<UserView>, StoreError>;

    /// A page of the users that match every part of the filter, by id.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn list_users(
        &self,
        filter: &UserFilter,
        page: PageRequest,
    ) -> Result<Page<UserRow>, StoreError>;

    /// A user as shown to those who manage users.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn find_user(&self, id: UserId) -> Result<Option<UserRow>, StoreError>;
}

/// The audit log, for screens; never while a unit of work is open.
#[async_trait]
pub trait AuditQueries: Send + Sync {
    /// A page of the entries that match every part of the filter, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] of the storage.
    async fn list(
        &self,
        filter: &AuditFilter,
        page: PageRequest,
    ) -> Result<Page<AuditRow>, StoreError>;
}

/// What a password is checked against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// Whose they are.
    pub user: UserId,
    /// What is stored instead of the password.
    pub password_hash: PasswordHash,
    /// Whether they may sign in at all.
    pub is_active: bool,
}

/// A session together with its user, as they are now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerView {
    /// The sign-in, perhaps ended.
    pub session: Session,
    /// The user's short name.
    pub username: Username,
    /// The name that colleagues see.
    pub full_name: Option<FullName>,
    /// What they may do.
    pub role: Role,
    /// Whether they may do it.
    pub is_active: bool,
}

/// A user as shown to themself (document 000 §4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserView {
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
    /// When they last signed in with a password.
    pub last_login_at: Option<DateTime<Utc>>,
}

/// Turns passwords into what may be stored. Slow on purpose: never call it in a transaction.
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// A salted hash of a new password.
    ///
    /// # Errors
    /// [`HasherError`]; nothing was made.
    async fn hash(&self, password: &PlainPassword) -> Result<PasswordHash, HasherError>;

    /// Compares a password with a stored hash. `None` stands for a user who does not exist: the
    /// answer is `Wrong`, after as much work as for one who does.
    ///
    /// # Errors
    /// [`HasherError`]; nothing is known about the password.
    async fn verify(
        &self,
        password: &PlainPassword,
        stored: Option<&PasswordHash>,
    ) -> Result<PasswordCheck, HasherError>;
}

/// What a password check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordCheck {
    /// It is the password.
    Ok,
    /// It is the password, but its hash is of an older kind and should be made anew.
    OkNeedsRehash,
    /// It is not.
    Wrong,
}

/// Why a password could not be hashed or checked.
#[derive(Debug, ThisError)]
pub enum HasherError {
    /// Too many at the same time; later is fine.
    #[error("too many passwords are being checked")]
    Busy,
    /// Anything else: a bug, or no randomness to be had.
    #[error("a password could not be hashed")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

/// Makes access tokens and tells its own from others. Knows nothing of sessions' fates.
pub trait TokenSigner: Send + Sync {
    /// A token that says this.
    ///
    /// # Errors
    /// `Signing` when it cannot be made.
    fn sign(&self, claims: &AccessClaims) -> Result<String, TokenError>;

    /// What a token says, if it is ours and `now` is before its end.
    ///
    /// # Errors
    /// `Invalid` or `Expired`.
    fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<AccessClaims, TokenError>;
}
