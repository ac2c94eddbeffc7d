use crate::sql::sql;
use crate::{Database, DatabaseTx};
use chrono::{DateTime, TimeDelta, Utc};
use crm_campaigns::{LineFigures, LineStats, LineStatsDue};
use crm_kernel::{CampaignId, StoreError};
use sea_orm::FromQueryResult;

/// Questions about figures that LINE answers in an hour (reference, "Rate limits").
const QUESTIONS: i64 = 60;
const HOUR: TimeDelta = TimeDelta::hours(1);
/// Asked about for so long: LINE counts for 14 days after each send and changes nothing after.
const OLDEST: TimeDelta = TimeDelta::days(30);

/// What LINE told of a campaign, as columns of `campaigns c`.
pub(crate) const LINE_COLUMNS: &str = "c.line_unique_impressions, c.line_unique_clicks, \
    c.line_unique_media_played, c.line_unique_media_completed, c.line_fetched_at";

#[derive(FromQueryResult)]
pub(crate) struct LineStored {
    line_unique_impressions: Option<i64>,
    line_unique_clicks: Option<i64>,
    line_unique_media_played: Option<i64>,
    line_unique_media_completed: Option<i64>,
    line_fetched_at: Option<DateTime<Utc>>,
}

impl LineStored {
    pub(crate) fn into_view(self) -> Option<LineStats> {
        self.line_fetched_at.map(|fetched_at| LineStats {
            figures: LineFigures {
                unique_impressions: self.line_unique_impressions,
                unique_clicks: self.line_unique_clicks,
                unique_media_played: self.line_unique_media_played,
                unique_media_completed: self.line_unique_media_completed,
            },
            fetched_at,
        })
    }
}

#[derive(FromQueryResult)]
struct DueRow {
    id: i64,
    line_unit: String,
    sent_at: DateTime<Utc>,
}

impl DatabaseTx {
    pub(crate) async fn units_since(&mut self, from: DateTime<Utc>) -> Result<i64, StoreError> {
        // A started campaign is shown at the time of its start.
        sql("SELECT COUNT(*) FROM campaigns \
             WHERE shown_at >= ? AND sent_at >= ? AND line_unit IS NOT NULL")
        .bind(from)
        .bind(from)
        .number(&self.tx)
        .await
    }

    pub(crate) async fn note_question(
        &mut self,
        id: CampaignId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let noted = sql("UPDATE campaigns SET line_asked_at = ? \
             WHERE id = ? AND (line_asked_at IS NULL OR line_asked_at <= ?)")
        .bind(now)
        .bind(id.get())
        .bind(now - HOUR)
        .run(&self.tx)
        .await?;
        Ok(noted > 0)
    }

    pub(crate) async fn keep_figures(
        &mut self,
        id: CampaignId,
        figures: &LineFigures,
        told_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        sql(
            "UPDATE campaigns SET line_unique_impressions = ?, line_unique_clicks = ?, \
             line_unique_media_played = ?, line_unique_media_completed = ?, \
             line_fetched_at = ? WHERE id = ?",
        )
        .bind(figures.unique_impressions)
        .bind(figures.unique_clicks)
        .bind(figures.unique_media_played)
        .bind(figures.unique_media_completed)
        .bind(told_at)
        .bind(id.get())
        .run(&self.tx)
        .await?;
        Ok(())
    }
}

impl Database {
    pub(crate) async fn next_for_line(
        &self,
        now: DateTime<Utc>,
    ) -> Result<Option<LineStatsDue>, StoreError> {
        // No campaign is asked about twice in an hour, so these are all the questions of one.
        let asked = sql("SELECT COUNT(*) FROM campaigns WHERE line_asked_at > ?")
            .bind(now - HOUR)
            .number(&self.pool)
            .await?;
        if asked >= QUESTIONS {
            return Ok(None);
        }
        let (day, days) = (TimeDelta::days(1), TimeDelta::days(3));
        let row: Option<DueRow> = sql("SELECT id, line_unit, sent_at FROM campaigns \
             WHERE shown_at >= ? AND sent_at >= ? AND sent_at <= ? AND line_unit IS NOT NULL \
             AND (line_asked_at IS NULL OR line_asked_at <= ? \
             OR (sent_at >= ? AND line_asked_at <= ?) OR (sent_at >= ? AND line_asked_at <= ?)) \
             ORDER BY CASE WHEN line_asked_at IS NULL THEN 0 ELSE 1 END, line_asked_at, id LIMIT 1")
        .bind(now - OLDEST)
        .bind(now - OLDEST)
        .bind(now - HOUR)
        .bind(now - day)
        .bind(now - day)
        .bind(now - HOUR)
        .bind(now - days)
        .bind(now - TimeDelta::hours(6))
        .one(&self.pool)
        .await?;
        Ok(row.map(|row| LineStatsDue {
            campaign: CampaignId::new(row.id),
            unit: row.line_unit,
            sent_at: row.sent_at,
        }))
    }
}
