//! Signing in and out (document 000 §4.2).

mod dto;

use super::answer::{ApiResult, EmptyEnvelope, Envelope, done, success};
use super::extract::{AnyUser, BearerToken, Valid};
use super::limits::LoginAttempt;
use super::problem::Problems;
use actix_web::web::Data;
use actix_web::{get, post};
use crm_accounts::PlainPassword;
use crm_bootstrap::Crm;
use dto::{ChangePassword, Login, Me, SignedIn};
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(login)
        .service(refresh)
        .service(me)
        .service(logout)
        .service(change_password);
}

/// Sign in with a username or an e-mail address.
#[utoipa::path(
    tag = "auth",
    request_body = Login,
    responses((status = 200, description = "A token for an hour", body = Envelope<SignedIn>), Problems),
)]
#[post("/auth/login")]
async fn login(attempt: LoginAttempt, body: Valid<Login>, crm: Data<Crm>) -> ApiResult<SignedIn> {
    let Valid(Login { username, password }) = body;
    attempt.with(&username).await?;
    let password = PlainPassword::new(password);
    let signed_in = crm.accounts.login(&username, &password).await?;
    Ok(success(signed_in.into()))
}

/// Get a new token for one that is still good, within a day of signing in.
#[utoipa::path(
    tag = "auth",
    security(("bearer" = [])),
    responses((status = 200, description = "Another token", body = Envelope<SignedIn>), Problems),
)]
#[post("/auth/refresh")]
async fn refresh(_user: AnyUser, token: BearerToken, crm: Data<Crm>) -> ApiResult<SignedIn> {
    let signed_in = crm.accounts.refresh(&token.0).await?;
    Ok(success(signed_in.into()))
}

/// Who I am.
#[utoipa::path(
    tag = "auth",
    security(("bearer" = [])),
    responses((status = 200, description = "The signed-in user", body = Envelope<Me>), Problems),
)]
#[get("/auth/me")]
async fn me(user: AnyUser, crm: Data<Crm>) -> ApiResult<Me> {
    let me = crm.accounts.me(&user.0).await?;
    Ok(success(me.into()))
}

/// Sign out; every token of this sign-in ends.
#[utoipa::path(
    tag = "auth",
    security(("bearer" = [])),
    responses((status = 200, description = "Signed out", body = EmptyEnvelope), Problems),
)]
#[post("/auth/logout")]
async fn logout(user: AnyUser, crm: Data<Crm>) -> ApiResult<()> {
    crm.accounts.logout(&user.0).await?;
    Ok(done())
}

/// Change my password; every other sign-in of mine ends.
#[utoipa::path(
    tag = "auth",
    security(("bearer" = [])),
    request_body = ChangePassword,
    responses((status = 200, description = "Changed", body = EmptyEnvelope), Problems),
)]
#[post("/auth/change-password")]
async fn change_password(
    user: AnyUser,
    body: Valid<ChangePassword>,
    crm: Data<Crm>,
) -> ApiResult<()> {
    let Valid(body) = body;
    let current = PlainPassword::new(body.current_password);
    let new = PlainPassword::new(body.new_password);
    crm.accounts
        .change_password(&user.0, &current, &new)
        .await?;
    Ok(done())
}
