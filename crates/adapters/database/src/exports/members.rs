//! Guests for a sheet: a page by their numbers or by when they joined, then what they wear and
//! what they spent, each in one look at the same stretch of numbers.

use crate::Database;
use crate::dialect::{marks, named};
use crate::sql::{Sql, sql};
use crate::stays::TOOK_PLACE;
use chrono::{DateTime, NaiveDate, Utc};
use crm_exports::{MemberLine, Place, Stretch};
use crm_kernel::StoreError;
use sea_orm::FromQueryResult;
use std::collections::HashMap;

#[derive(FromQueryResult)]
struct MemberRow {
    id: i64,
    last_name: Option<String>,
    first_name: Option<String>,
    line_display_name: Option<String>,
    gender: Option<String>,
    birthday: Option<NaiveDate>,
    email: Option<String>,
    phone: Option<String>,
    id_number_sealed: Option<String>,
    source: String,
    line_state: Option<String>,
    accept_marketing: bool,
    created_at: DateTime<Utc>,
    last_interaction_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct WornRow {
    member_id: i64,
    name: String,
}

#[derive(FromQueryResult)]
struct SpentRow {
    member_id: i64,
    stays: i64,
    spent: Option<i64>,
}

const COLUMNS: &str = "SELECT id, last_name, first_name, line_display_name, gender, birthday, \
    email, phone, id_number_sealed, source, line_state, accept_marketing, created_at, \
    last_interaction_at FROM members";

/// A page of guests, along the key or along the index of when they joined.
pub(crate) fn page_of_members(joined: Option<Stretch>, after: Option<Place>, limit: u32) -> Sql {
    let page = match (joined, after) {
        (None, after) => sql(format!("{COLUMNS} WHERE id > ? ORDER BY id"))
            .bind(after.map_or(0, |place| place.id)),
        (Some((from, until)), None) => sql(format!(
            "{COLUMNS} WHERE created_at >= ? AND created_at < ? ORDER BY created_at, id"
        ))
        .bind(from)
        .bind(until),
        (Some((_, until)), Some(place)) => sql(format!(
            "{COLUMNS} WHERE created_at >= ? AND created_at < ? \
             AND (created_at > ? OR id > ?) ORDER BY created_at, id"
        ))
        .bind(place.at)
        .bind(until)
        .bind(place.at)
        .bind(place.id),
    };
    page.then(" LIMIT ?").bind(i64::from(limit))
}

/// Conditions that find these guests in another table: one for all of a stretch of numbers
/// without gaps that matter, or else lists.
fn among(ids: &[i64], in_a_row: bool) -> Vec<Sql> {
    match (ids.first(), ids.last()) {
        (Some(first), Some(last)) if in_a_row => {
            let between = sql("r.member_id >= ? AND r.member_id <= ?");
            vec![between.bind(*first).bind(*last)]
        }
        _ => named(ids)
            .map(|some| sql(format!("r.member_id IN ({})", marks(some.len()))).bind_all(some))
            .collect(),
    }
}

impl Database {
    pub(super) async fn member_lines(
        &self,
        joined: Option<Stretch>,
        after: Option<Place>,
        limit: u32,
    ) -> Result<Vec<MemberLine>, StoreError> {
        let rows: Vec<MemberRow> = page_of_members(joined, after, limit)
            .all(&self.pool)
            .await?;
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let mut worn: HashMap<i64, Vec<String>> = HashMap::new();
        let mut spent: HashMap<i64, (i64, i64)> = HashMap::new();
        for some in among(&ids, joined.is_none()) {
            let tags: Vec<WornRow> = sql("SELECT r.member_id, t.name FROM member_tag_relations r \
                 JOIN tags t ON t.id = r.tag_id WHERE ")
            .join(some.clone())
            .then(" ORDER BY r.member_id, t.id")
            .all(&self.pool)
            .await?;
            for row in tags {
                worn.entry(row.member_id).or_default().push(row.name);
            }
            let sums: Vec<SpentRow> = sql("SELECT r.member_id, COUNT(*) AS stays, \
                 CAST(SUM(r.amount_minor) AS SIGNED) AS spent FROM consumption_records r WHERE ")
            .join(some)
            .then(&format!(" AND {TOOK_PLACE} GROUP BY r.member_id"))
            .all(&self.pool)
            .await?;
            let sums = sums.into_iter();
            spent.extend(sums.map(|row| (row.member_id, (row.stays, row.spent.unwrap_or(0)))));
        }
        let line = |row: MemberRow| {
            let (stays, sum) = spent.get(&row.id).copied().unwrap_or_default();
            MemberLine {
                id: row.id,
                last_name: row.last_name,
                first_name: row.first_name,
                display_name: row.line_display_name,
                gender: row.gender,
                birthday: row.birthday,
                email: row.email,
                phone: row.phone,
                id_number_sealed: row.id_number_sealed,
                source: row.source,
                line_state: row.line_state,
                accept_marketing: row.accept_marketing,
                tags: worn.remove(&row.id).unwrap_or_default(),
                stays,
                spent: sum,
                created_at: row.created_at,
                last_interaction_at: row.last_interaction_at,
            }
        };
        Ok(rows.into_iter().map(line).collect())
    }
}
