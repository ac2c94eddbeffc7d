use crate::http::limits::{self, RateLimits};
use crate::http::repeat::{self, repeatable};
use crate::http::streams::Streams;
use crate::http::{self, edge::edge};
use crate::openapi::base_document;
use actix_cors::Cors;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Data};
use actix_web::{App, Error};
use crm_bootstrap::{Crm, Settings};
use utoipa_actix_web::AppExt;

/// How long a browser remembers what it may do, in seconds.
const PREFLIGHT_AGE: usize = 600;

/// The whole API over this product. What shares `limits` is counted together, and what shares
/// `streams` looks only once for all who listen to the same.
pub fn create_app(
    crm: &Crm,
    settings: &Settings,
    limits: &RateLimits,
    streams: &Streams,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = Error,
        InitError = (),
    > + use<>,
> {
    let (app, document) = App::new()
        .into_utoipa_app()
        .openapi(base_document())
        .app_data(Data::new(crm.clone()))
        .app_data(Data::new(limits.clone()))
        .app_data(Data::new(streams.clone()))
        .app_data(Data::new(settings.clone()))
        .configure(http::routes)
        .split_for_parts();
    // From the inside out: the edge sees every answer with its CORS headers, and what it writes
    // is compressed too.
    app.app_data(Data::new(document))
        .default_service(web::to(http::fallback::unknown))
        .wrap(from_fn(repeatable))
        .wrap(cors(&settings.cors_allowed_origins))
        .wrap(from_fn(edge))
        .wrap(Compress::default())
}

fn cors(origins: &[String]) -> Cors {
    origins
        .iter()
        .fold(Cors::default(), |cors, origin| cors.allowed_origin(origin))
        .allowed_methods(["GET", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .allowed_headers(["x-request-id", "last-event-id", repeat::KEY])
        .expose_headers(["location", "retry-after", "x-request-id", repeat::REPLAYED])
        .expose_headers(limits::HEADERS)
        .max_age(PREFLIGHT_AGE)
}
