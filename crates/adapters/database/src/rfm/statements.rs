//! What is said to the database about scores.

use crate::sql::{Sql, sql};
use crate::stays::TOOK_PLACE;
use crm_analytics::{Borders, RfmBorders};

/// The last member of the next stretch, if it is not the last stretch: `rows` is
/// `<table> WHERE <condition>`.
pub(super) fn end_of_stretch(rows: Sql, after: i64, at_once: u32) -> Sql {
    sql("SELECT member_id FROM ")
        .join(rows)
        .then(" AND member_id > ? ORDER BY member_id LIMIT 1 OFFSET ?")
        .bind(after)
        .bind(i64::from(at_once) - 1)
}

/// `… AND member_id > ? AND member_id <= ?`.
pub(super) fn within(statement: Sql, after: i64, last: i64) -> Sql {
    statement
        .then(" AND member_id > ? AND member_id <= ?")
        .bind(after)
        .bind(last)
}

/// The stretch of stays that `after` is before.
pub(crate) fn measured_stretch(after: i64, at_once: u32) -> Sql {
    end_of_stretch(sql("consumption_records WHERE 1 = 1"), after, at_once)
}

/// Rows of the members of a stretch, not scored yet.
pub(crate) fn measuring(generation: i64, after: i64, last: i64) -> Sql {
    let insert = sql(format!(
        "INSERT INTO member_rfm (member_id, generation, recency, frequency, money, \
         last_check_out, stays, amount_minor) \
         SELECT member_id, ?, 0, 0, 0, MAX(check_out_date), COUNT(*), \
         CAST(SUM(amount_minor) AS SIGNED) FROM consumption_records WHERE {TOOK_PLACE}"
    ))
    .bind(generation);
    within(insert, after, last).then(" GROUP BY member_id")
}

/// Scores of the members of a stretch.
pub(crate) fn scoring(generation: i64, borders: &RfmBorders, after: i64, last: i64) -> Sql {
    let recency = sum_of(borders.recency.each().map(|border| match border {
        None => sql("1"),
        // Whoever's day is known is above those of whom it is not.
        Some(None) => sql("(last_check_out IS NOT NULL)"),
        Some(Some(day)) => sql("COALESCE(last_check_out > ?, 0)").bind(*day),
    }));
    let update = sql("UPDATE member_rfm SET recency = 1 + ")
        .join(recency)
        .then(", frequency = 1 + ")
        .join(above("stays", &borders.frequency))
        .then(", money = 1 + ")
        .join(above("amount_minor", &borders.money))
        .then(" WHERE generation = ?")
        .bind(generation);
    within(update, after, last)
}

fn above(column: &str, borders: &Borders<i64>) -> Sql {
    sum_of(borders.each().map(|border| match border {
        None => sql("1"),
        Some(value) => sql(format!("({column} > ?)")).bind(*value),
    }))
}

fn sum_of(terms: impl Iterator<Item = Sql>) -> Sql {
    terms.fold(sql("0"), |sum, term| sum.then(" + ").join(term))
}

/// The first few different values of a measure.
pub(super) fn different(column: &str, generation: i64) -> Sql {
    sql(format!(
        "SELECT DISTINCT {column} AS value FROM member_rfm WHERE generation = ? \
         ORDER BY value LIMIT 5"
    ))
    .bind(generation)
}

/// The values at these places when a measure is put in order; a day that is not known comes
/// first on both databases.
pub(super) fn at_places(column: &str, generation: i64, places: [i64; 4]) -> Sql {
    sql(format!(
        "SELECT value FROM (SELECT {column} AS value, ROW_NUMBER() OVER (ORDER BY {column}) \
         AS place FROM member_rfm WHERE generation = ?) p WHERE place IN (?, ?, ?, ?) \
         ORDER BY place"
    ))
    .bind(generation)
    .bind_all(places)
}

/// Every cell with the state of all, or one row without a cell.
pub(crate) fn grid() -> Sql {
    sql(
        "SELECT s.computed_at, c.recency, c.frequency, c.money, c.members, c.amount_minor \
         FROM rfm_state s LEFT JOIN rfm_cells c ON s.shown > 0 WHERE s.id = 1",
    )
}

/// Rows of earlier generations that are not shown.
pub(super) fn left_over(generation: i64, shown: i64) -> Sql {
    sql("member_rfm WHERE generation < ? AND generation <> ?")
        .bind(generation)
        .bind(shown)
}
