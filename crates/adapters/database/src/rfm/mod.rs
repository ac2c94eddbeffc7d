//! Scores of guests who have stayed, made by the database a stretch of members at a time. Every
//! run writes rows of a generation of its own, so nobody needs a lock to keep runs apart, and
//! readers see one generation or the next, never something between.

mod statements;

pub(crate) use statements::{grid, measured_stretch, measuring, scoring};

use crate::dialect::rows;
use crate::sql::{Sql, known, sql};
use crate::{Database, DatabaseTx};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use crm_analytics::{
    Borders, KeptCell, KeptGrid, RfmBorders, RfmGeneration, RfmGenerations, RfmQueries, RfmSum,
    Stretch,
};
use crm_kernel::{MemberId, RfmScores, StoreError};
use sea_orm::{FromQueryResult, Value};
use statements::{at_places, different, end_of_stretch, left_over, within};

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
