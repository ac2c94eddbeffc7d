//! LINE's side of the wire: the Messaging API endpoints.

mod account;
mod answer;
mod connection;
mod content;
mod gate;
mod insight;
mod send;

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use crate::clock;

pub(crate) use connection::remember as remember_connection;

/// Every endpoint the simulator knows. Anything else below `/v2` is LINE's 404.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/v2/bot/message/push", web::post().to(send::push))
        .route("/v2/bot/message/multicast", web::post().to(send::multicast))
        .route("/v2/bot/message/reply", web::post().to(send::reply))
        .route(
            "/v2/bot/message/validate/push",
            web::post().to(send::validate_push),
        )
        .route(
            "/v2/bot/message/validate/multicast",
            web::post().to(send::validate_multicast),
        )
        .route(
            "/v2/bot/message/validate/reply",
            web::post().to(send::validate_reply),
        )
        .route("/v2/bot/message/quota", web::get().to(account::quota))
        .route(
            "/v2/bot/message/quota/consumption",
            web::get().to(account::consumption),
        )
        .route(
            "/v2/bot/insight/message/event/aggregation",
            web::get().to(insight::unit),
        )
        .route(
            "/v2/bot/message/aggregation/info",
            web::get().to(insight::units_used),
        )
        .route(
            "/v2/bot/message/{id}/content",
            web::get().to(content::content),
        )
        .route(
            "/v2/bot/message/{id}/content/transcoding",
            web::get().to(content::transcoding),
        )
        .route("/v2/bot/profile/{uid}", web::get().to(account::profile))
        .route("/v2/bot/info", web::get().to(account::info))
        .route("/v2/{tail:.*}", web::to(unknown));
}

async fn unknown(_request: HttpRequest) -> HttpResponse {
    answer::Answer::not_found().into_response(&clock::request_id())
}
