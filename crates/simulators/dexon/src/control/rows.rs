//! What clerks do.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{done, key, table};
use crate::hotel::{Fields, NoSuchRow, Table, Verdict};
use crate::shared::Shared;

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(Fields),
    Many(Vec<Fields>),
}

#[derive(Debug, Deserialize)]
pub(super) struct What {
    #[serde(default)]
    verdict: Option<Verdict>,
}

/// The same change of many rows, now or between two pages.
#[derive(Debug, Deserialize)]
pub(super) struct Changes {
    keys: Vec<String>,
    #[serde(default)]
    fields: Fields,
    #[serde(default)]
    after_pages: u32,
}

#[derive(Debug, Deserialize)]
pub(super) struct Into {
    into: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Day {
    date: Option<NaiveDate>,
    days: Option<u64>,
}

pub(super) async fn add(
    shared: Data<Shared>,
    path: Path<String>,
    what: Query<What>,
    rows: Json<OneOrMany>,
) -> HttpResponse {
    let table = table(&path);
    let verdict = what.verdict.unwrap_or(Verdict::Good);
    let rows = match rows.into_inner() {
        OneOrMany::One(row) => vec![row],
        OneOrMany::Many(rows) => rows,
    };
    let keys: Vec<String> = shared.world().clerk(|hotel, now| {
        rows.into_iter()
            .map(|row| hotel.add(table, row, verdict, now))
            .collect()
    });
    HttpResponse::Ok().json(json!({"keys": keys}))
}

pub(super) async fn change(
    shared: Data<Shared>,
    path: Path<(String, String)>,
    fields: Json<Fields>,
) -> HttpResponse {
    let table = table(&path.0);
    let key = key(table, &path.1);
    let fields = fields.into_inner();
    done(
        shared
            .world()
            .clerk(|hotel, now| hotel.change(table, &key, fields, now)),
    )
}

pub(super) async fn change_many(
    shared: Data<Shared>,
    path: Path<String>,
    changes: Json<Changes>,
) -> HttpResponse {
    let table = table(&path);
    let Changes {
        keys,
        fields,
        after_pages,
    } = changes.into_inner();
    let mut world = shared.world();
    let keys: Vec<String> = keys.iter().map(|name| key(table, name)).collect();
    if keys
        .iter()
        .any(|key| world.hotel.find(table, key).is_none())
    {
        return done(Err(NoSuchRow));
    }
    let work = move |hotel: &mut crate::Hotel, now| {
        for key in keys {
            // A row that went in between is not changed.
            let _gone = hotel.change(table, &key, fields.clone(), now);
        }
    };
    if after_pages == 0 {
        world.clerk(work);
    } else {
        world.after_pages(table, after_pages, Box::new(work));
    }
    done(Ok(()))
}

pub(super) async fn delete(shared: Data<Shared>, path: Path<(String, String)>) -> HttpResponse {
    let table = table(&path.0);
    let key = key(table, &path.1);
    done(shared.world().clerk(|hotel, _| hotel.delete(table, &key)))
}

pub(super) async fn merge(
    shared: Data<Shared>,
    path: Path<String>,
    into: Json<Into>,
) -> HttpResponse {
    done(
        shared
            .world()
            .clerk(|hotel, now| hotel.merge(&path, &into.into, now)),
    )
}

pub(super) async fn stay(shared: Data<Shared>, path: Path<(String, String)>) -> HttpResponse {
    let key = key(Table::Stays, &path.0);
    done(shared.world().clerk(|hotel, now| match path.1.as_str() {
        "check-in" => hotel.check_in(&key, now),
        "check-out" => hotel.check_out(&key, now),
        _ => hotel.cancel(&key, now),
    }))
}

/// The guest whose row changed last pays and leaves.
pub(super) async fn somebody_leaves(shared: Data<Shared>) -> HttpResponse {
    let left = shared.world().clerk(|hotel, now| {
        let key = hotel.in_house(1).pop()?;
        hotel.check_out(&key, now).ok()?;
        hotel.find(Table::Stays, &key)
    });
    match left {
        Some(row) => HttpResponse::Ok().json(json!({"key": row.key, "fields": row.fields})),
        None => HttpResponse::NotFound().json(json!({"error": "nobody is in house"})),
    }
}

pub(super) async fn business_date(shared: Data<Shared>, day: Option<Json<Day>>) -> HttpResponse {
    let day = day.map(Json::into_inner).unwrap_or_default();
    let mut world = shared.world();
    match day.date {
        Some(date) => world.hotel.set_business_date(date),
        None => world.hotel.advance_business_date(day.days.unwrap_or(1)),
    }
    let date: Value = json!(world.hotel.business_date().to_string());
    HttpResponse::Ok().json(json!({"business_date": date}))
}
