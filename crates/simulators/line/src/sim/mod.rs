//! The control API: what a demo or a test makes happen in LINE. JSON, without authentication.

mod friends;
mod reports;
mod sending;
mod settings;
mod stream;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use serde_json::json;

use crate::guest::Refused;

/// Everything below `/sim`.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/sim/friends", web::post().to(friends::add))
        .route("/sim/friends", web::get().to(reports::friends))
        .route("/sim/friends/bulk", web::post().to(friends::add_many))
        .route("/sim/users", web::post().to(friends::seed))
        .route(
            "/sim/friends/{uid}/follow",
            web::post().to(friends::unblock),
        )
        .route(
            "/sim/friends/{uid}/unblock",
            web::post().to(friends::unblock),
        )
        .route("/sim/friends/{uid}/block", web::post().to(friends::block))
        .route("/sim/friends/{uid}/text", web::post().to(friends::text))
        .route(
            "/sim/friends/{uid}/sticker",
            web::post().to(sending::sticker),
        )
        .route(
            "/sim/friends/{uid}/{kind:image|video|audio|file}",
            web::post().to(sending::media),
        )
        .route(
            "/sim/friends/{uid}/location",
            web::post().to(sending::place),
        )
        .route("/sim/friends/{uid}/unsend", web::post().to(sending::unsend))
        .route("/sim/reply-tokens", web::post().to(friends::reply_tokens))
        .route("/sim/transcoding", web::put().to(sending::preparation))
        .route("/sim/contents/{id}", web::delete().to(sending::delete))
        .route(
            "/sim/friends/{uid}/postback",
            web::post().to(friends::postback),
        )
        .route("/sim/friends/{uid}/tap", web::post().to(friends::tap))
        .route(
            "/sim/friends/{uid}/messages",
            web::get().to(reports::messages),
        )
        .route("/sim/contents/{id}", web::get().to(reports::content))
        .route("/sim/deliveries", web::get().to(reports::deliveries))
        .route("/sim/counters", web::get().to(reports::counters))
        .route("/sim/webhooks", web::get().to(reports::webhooks))
        .route("/sim/events", web::get().to(stream::events))
        .route("/sim/faults", web::post().to(settings::add_fault))
        .route("/sim/faults", web::get().to(settings::faults))
        .route("/sim/faults", web::delete().to(settings::clear_faults))
        .route("/sim/quota", web::put().to(settings::quota))
        .route("/sim/webhook", web::post().to(settings::webhook))
        .route("/sim/redeliver", web::post().to(settings::redeliver))
        .route("/sim/clock", web::post().to(settings::advance_clock))
        .route("/sim/flush", web::post().to(settings::flush))
        .route("/sim/state", web::delete().to(settings::reset));
}

impl actix_web::ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::UnknownUser | Self::NoSuchMessage | Self::NoSuchAction => StatusCode::NOT_FOUND,
            Self::Blocked => StatusCode::CONFLICT,
            Self::BadUserId | Self::BadAction | Self::NotLoopback => StatusCode::BAD_REQUEST,
        }
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).json(json!({"message": self.to_string()}))
    }
}
