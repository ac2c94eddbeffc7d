use crate::{HasherError, Permission, TokenError};
use crm_kernel::{DomainError, ErrorKind, FieldError, StoreError};
use thiserror::Error;

/// Why something about users or sign-ins did not work.
#[derive(Debug, Error)]
pub enum AccountError {
    /// No such user, wrong password or a disabled user: deliberately one answer.
    #[error("wrong username or password")]
    InvalidCredentials,
    /// The access token is missing, not ours, or too old.
    #[error("the access token is not valid or has expired")]
    InvalidToken,
    /// The token is good, but its sign-in is over: signed out, deactivated, or a day old.
    #[error("the session has ended, sign in again")]
    SessionEnded,
    /// The role does not include it.
    #[error("your role does not allow this")]
    Forbidden {
        /// What would have been needed.
        permission: Permission,
    },
    /// Somebody who changes their password does not know it.
    #[error("the current password is wrong")]
    WrongCurrentPassword,
    /// A new password breaks a rule.
    #[error("the password is not acceptable")]
    WeakPassword {
        /// Where it was given.
        field: &'static str,
        /// The broken rule, in words.
        message: &'static str,
    },
    /// Another user has the username or the address.
    #[error("another user has the same {field}")]
    UserDuplicate {
        /// `username` or `email`.
        field: &'static str,
    },
    /// No user has this id.
    #[error("user not found")]
    UserNotFound,
    /// Nobody deactivates themself or changes their own role.
    #[error("you cannot deactivate yourself or change your own role")]
    OwnAccount,
    /// Without this one there would be no active admin.
    #[error("one active admin must remain")]
    LastAdmin,
    /// Several or other fields break a rule.
    #[error("the user is not valid")]
    Invalid(Vec<FieldError>),
    /// Passwords cannot be hashed or checked now.
    #[error(transparent)]
    Hasher(#[from] HasherError),
    /// A token cannot be made.
    #[error("signing in failed")]
    Signing(#[source] TokenError),
    /// The storage failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for AccountError {
    /// The friendly check before an insert can lose a race; the key's own answer means the same.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Duplicate {
                key: "user_username",
            } => Self::UserDuplicate { field: "username" },
            StoreError::Duplicate { key: "user_email" } => Self::UserDuplicate { field: "email" },
            other => Self::Store(other),
        }
    }
}

impl DomainError for AccountError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::InvalidCredentials | Self::InvalidToken | Self::SessionEnded => {
                ErrorKind::Unauthorized
            }
            Self::Forbidden { .. } => ErrorKind::Forbidden,
            Self::WrongCurrentPassword | Self::WeakPassword { .. } | Self::Invalid(_) => {
                ErrorKind::Invalid
            }
            Self::UserNotFound => ErrorKind::NotFound,
            Self::UserDuplicate { .. } | Self::OwnAccount | Self::LastAdmin => ErrorKind::Conflict,
            Self::Hasher(HasherError::Busy) => ErrorKind::Unavailable,
            Self::Hasher(HasherError::Failed(_)) | Self::Signing(_) => ErrorKind::Internal,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::InvalidCredentials => "invalid_credentials",
            Self::InvalidToken => "invalid_token",
            Self::SessionEnded => "session_ended",
            Self::Forbidden { .. } => "forbidden",
            Self::WrongCurrentPassword => "wrong_current_password",
            Self::WeakPassword { .. } => "weak_password",
            Self::UserDuplicate { .. } => "user_duplicate",
            Self::UserNotFound => "user_not_found",
            Self::OwnAccount => "own_account",
            Self::LastAdmin => "last_admin",
            Self::Invalid(_) => "user_invalid",
            Self::Hasher(HasherError::Busy) => "sign_in_busy",
            Self::Hasher(HasherError::Failed(_)) | Self::Signing(_) => "internal",
            Self::Store(error) => error.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::WrongCurrentPassword => vec![FieldError::new("current_password", "is wrong")],
            Self::WeakPassword { field, message } => vec![FieldError::new(*field, *message)],
            Self::UserDuplicate { field } => {
                vec![FieldError::new(*field, "is taken by another user")]
            }
            Self::Invalid(fields) => fields.clone(),
            _ => Vec::new(),
        }
    }

    fn details(&self) -> Option<serde_json::Value> {
        match self {
            Self::Forbidden { permission } => {
                Some(serde_json::json!({ "permission": permission.as_str() }))
            }
            _ => None,
        }
    }
}
