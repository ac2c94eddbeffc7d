//! Who works in the back office.

mod dto;

use super::answer::{ApiResult, Envelope, PageOf, created, success};
use super::extract::{Allowed, FromQuery, Id, Paging, Query, QueryReader, UsersManage, Valid};
use super::problem::Problems;
use super::wire::Role;
use actix_web::web::Data;
use actix_web::{get, post, put};
use crm_accounts::{UserFilter, UserRow};
use crm_bootstrap::Crm;
use crm_kernel::UserId;
use dto::{CreateUser, UpdateUser, User};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_users)
        .service(create_user)
        .service(get_user)
        .service(update_user);
}

/// Which users.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListUsers {
    /// Text anywhere in the username, e-mail address or full name
    search: Option<String>,
    /// What they do in the hotel
    #[param(inline)]
    role: Option<Role>,
    /// Whether they may sign in
    is_active: Option<bool>,
}

impl FromQuery for ListUsers {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            search: query.text("search"),
            role: query.word("role"),
            is_active: query.flag("is_active"),
        }
    }
}

impl From<ListUsers> for UserFilter {
    fn from(query: ListUsers) -> Self {
        Self {
            search: query.search,
            role: query.role.map(Into::into),
            is_active: query.is_active,
        }
    }
}

/// A page of users.
#[utoipa::path(
    tag = "users",
    security(("bearer" = [])),
    params(ListUsers, Paging),
    responses((status = 200, description = "A page", body = Envelope<PageOf<User>>), Problems),
)]
#[get("/users")]
async fn list_users(
    _user: Allowed<UsersManage>,
    query: Query<ListUsers>,
    paging: Query<Paging>,
    crm: Data<Crm>,
) -> ApiResult<PageOf<User>> {
    let page = crm.accounts.list_users(&query.0.into(), paging.0.0).await?;
    Ok(success(PageOf::of(page, User::from)))
}

/// Create a user, who may sign in at once.
#[utoipa::path(
    tag = "users",
    security(("bearer" = [])),
    request_body = CreateUser,
    responses((status = 201, description = "Created", body = Envelope<User>), Problems),
)]
#[post("/users")]
async fn create_user(
    user: Allowed<UsersManage>,
    body: Valid<CreateUser>,
    crm: Data<Crm>,
) -> ApiResult<User> {
    let new = crm
        .accounts
        .create_user(&user.actor(), body.0.into())
        .await?;
    let id = new.id();
    Ok(created(
        format!("/api/v1/users/{id}"),
        UserRow::from(&new).into(),
    ))
}

/// One user.
#[utoipa::path(
    tag = "users",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The user")),
    responses((status = 200, description = "The user", body = Envelope<User>), Problems),
)]
#[get("/users/{id}")]
async fn get_user(_user: Allowed<UsersManage>, id: Id<UserId>, crm: Data<Crm>) -> ApiResult<User> {
    let user = crm.accounts.get_user(id.0).await?;
    Ok(success(user.into()))
}

/// Change a user; absent fields stay. Another role, another password and deactivating sign them
/// out everywhere. Nobody deactivates themself or changes their own role, and one active admin
/// always remains.
#[utoipa::path(
    tag = "users",
    security(("bearer" = [])),
    params(("id" = i64, Path, description = "The user")),
    request_body = UpdateUser,
    responses((status = 200, description = "Changed", body = Envelope<User>), Problems),
)]
#[put("/users/{id}")]
async fn update_user(
    user: Allowed<UsersManage>,
    id: Id<UserId>,
    body: Valid<UpdateUser>,
    crm: Data<Crm>,
) -> ApiResult<User> {
    let change = body.0.try_into()?;
    let changed = crm
        .accounts
        .update_user(user.caller(), id.0, change)
        .await?;
    Ok(success(UserRow::from(&changed).into()))
}
