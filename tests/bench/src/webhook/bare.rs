//! The least that can be done with a webhook: its signature is checked, and that is all.

use crate::server::Server;
use actix_web::web::{self, Bytes, Data, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse};
use crm_simulator_line::sign;
use std::io;

/// As much as the product reads.
const LARGEST: usize = 1024 * 1024;

struct Secret(String);

/// A server that stores nothing.
pub fn bare(secret: String) -> io::Result<Server> {
    let secret = Data::new(Secret(secret));
    Server::start(move || {
        App::new()
            .app_data(secret.clone())
            .app_data(PayloadConfig::new(LARGEST))
            .route("/api/v1/line/webhook", web::post().to(check))
    })
}

async fn check(request: HttpRequest, body: Bytes, secret: Data<Secret>) -> HttpResponse {
    let signature = request.headers().get("x-line-signature");
    let right = sign(&secret.0, &body);
    if signature.is_some_and(|signature| signature.as_bytes() == right.as_bytes()) {
        HttpResponse::Ok().json(serde_json::json!({}))
    } else {
        HttpResponse::Unauthorized().finish()
    }
}
