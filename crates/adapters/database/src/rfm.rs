//! Scores of guests who have stayed, made by the database a stretch of members at a time. Every
//! run writes rows of a generation of its own, so nobody needs a lock to keep runs apart, and
//! readers see one generation or the next, never something between.

use crate::dialect::rows;
use crate::sql::{Sql, known, sql};
use crate::stays::TOOK_PLACE;
use crate::{Database, DatabaseTx};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use crm_analytics::{
    Borders, KeptCell, KeptGrid, RfmBorders, RfmGeneration, RfmGenerations, RfmQueries, RfmSum,
    Stretch,
};
use crm_kernel::{MemberId, RfmScores, StoreError};
use sea_orm::{FromQueryResult, Value};

/// The generation that is shown, as a value in SQL.
pub(crate) const SHOWN: &str = "(SELECT shown FROM rfm_state WHERE id = 1)";

#[derive(FromQueryResult)]
struct StateRow {
    begun: i64,
    shown: i64,
}

#[derive(FromQueryResult)]
struct CellRow {
    recency: i32,
    frequency: i32,
    money: i32,
    members: i64,
    amount_minor: i64,
}

#[derive(FromQueryResult)]
struct GridRow {
    computed_at: Option<DateTime<Utc>>,
    recency: Option<i32>,
    frequency: Option<i32>,
    money: Option<i32>,
    members: Option<i64>,
    amount_minor: Option<i64>,
}

#[derive(FromQueryResult)]
struct DayRow {
    value: Option<NaiveDate>,
}

/// Scores as they are stored; none where one is missing.
pub(crate) fn scores(
    recency: Option<i32>,
    frequency: Option<i32>,
    money: Option<i32>,
) -> Option<RfmScores> {
    let score = |stored: Option<i32>| {
        let score = u8::try_from(stored?).ok()?;
        RfmScores::RANGE.contains(&score).then_some(score)
    };
    Some(RfmScores {
        recency: score(recency)?,
        frequency: score(frequency)?,
        money: score(money)?,
    })
}

/// The last member of the next stretch, if it is not the last stretch: `rows` is
/// `<table> WHERE <condition>`.
fn end_of_stretch(rows: Sql, after: i64, at_once: u32) -> Sql {
    sql("SELECT member_id FROM ")
        .join(rows)
        .then(" AND member_id > ? ORDER BY member_id LIMIT 1 OFFSET ?")
        .bind(after)
        .bind(i64::from(at_once) - 1)
}

