//! Faults, quota, the webhook's address, time.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use serde_json::json;

use crate::shared::Shared;
use crate::state::Fault;

fn done() -> HttpResponse {
    HttpResponse::Ok().json(json!({}))
}

pub(super) async fn add_fault(shared: Data<Shared>, fault: Json<Fault>) -> HttpResponse {
    shared.world().faults.add(fault.into_inner());
    done()
}

pub(super) async fn faults(shared: Data<Shared>) -> HttpResponse {
    let list = shared.world().faults.list();
    HttpResponse::Ok().json(json!({"faults": list}))
}

pub(super) async fn clear_faults(shared: Data<Shared>) -> HttpResponse {
    shared.world().faults.clear();
    done()
}

#[derive(Deserialize)]
pub(super) struct QuotaLimit {
    limit: Option<u64>,
}

pub(super) async fn quota(shared: Data<Shared>, body: Json<QuotaLimit>) -> HttpResponse {
    shared.world().quota.limit = body.limit;
    done()
}

#[derive(Deserialize)]
pub(super) struct WebhookUrl {
    url: Option<String>,
}

pub(super) async fn webhook(shared: Data<Shared>, body: Json<WebhookUrl>) -> HttpResponse {
    shared.world().webhook_url = body.into_inner().url;
    done()
}

#[derive(Deserialize)]
pub(super) struct Redeliver {
    webhook_event_id: Option<String>,
    /// Else the one that told of this message.
    message_id: Option<String>,
}

pub(super) async fn redeliver(shared: Data<Shared>, body: Json<Redeliver>) -> HttpResponse {
    let of_message = |id: &String| shared.world().webhooks.of_message(id);
    let named = body.webhook_event_id.clone();
    let id = named.or_else(|| body.message_id.as_ref().and_then(of_message));
    if id.is_some_and(|id| shared.redeliver(&id)) {
        done()
    } else {
        HttpResponse::NotFound().json(json!({"message": "no such webhook"}))
    }
}

#[derive(Deserialize)]
pub(super) struct Advance {
    seconds: u64,
}

pub(super) async fn advance_clock(shared: Data<Shared>, body: Json<Advance>) -> HttpResponse {
    shared.clock.advance(Duration::from_secs(body.seconds));
    done()
}

/// Answers when no webhook is open any more.
pub(super) async fn flush(shared: Data<Shared>) -> HttpResponse {
    shared.outbox.flush().await;
    done()
}

pub(super) async fn reset(shared: Data<Shared>) -> HttpResponse {
    shared.world().reset();
    shared.announce("friends", &serde_json::Value::Null);
    done()
}
