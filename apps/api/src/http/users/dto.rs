use crate::http::problem::ApiError;
use crate::http::wire::{Role, patch, required};
use chrono::{DateTime, Utc};
use crm_accounts::{PlainPassword, UserRow};
use crm_kernel::Patch;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A user to be created.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "username": "mei.lin", "email": "mei.lin@hotel.com", "password": "a long password",
    "full_name": "林美", "role": "customer_service"
}))]
pub(crate) struct CreateUser {
    /// 3 to 50 of `a-z 0-9 _ . -`; unique, and stays.
    username: String,
    /// Unique.
    email: String,
    /// At least 8 characters, at most 128 bytes.
    password: String,
    full_name: Option<String>,
    role: Role,
}

impl From<CreateUser> for crm_accounts::CreateUser {
    fn from(body: CreateUser) -> Self {
        Self {
            username: body.username,
            email: body.email,
            password: PlainPassword::new(body.password),
            full_name: body.full_name,
            role: body.role.into(),
        }
    }
}

/// Changes to a user: absent fields stay. Only `full_name` can be null, which clears it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"role": "marketing", "is_active": true}))]
pub(crate) struct UpdateUser {
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>)]
    email: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>)]
    full_name: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<Role>)]
    role: Patch<Role>,
    /// Whether they may sign in; users are not deleted.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<bool>)]
    is_active: Patch<bool>,
    /// At least 8 characters, at most 128 bytes.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>)]
    password: Patch<String>,
}

impl TryFrom<UpdateUser> for crm_accounts::UpdateUser {
    type Error = ApiError;

    fn try_from(body: UpdateUser) -> Result<Self, ApiError> {
        Ok(Self {
            email: required("email", body.email)?,
            full_name: body.full_name,
            role: required("role", body.role)?.map(Into::into),
            is_active: required("is_active", body.is_active)?,
            password: required("password", body.password)?.map(PlainPassword::new),
        })
    }
}

/// A user of the back office.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 2, "username": "mei.lin", "email": "mei.lin@hotel.com", "full_name": "林美",
    "role": "customer_service", "is_active": true, "last_login_at": "2025-10-08T10:00:00Z",
    "created_at": "2025-01-01T00:00:00Z", "updated_at": null
}))]
pub(crate) struct User {
    id: i64,
    username: String,
    email: String,
    full_name: Option<String>,
    role: Role,
    /// Whether they may sign in.
    is_active: bool,
    last_login_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

impl From<UserRow> for User {
    fn from(user: UserRow) -> Self {
        Self {
            id: user.id.get(),
            username: user.username.as_str().to_owned(),
            email: user.email.as_str().to_owned(),
            full_name: user.full_name.map(|name| name.as_str().to_owned()),
            role: user.role.into(),
            is_active: user.is_active,
            last_login_at: user.last_login_at,
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}
