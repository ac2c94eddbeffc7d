//! The page for people: rows, requests, and buttons for trouble.

use actix_web::HttpResponse;
use actix_web::web::{self, Path, ServiceConfig};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Assets;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/", web::get().to(index))
        .route("/page/{file}", web::get().to(asset));
}

async fn index() -> HttpResponse {
    serve("index.html")
}

async fn asset(file: Path<String>) -> HttpResponse {
    serve(&file)
}

fn serve(name: &str) -> HttpResponse {
    Assets::get(name).map_or_else(
        || HttpResponse::NotFound().finish(),
        |file| {
            HttpResponse::Ok()
                .content_type(file.metadata.mimetype())
                .insert_header(("cache-control", "no-cache"))
                .body(file.data.into_owned())
        },
    )
}
