//! What is to be seen: friends, chats, figures, webhooks.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::guest::Refused;
use crate::shared::Shared;
use crate::state::{ChatMessage, User};

const PAGE_SIZE: usize = 50;

#[derive(Deserialize)]
pub(super) struct FriendsQuery {
    #[serde(default)]
    page: usize,
    #[serde(default)]
    q: String,
}

/// Newest first, fifty to a page; `page` counts from 1.
pub(super) async fn friends(shared: Data<Shared>, query: Query<FriendsQuery>) -> HttpResponse {
    let wanted = query.q.trim().to_lowercase();
    let world = shared.world();
    let matches = |user: &&User| {
        wanted.is_empty()
            || user.name().to_lowercase().contains(&wanted)
            || user.uid.to_string().to_lowercase().contains(&wanted)
    };
    let page = query.page.max(1);
    let rows: Vec<Value> = world
        .users
        .iter()
        .rev()
        .filter(matches)
        .skip((page - 1) * PAGE_SIZE)
        .take(PAGE_SIZE)
        .map(row)
        .collect();
    HttpResponse::Ok().json(json!({
        "friends": rows,
        "page": page,
        "page_size": PAGE_SIZE,
        "total": world.users.len(),
    }))
}

fn row(user: &User) -> Value {
    let last = user.last_message();
    json!({
        "uid": user.uid.to_string(),
        "display_name": user.name(),
        "picture_url": user.picture_url,
        "following": user.following,
        "deliveries": user.deliveries,
        "last_at": last.as_ref().map(|m| m.at),
        "last_text": last.as_ref().map(summary),
    })
}

fn summary(message: &ChatMessage) -> String {
    let body = &message.message;
    let text = body["text"].as_str().or(body["altText"].as_str());
    text.or(body["type"].as_str())
        .unwrap_or_default()
        .chars()
        .take(60)
        .collect()
}

pub(super) async fn messages(
    shared: Data<Shared>,
    uid: Path<String>,
) -> Result<HttpResponse, Refused> {
    let uid = Shared::uid(&uid)?;
    // Whoever looks at the chat looks through the guest's eyes.
    shared.look(uid)?;
    let world = shared.world();
    let user = world.users.get(uid).ok_or(Refused::UnknownUser)?;
    let mut chat = row(user);
    chat["messages"] = json!(user.messages());
    Ok(HttpResponse::Ok().json(chat))
}

/// What a guest sent, for the phone page (LINE's own endpoint wants the token).
pub(super) async fn content(shared: Data<Shared>, id: Path<String>) -> HttpResponse {
    let found = shared.world().contents.of_guest(&id);
    found.map_or_else(
        || HttpResponse::NotFound().finish(),
        |picture| {
            HttpResponse::Ok()
                .content_type(picture.mime)
                .body(picture.bytes.to_vec())
        },
    )
}

#[derive(Deserialize)]
pub(super) struct DeliveriesQuery {
    uid: Option<String>,
}

/// Of one user, or of everybody who received anything.
pub(super) async fn deliveries(
    shared: Data<Shared>,
    query: Query<DeliveriesQuery>,
) -> Result<HttpResponse, Refused> {
    let Some(text) = &query.uid else {
        let all: BTreeMap<String, u32> = shared.deliveries();
        return Ok(HttpResponse::Ok().json(all));
    };
    let uid = Shared::uid(text)?;
    let count = shared.world().users.get(uid).map_or(0, |u| u.deliveries);
    Ok(HttpResponse::Ok().json(json!({"uid": text, "deliveries": count})))
}

pub(super) async fn counters(shared: Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().json(shared.counters())
}

pub(super) async fn webhooks(shared: Data<Shared>) -> HttpResponse {
    let list = shared.world().webhooks.list();
    HttpResponse::Ok().json(json!({"webhooks": list}))
}
