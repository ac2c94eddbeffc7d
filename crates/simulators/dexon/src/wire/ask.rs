//! What a request asks for.

use std::collections::HashMap;

use actix_web::web::Query;
use chrono::{DateTime, NaiveDate};

use super::cursor::Cursor;
use crate::hotel::{Table, Window};

const USUAL_LIMIT: usize = 200;
const MAX_LIMIT: usize = 1_000;
const KNOWN: [&str; 6] = [
    "updated_since",
    "updated_until",
    "limit",
    "cursor",
    "arrival_from",
    "arrival_to",
];

/// What a request asks for.
#[derive(Debug, Default)]
pub(super) struct Ask {
    pub since: Option<i64>,
    pub until: Option<i64>,
    pub limit: usize,
    pub cursor: Option<Cursor>,
    pub arrivals: Option<(NaiveDate, NaiveDate)>,
}

impl Ask {
    /// Reads a query strictly: what a lax server would let pass is a client's mistake.
    pub(super) fn read(query: &str, table: Table) -> Result<Self, String> {
        let query = Query::<HashMap<String, String>>::from_query(query)
            .map_err(|_| "unreadable query".to_owned())?;
        if let Some(name) = query.keys().find(|name| !KNOWN.contains(&name.as_str())) {
            return Err(format!("unknown parameter {name}"));
        }
        let moment = |name: &str| match query.get(name) {
            Some(text) => DateTime::parse_from_rfc3339(text)
                .map(|at| Some(at.timestamp()))
                .map_err(|_| format!("{name} is not RFC 3339")),
            None => Ok(None),
        };
        let day = |name: &str| match query.get(name) {
            Some(text) => NaiveDate::parse_from_str(text, "%Y-%m-%d")
                .map(Some)
                .map_err(|_| format!("{name} is not a date")),
            None => Ok(None),
        };
        let limit = match query.get("limit") {
            Some(text) => text
                .parse()
                .map_err(|_| "limit is not a number".to_owned())?,
            None => USUAL_LIMIT,
        };
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(format!("limit must be 1 to {MAX_LIMIT}"));
        }
        let cursor = match query.get("cursor") {
            Some(text) => Some(
                Cursor::read(text)
                    .filter(|cursor| cursor.window().table == table)
                    .ok_or("unreadable cursor")?,
            ),
            None => None,
        };
        let arrivals = match (day("arrival_from")?, day("arrival_to")?) {
            (None, None) => None,
            (Some(from), Some(to)) if from <= to && table == Table::Stays => Some((from, to)),
            _ => return Err("arrival_from and arrival_to belong together, on stays".to_owned()),
        };
        Ok(Self {
            since: moment("updated_since")?,
            until: moment("updated_until")?,
            limit,
            cursor,
            arrivals,
        })
    }

    /// The window: the cursor's, else a new one that ends now.
    pub(super) fn window(&self, table: Table, now: i64) -> Window {
        self.cursor.as_ref().map_or_else(
            || Window {
                table,
                since: self.since,
                until: self.until.map_or(now, |until| until.min(now)),
                arrivals: self.arrivals,
            },
            Cursor::window,
        )
    }
}
