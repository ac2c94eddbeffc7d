//! Trouble, cursors, and the clock.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use serde_json::json;

use crate::dirt::plain;
use crate::faults::FaultOrder;
use crate::shared::Shared;
use crate::time::taipei;

#[derive(Debug, Deserialize)]
pub(super) struct Seconds {
    seconds: i64,
}

pub(super) async fn list(shared: Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().json(shared.world().faults.list())
}

pub(super) async fn order(shared: Data<Shared>, order: Json<FaultOrder>) -> HttpResponse {
    let mut world = shared.world();
    world.faults.add(order.into_inner());
    HttpResponse::Ok().json(world.faults.list())
}

pub(super) async fn clear(shared: Data<Shared>) -> HttpResponse {
    shared.world().faults.clear();
    HttpResponse::NoContent().finish()
}

pub(super) async fn expire(shared: Data<Shared>) -> HttpResponse {
    shared.world().life += 1;
    HttpResponse::NoContent().finish()
}

pub(super) async fn clock(shared: Data<Shared>, by: Json<Seconds>) -> HttpResponse {
    let mut world = shared.world();
    world.ahead += by.seconds;
    HttpResponse::Ok().json(json!({"now": plain(taipei(world.now()))}))
}
