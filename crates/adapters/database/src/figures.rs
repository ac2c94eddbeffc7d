//! Figures per hotel day: gathered in a unit of work, and moved by its last statements, because
//! everybody writes these rows.

use crate::DatabaseTx;
use crate::dialect::{for_update, pieces, rows, rows_at_once};
use crate::sql::sql;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use crm_kernel::{Figure, Figures, MemberId, StoreError};
use sea_orm::FromQueryResult;

/// A name, what it is counted of, the day, and the part of the total.
pub(crate) type FigureKey = (&'static str, i64, NaiveDate, i32);

/// A name, the first day of a month, and what it is counted of.
pub(crate) type MonthKey = (&'static str, NaiveDate, i64);

/// The first day of a day's month.
pub(crate) fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// Parts of the figure of all subjects. Whoever counts of one subject moves the part of that, and
/// what has no subject goes to each part in turn: nobody waits long for a message of another.
const PARTS: i64 = 8;

/// The part of rows that are gone.
const GONE: i32 = -1;

impl Figures for DatabaseTx {
    fn add(&mut self, figure: Figure, subject: i64, at: DateTime<Utc>, n: i64) {
        if n == 0 {
            return;
        }
        let day = self.hotel.day_of(at);
        let part = if subject == 0 { self.turn } else { subject };
        let part = i32::try_from(part.rem_euclid(PARTS)).unwrap_or_default();
        self.count(figure, (0, day, part), n);
        if subject != 0 {
            self.count(figure, (subject, day, 0), n);
        }
    }
}

impl DatabaseTx {
    /// Moves one part of a day, and with it the month.
    pub(crate) fn count(
        &mut self,
        figure: Figure,
        (subject, day, part): (i64, NaiveDate, i32),
        n: i64,
    ) {
        let name = figure.as_str();
        *self.counted.entry((name, subject, day, part)).or_default() += n;
        if subject != 0 && figure.is_listed() {
            self.count_month(figure, (subject, month_of(day)), n);
        }
    }

    /// Moves a month alone.
    pub(crate) fn count_month(
        &mut self,
        figure: Figure,
        (subject, month): (i64, NaiveDate),
        n: i64,
    ) {
        let key = (figure.as_str(), month, subject);
        *self.counted_months.entry(key).or_default() += n;
    }

    /// Moves the figures that were gathered, days before months and each in the order of their
    /// keys: whoever moves two of them never waits for somebody who waits for him.
    pub(crate) async fn move_figures(&mut self) -> Result<(), StoreError> {
        self.move_days().await?;
        self.move_months().await
    }

    async fn move_months(&mut self) -> Result<(), StoreError> {
        let counted: Vec<(MonthKey, i64)> = std::mem::take(&mut self.counted_months)
            .into_iter()
            .filter(|(_, n)| *n != 0)
            .collect();
        let add = self.adding("name, month, subject");
        for some in pieces(&counted, rows_at_once(4)) {
            let insert = sql(format!(
                "INSERT INTO monthly_figures (name, month, subject, n) VALUES {}",
                rows(4, some.len())
            ));
            let bound = some.iter().fold(insert, |insert, (key, n)| {
                let (name, month, subject) = *key;
                insert.bind(name).bind(month).bind(subject).bind(*n)
            });
            bound.then(&add).run(&self.tx).await?;
        }
        Ok(())
    }

    /// How an insert adds to the row that is there.
    fn adding(&self, key: &str) -> String {
        if self.is_mysql() {
            " ON DUPLICATE KEY UPDATE n = n + VALUES(n)".to_owned()
        } else {
            format!(" ON CONFLICT ({key}) DO UPDATE SET n = n + excluded.n")
        }
    }

    async fn move_days(&mut self) -> Result<(), StoreError> {
        let counted: Vec<(FigureKey, i64)> = std::mem::take(&mut self.counted)
            .into_iter()
            .filter(|(_, n)| *n != 0)
            .collect();
        let add = self.adding("name, subject, day, part");
        for some in pieces(&counted, rows_at_once(5)) {
            let values = rows(5, some.len());
            let insert = sql(format!(
                "INSERT INTO daily_figures (name, subject, day, part, n) VALUES {values}{add}"
            ));
            let bound = some.iter().fold(insert, |insert, (key, n)| {
                let (name, subject, day, part) = *key;
                insert
                    .bind(name)
                    .bind(subject)
                    .bind(day)
                    .bind(part)
                    .bind(*n)
            });
            bound.run(&self.tx).await?;
        }
        Ok(())
    }
}

#[derive(FromQueryResult)]
struct SaidRow {
    direction: String,
    said_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct AnsweredRow {
    auto_response_id: i64,
    status: String,
    created_at: DateTime<Utc>,
}

impl DatabaseTx {
    /// Keeps what was counted of rows that go with their member, apart from what a rebuild can
    /// find again.
    pub(crate) async fn keep_figures_of(&mut self, member: MemberId) -> Result<(), StoreError> {
        let said: Vec<SaidRow> = sql(
            "SELECT direction, COALESCE(sent_at, created_at) AS said_at FROM messages \
             WHERE member_id = ? AND status IN ('received', 'sent') \
             AND (sender_type IS NULL OR sender_type <> 'campaign')",
        )
        .bind(member.get())
        .then(for_update(self.backend()))
        .all(&self.tx)
        .await?;
        for row in said {
            let figure = if row.direction == "incoming" {
                Figure::MessagesReceived
            } else {
                Figure::MessagesSent
            };
            self.part_from_rows(figure, 0, row.said_at);
        }
        let answered: Vec<AnsweredRow> =
            sql("SELECT auto_response_id, status, created_at FROM replies \
             WHERE member_id = ? AND auto_response_id IS NOT NULL")
            .bind(member.get())
            .all(&self.tx)
            .await?;
        for row in answered {
            self.part_from_rows(Figure::RuleFired, row.auto_response_id, row.created_at);
            if row.status == "sent" {
                self.part_from_rows(Figure::RuleSucceeded, row.auto_response_id, row.created_at);
            }
        }
        Ok(())
    }

    /// Moves one from the part that rows stand for to the part of rows that are gone.
    fn part_from_rows(&mut self, figure: Figure, subject: i64, at: DateTime<Utc>) {
        self.add(figure, subject, at, -1);
        let day = self.hotel.day_of(at);
        self.count(figure, (0, day, GONE), 1);
        if subject != 0 {
            self.count(figure, (subject, day, GONE), 1);
        }
    }
}
