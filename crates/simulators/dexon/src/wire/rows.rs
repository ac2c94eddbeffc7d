//! The right answers.

use serde_json::{Value, json};

use super::answer::Answer;
use super::ask::Ask;
use super::cursor::Cursor;
use crate::dirt::plain;
use crate::faults::Endpoint;
use crate::hotel::Table;
use crate::shared::World;
use crate::time::taipei;

/// `off` seconds are added to the clock that is told.
pub(super) fn health(world: &World, off: i64) -> Answer {
    let data = json!({
        "version": "1",
        "business_date": world.hotel.business_date().to_string(),
        "server_time": plain(taipei(world.now() + off)),
    });
    Answer::ok(&data, 0)
}

pub(super) fn page(world: &mut World, table: Table, query: &str, off: i64) -> Answer {
    let ask = match Ask::read(query, table) {
        Ok(ask) => ask,
        Err(problem) => return Answer::refused("1001", &problem),
    };
    if ask
        .cursor
        .as_ref()
        .is_some_and(|cursor| cursor.life != world.life)
    {
        return Answer::expired();
    }
    let is_first = ask.cursor.is_none();
    if is_first {
        count(world, table, &ask);
    }
    let window = ask.window(table, world.now());
    let after = ask.cursor.as_ref().map(|cursor| &cursor.last);
    let page = world.hotel.page(&window, after, ask.limit);
    let next =
        page.rows.last().filter(|_| page.has_more).map(|row| {
            Cursor::new(world.life, &window, (row.changed_at, row.key.clone())).written()
        });
    let rows = page.rows.len();
    let items: Vec<Value> = page.rows.into_iter().map(|row| row.fields.into()).collect();
    let mut data = json!({"has_more": page.has_more, "next_cursor": next});
    data["items"] = items.into();
    if is_first {
        data["as_of"] = json!(plain(taipei(window.until + off)));
    }
    world.page_answered(table);
    Answer::ok(&data, rows)
}

fn count(world: &mut World, table: Table, ask: &Ask) {
    let endpoint = match table {
        Table::Guests => Endpoint::Guests,
        Table::Stays => Endpoint::Stays,
    };
    let path = world.counter.path(endpoint);
    if ask.arrivals.is_some() {
        path.arrival_windows += 1;
    } else if ask.since.is_none() {
        path.full_loads += 1;
    }
}