/// `… AND member_id > ? AND member_id <= ?`.
fn within(statement: Sql, after: i64, last: i64) -> Sql {
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
fn different(column: &str, generation: i64) -> Sql {
    sql(format!(
        "SELECT DISTINCT {column} AS value FROM member_rfm WHERE generation = ? \
         ORDER BY value LIMIT 5"
    ))
    .bind(generation)
}

/// The values at these places when a measure is put in order; a day that is not known comes
/// first on both databases.
fn at_places(column: &str, generation: i64, places: [i64; 4]) -> Sql {
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
fn left_over(generation: i64, shown: i64) -> Sql {
    sql("member_rfm WHERE generation < ? AND generation <> ?")
        .bind(generation)
        .bind(shown)
}

impl Database {
    async fn rfm_state(&self) -> Result<StateRow, StoreError> {
        let row = sql("SELECT begun, shown FROM rfm_state WHERE id = 1").one(&self.pool);
        known(row.await?, "state of the scores")
    }

    async fn rfm_overtaken(&self, generation: RfmGeneration) -> Result<bool, StoreError> {
        Ok(self.rfm_state().await?.begun != generation.0)
    }

    /// Runs a statement over members until `last`, or over all that are left.
    async fn stretch(
        &self,
        last: Option<i64>,
        statement: impl FnOnce(i64) -> Sql,
    ) -> Result<Stretch, StoreError> {
        let statement = statement(last.unwrap_or(i64::MAX));
        // On MySQL in a transaction that reads what is committed, so that it locks no stay.
        let tx = self.begin_tx().await?;
        statement.run(&tx.tx).await?;
        tx.finish().await?;
        Ok(last.map_or(Stretch::Ended, |last| Stretch::To(MemberId::new(last))))
    }

    async fn end_of(&self, stretch: Sql) -> Result<Option<i64>, StoreError> {
        let found: Vec<i64> = stretch.ids(&self.pool).await?;
        Ok(found.first().copied())
    }

    async fn day_borders(
        &self,
        generation: i64,
        places: [i64; 4],
    ) -> Result<Borders<Option<NaiveDate>>, StoreError> {
        let column = "last_check_out";
        let few: Vec<DayRow> = different(column, generation).all(&self.pool).await?;
        let few: Vec<_> = few.into_iter().map(|row| row.value).collect();
        if let Some(borders) = Borders::of_few(&few) {
            return Ok(borders);
        }
        let found = at_places(column, generation, places);
        let found: Vec<DayRow> = found.all(&self.pool).await?;
        four(found.into_iter().map(|row| row.value).collect())
    }

    async fn borders_of(
        &self,
        column: &str,
        generation: i64,
        places: [i64; 4],
    ) -> Result<Borders<i64>, StoreError> {
        let few: Vec<i64> = different(column, generation).ids(&self.pool).await?;
        if let Some(borders) = Borders::of_few(&few) {
            return Ok(borders);
        }
        four(
            at_places(column, generation, places)
                .ids(&self.pool)
                .await?,
        )
    }
}

fn four<T: Ord + Clone>(values: Vec<T>) -> Result<Borders<T>, StoreError> {
    let values: Option<[T; 4]> = values.try_into().ok();
    Ok(Borders::at_places(known(values, "border of scores")?))
}

impl DatabaseTx {
    async fn store_cells(&mut self, cells: Vec<CellRow>) -> Result<(), StoreError> {
        sql("DELETE FROM rfm_cells").run(&self.tx).await?;
        for some in crate::dialect::pieces(&cells, 128) {
            let values = rows(5, some.len());
            let bound = some.iter().flat_map(|cell| -> [Value; 5] {
                [
                    cell.recency.into(),
                    cell.frequency.into(),
                    cell.money.into(),
                    cell.members.into(),
                    cell.amount_minor.into(),
                ]
            });
            sql(format!(
                "INSERT INTO rfm_cells (recency, frequency, money, members, amount_minor) \
                 VALUES {values}"
            ))
            .bind_all(bound)
            .run(&self.tx)
            .await?;
        }
        Ok(())
    }
}

#[async_trait]
impl RfmGenerations for Database {
    async fn begin(&self) -> Result<RfmGeneration, StoreError> {
        let tx = self.begin_tx().await?;
        sql("UPDATE rfm_state SET begun = begun + 1 WHERE id = 1")
            .run(&tx.tx)
            .await?;
        let begun = sql("SELECT begun FROM rfm_state WHERE id = 1")
            .number(&tx.tx)
            .await?;
        tx.finish().await?;
        Ok(RfmGeneration(begun))
    }

    async fn clear(
        &self,
        generation: RfmGeneration,
        after: MemberId,
        at_once: u32,
    ) -> Result<Stretch, StoreError> {
        let state = self.rfm_state().await?;
        if state.begun != generation.0 {
            return Ok(Stretch::Overtaken);
        }
        let rows = || left_over(generation.0, state.shown);
        let last = self
            .end_of(end_of_stretch(rows(), after.get(), at_once))
            .await?;
        self.stretch(last, |last| {
            within(sql("DELETE FROM ").join(rows()), after.get(), last)
        })
        .await
    }

    async fn measure(
        &self,
        generation: RfmGeneration,
        after: MemberId,
        at_once: u32,
    ) -> Result<Stretch, StoreError> {
        if self.rfm_overtaken(generation).await? {
            return Ok(Stretch::Overtaken);
        }
        let last = self.end_of(measured_stretch(after.get(), at_once)).await?;
        self.stretch(last, |last| measuring(generation.0, after.get(), last))
            .await
    }

    async fn borders(&self, generation: RfmGeneration) -> Result<RfmBorders, StoreError> {
        let n = sql("SELECT COUNT(*) FROM member_rfm WHERE generation = ?")
            .bind(generation.0)
            .number(&self.pool)
            .await?;
        let places = Borders::<i64>::places(n.unsigned_abs());
        let places = places.map(|place| i64::try_from(place).unwrap_or(i64::MAX));
        Ok(RfmBorders {
            recency: self.day_borders(generation.0, places).await?,
            frequency: self.borders_of("stays", generation.0, places).await?,
            money: self
                .borders_of("amount_minor", generation.0, places)
                .await?,
        })
    }

    async fn score(
        &self,
        generation: RfmGeneration,
        borders: &RfmBorders,
        after: MemberId,
        at_once: u32,
    ) -> Result<Stretch, StoreError> {
        if self.rfm_overtaken(generation).await? {
            return Ok(Stretch::Overtaken);
        }
        let rows = sql("member_rfm WHERE generation = ?").bind(generation.0);
        let last = self
            .end_of(end_of_stretch(rows, after.get(), at_once))
            .await?;
        self.stretch(last, |last| {
            scoring(generation.0, borders, after.get(), last)
        })
        .await
    }

    async fn show(
        &self,
        generation: RfmGeneration,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        // Nobody else writes rows of this generation, so they can be counted beforehand.
        let cells: Vec<CellRow> = sql("SELECT recency, frequency, money, COUNT(*) AS members, \
             CAST(SUM(amount_minor) AS SIGNED) AS amount_minor FROM member_rfm \
             WHERE generation = ? GROUP BY recency, frequency, money")
        .bind(generation.0)
        .all(&self.pool)
        .await?;
        let mut tx = self.begin_tx().await?;
        let shown =
            sql("UPDATE rfm_state SET shown = ?, computed_at = ? WHERE id = 1 AND begun = ?")
                .bind(generation.0)
                .bind(now)
                .bind(generation.0)
                .run(&tx.tx)
                .await?;
        if shown == 0 {
            return Ok(false);
        }
        tx.store_cells(cells).await?;
        tx.finish().await?;
        Ok(true)
    }
}

#[async_trait]
impl RfmQueries for Database {
    async fn kept_grid(&self) -> Result<KeptGrid, StoreError> {
        let rows: Vec<GridRow> = grid().all(&self.pool).await?;
        let computed_at = rows.first().and_then(|row| row.computed_at);
        let cells = rows.into_iter().filter_map(|row| {
            Some(KeptCell {
                scores: scores(row.recency, row.frequency, row.money)?,
                sum: RfmSum {
                    members: row.members?,
                    amount_minor: row.amount_minor?,
                },
            })
        });
        Ok(KeptGrid {
            computed_at,
            cells: cells.collect(),
        })
    }
}
