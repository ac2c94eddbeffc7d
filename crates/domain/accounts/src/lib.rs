//! Who works in the back office: users, what their role lets them do, and their sign-ins.
//!
//! A sign-in is a [`Session`] row that lives for a day at most; the access tokens handed out for
//! it live for an hour and name it. Every request looks the session up, so that signing out,
//! deactivating somebody or changing a role works at once and not when a token runs out.
//!
//! [`Accounts`] is the way in, [`ports`](AccountsTx) are the way out. How a password is hashed and
//! how a token is signed is somebody else's business ([`PasswordHasher`], [`TokenSigner`]).

mod accounts;
mod audit;
mod audit_log;
mod authenticate;
mod caller;
mod change_password;
mod create_user;
mod email;
mod error;
mod full_name;
mod login;
mod login_name;
mod password;
mod permission;
mod ports;
mod role;
mod session;
mod token;
mod update_user;
mod user;
mod username;
mod users;

pub use accounts::{Accounts, AccountsConfig, AccountsPorts};
pub use audit_log::{AuditFilter, AuditRow, AuditUser};
pub use caller::Caller;
pub use create_user::CreateUser;
pub use email::Email;
pub use error::AccountError;
pub use full_name::FullName;
pub use login::{SignedIn, SignedInUser};
pub use login_name::LoginName;
pub use password::{PasswordHash, PlainPassword};
pub use permission::Permission;
pub use ports::{
    AccountQueries, AccountsTx, AuditQueries, CallerView, Credentials, HasherError, PasswordCheck,
    PasswordHasher, SessionRepository, TokenSigner, UserRepository, UserView,
};
pub use role::Role;
pub use session::{NewSession, Session, StoredSession};
pub use token::{AccessClaims, TokenError};
pub use update_user::UpdateUser;
pub use user::{NewUser, StoredUser, User};
pub use username::Username;
pub use users::{UserFilter, UserRow};
