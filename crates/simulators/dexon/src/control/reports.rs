//! What is there, and what was seen.

use std::collections::VecDeque;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{key, table};
use crate::dirt::plain;
use crate::hotel::{Row, Table, Window};
use crate::shared::Shared;
use crate::time::{at_hour, taipei};

const AT_MOST: usize = 200;

#[derive(Debug, Deserialize)]
pub(super) struct Search {
    /// Part of any value; case does not count.
    #[serde(default)]
    q: String,
    #[serde(default)]
    limit: Option<usize>,
}

pub(super) async fn truth(shared: Data<Shared>) -> HttpResponse {
    let hotel = shared.world().hotel.clone();
    HttpResponse::Ok().json(hotel.truth())
}

pub(super) async fn state(shared: Data<Shared>) -> HttpResponse {
    let world = shared.world();
    HttpResponse::Ok().json(json!({
        "now": plain(taipei(world.now())),
        "business_date": world.hotel.business_date().to_string(),
        "guests": world.hotel.count(Table::Guests),
        "stays": world.hotel.count(Table::Stays),
        "in_house": world.hotel.in_house(AT_MOST).len(),
        "counts": world.counter.counts,
        "faults": world.faults.list(),
    }))
}

pub(super) async fn counts(shared: Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().json(&shared.world().counter.counts)
}

pub(super) async fn reset(shared: Data<Shared>) -> HttpResponse {
    shared.world().counter.reset();
    HttpResponse::NoContent().finish()
}

pub(super) async fn requests(shared: Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().json(&shared.world().counter.last)
}

/// The rows that changed last, the latest first.
pub(super) async fn rows(
    shared: Data<Shared>,
    path: Path<String>,
    search: Query<Search>,
) -> HttpResponse {
    let hotel = shared.world().hotel.clone();
    let words = search.q.trim().to_lowercase();
    let days = if words.is_empty() { 30 } else { 100_000 };
    let window = Window {
        table: table(&path),
        since: Some(at_hour(hotel.today(), 0) - days * 86_400),
        until: i64::MAX,
        arrivals: None,
    };
    let at_most = search.limit.unwrap_or(AT_MOST).clamp(1, AT_MOST);
    let mut found: VecDeque<Row> = VecDeque::new();
    for row in hotel.walk(&window, None) {
        if words.is_empty() || holds(&row, &words) {
            found.push_front(row);
            found.truncate(at_most);
        }
    }
    let shown: Vec<Value> = found.iter().map(told).collect();
    HttpResponse::Ok().json(shown)
}

pub(super) async fn row(shared: Data<Shared>, path: Path<(String, String)>) -> HttpResponse {
    let table = table(&path.0);
    let found = shared.world().hotel.find(table, &key(table, &path.1));
    found.map_or_else(
        || HttpResponse::NotFound().json(json!({"error": "there is no such row"})),
        |row| HttpResponse::Ok().json(told(&row)),
    )
}

fn told(row: &Row) -> Value {
    json!({
        "key": row.key,
        "verdict": row.verdict,
        "meaning": row.meaning,
        "case": row.case,
        "fields": row.fields,
    })
}

fn holds(row: &Row, words: &str) -> bool {
    row.key.to_lowercase().contains(words)
        || row.fields.values().any(|value| match value {
            Value::String(text) => text.to_lowercase().contains(words),
            _ => false,
        })
}
