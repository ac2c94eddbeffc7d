//! The description of all this, for programs and for people.

use actix_web::http::header;
use actix_web::web::{self, Data};
use actix_web::{HttpResponse, get};
use utoipa::openapi::OpenApi;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_swagger_ui::{Config, SwaggerUi};

const PAGES: &str = "/api/v1/docs/";

/// The page that people read; its files are part of the program.
pub(crate) fn pages(config: &mut ServiceConfig<'_>) {
    config.map(|config| {
        config
            .route("/api/v1/docs", web::get().to(to_pages))
            .service(SwaggerUi::new("/api/v1/docs/{_:.*}").config(
                // The validator is a service of somebody else.
                Config::new(["/api/v1/openapi.json"]).validator_url("none"),
            ))
    });
}

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(openapi_json);
}

async fn to_pages() -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header((header::LOCATION, PAGES))
        .finish()
}

/// This document.
#[utoipa::path(
    tag = "public",
    responses(
        (status = 200, description = "OpenAPI", body = Object, content_type = "application/json"),
        crate::http::problem::Problems,
    ),
)]
#[get("/openapi.json")]
async fn openapi_json(document: Data<OpenApi>) -> HttpResponse {
    HttpResponse::Ok().json(document)
}
