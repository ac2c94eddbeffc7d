//! The control API: what a demo or a test makes happen. JSON, without authentication.

mod faults;
mod reports;
mod rows;

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use serde_json::json;

use crate::hotel::{NoSuchRow, Table};

/// Everything below `/_sim`.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/_sim/truth", web::get().to(reports::truth))
        .route("/_sim/state", web::get().to(reports::state))
        .route("/_sim/counts", web::get().to(reports::counts))
        .route("/_sim/counts", web::delete().to(reports::reset))
        .route("/_sim/requests", web::get().to(reports::requests))
        .route("/_sim/faults", web::get().to(faults::list))
        .route("/_sim/faults", web::post().to(faults::order))
        .route("/_sim/faults", web::delete().to(faults::clear))
        .route("/_sim/cursors", web::delete().to(faults::expire))
        .route("/_sim/clock", web::post().to(faults::clock))
        .route("/_sim/business-date", web::post().to(rows::business_date))
        .route("/_sim/check-out", web::post().to(rows::somebody_leaves))
        .route("/_sim/guests/{key}/merge", web::post().to(rows::merge))
        .route(
            "/_sim/stays/{key}/{deed:check-in|check-out|cancel}",
            web::post().to(rows::stay),
        )
        .route("/_sim/{table:guests|stays}", web::get().to(reports::rows))
        .route("/_sim/{table:guests|stays}", web::post().to(rows::add))
        .route(
            "/_sim/{table:guests|stays}/change",
            web::post().to(rows::change_many),
        )
        .route(
            "/_sim/{table:guests|stays}/{key}",
            web::get().to(reports::row),
        )
        .route(
            "/_sim/{table:guests|stays}/{key}",
            web::patch().to(rows::change),
        )
        .route(
            "/_sim/{table:guests|stays}/{key}",
            web::delete().to(rows::delete),
        );
}

fn table(name: &str) -> Table {
    if name == "guests" {
        Table::Guests
    } else {
        Table::Stays
    }
}

/// An order without a room means its first one.
fn key(table: Table, key: &str) -> String {
    if table == Table::Stays && !key.contains('-') && !key.starts_with('~') {
        format!("{key}-001")
    } else {
        key.to_owned()
    }
}

fn done(outcome: Result<(), NoSuchRow>) -> HttpResponse {
    match outcome {
        Ok(()) => HttpResponse::Ok().json(json!({"ok": true})),
        Err(missing) => HttpResponse::NotFound().json(json!({"error": missing.to_string()})),
    }
}
