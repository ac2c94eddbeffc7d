use crate::http::{self, problem::Problem};
use actix_web::App;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi as _};
use utoipa_actix_web::AppExt;

/// What the document says besides the routes.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "LineOA CRM",
        description = "The hotel's CRM on its LINE Official Account. Every answer is the envelope \
                       `{code, message, data, timestamp}`; errors add `error_code`, `errors` and \
                       `request_id`. Requests of one user and tries to sign in are limited: \
                       `X-RateLimit-Limit`, `X-RateLimit-Remaining` and `X-RateLimit-Reset` \
                       (seconds of the epoch) tell how the limit of a minute stands, and 429 \
                       comes with `Retry-After`.",
        license(name = "MIT")
    ),
    components(schemas(Problem)),
    tags(
        (name = "auth", description = "Signing in"),
        (name = "users", description = "Who works in the back office"),
        (name = "audit", description = "Who changed what"),
        (name = "members", description = "Guests"),
        (name = "tags", description = "What a guest is, and what a guest did"),
        (name = "templates", description = "What may be written to guests"),
        (name = "campaigns", description = "Messages to an audience"),
        (name = "analytics", description = "What the messages brought"),
        (name = "auto-responses", description = "Rules that answer guests by themselves"),
        (name = "messages", description = "What guests and the hotel wrote to each other"),
        (name = "events", description = "What happens, while it happens"),
        (name = "analytics", description = "What it brought"),
        (name = "sending", description = "Everything that leaves"),
        (name = "uploads", description = "Pictures"),
        (name = "exports", description = "Files to take away, and reports by the calendar"),
        (name = "jobs", description = "Background work"),
        (name = "line", description = "What LINE delivers"),
        (name = "public", description = "Without signing in"),
    ),
    modifiers(&Bearer)
)]
struct Base;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, openapi: &mut OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some("The `access_token` of `POST /api/v1/auth/login`"))
            .build();
        openapi
            .components
            .get_or_insert_default()
            .add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

pub(crate) fn base_document() -> OpenApi {
    Base::openapi()
}

/// The document that describes every route.
#[must_use]
pub fn openapi() -> OpenApi {
    App::new()
        .into_utoipa_app()
        .openapi(base_document())
        .configure(http::routes)
        .split_for_parts()
        .1
}
