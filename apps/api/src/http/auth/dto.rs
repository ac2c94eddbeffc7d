use crate::http::wire::Role;
use chrono::{DateTime, Utc};
use crm_accounts::{FullName, SignedInUser, UserView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A name with its password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"username": "admin@hotel.com", "password": "password123"}))]
pub(crate) struct Login {
    /// The username, or the e-mail address.
    pub(crate) username: String,
    pub(crate) password: String,
}

/// The password I have and the one I want.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePassword {
    pub(crate) current_password: String,
    /// At least 8 characters, at most 128 bytes.
    pub(crate) new_password: String,
}

/// A token and whose it is.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2ln",
    "token_type": "Bearer",
    "expires_in": 3600,
    "user": {"id": 1, "username": "admin", "full_name": "系統管理員", "role": "admin"}
}))]
pub(crate) struct SignedIn {
    access_token: String,
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
    user: UserBrief,
}

/// A user in short.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserBrief {
    id: i64,
    username: String,
    full_name: Option<String>,
    role: Role,
}

/// The signed-in user.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 1, "username": "admin", "email": "admin@hotel.com", "full_name": "系統管理員",
    "role": "admin", "last_login_at": "2025-10-08T10:00:00Z"
}))]
pub(crate) struct Me {
    id: i64,
    username: String,
    email: String,
    full_name: Option<String>,
    role: Role,
    /// What the role may do.
    permissions: Vec<&'static str>,
    last_login_at: Option<DateTime<Utc>>,
}

impl From<crm_accounts::SignedIn> for SignedIn {
    fn from(signed_in: crm_accounts::SignedIn) -> Self {
        Self {
            access_token: signed_in.token,
            token_type: "Bearer",
            expires_in: signed_in.expires_in,
            user: signed_in.user.into(),
        }
    }
}

impl From<SignedInUser> for UserBrief {
    fn from(user: SignedInUser) -> Self {
        Self {
            id: user.id.get(),
            username: user.username.as_str().to_owned(),
            full_name: text(user.full_name.as_ref()),
            role: user.role.into(),
        }
    }
}

impl From<UserView> for Me {
    fn from(user: UserView) -> Self {
        Self {
            id: user.id.get(),
            username: user.username.as_str().to_owned(),
            email: user.email.as_str().to_owned(),
            full_name: text(user.full_name.as_ref()),
            role: user.role.into(),
            permissions: crm_accounts::Permission::ALL
                .iter()
                .filter(|permission| user.role.allows(**permission))
                .map(|permission| permission.as_str())
                .collect(),
            last_login_at: user.last_login_at,
        }
    }
}

fn text(name: Option<&FullName>) -> Option<String> {
    name.map(|name| name.as_str().to_owned())
}
