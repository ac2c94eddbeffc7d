use crate::Database;
use crate::sql::{known, sql};
use chrono::{DateTime, TimeDelta, Utc};
use crm_campaigns::{CampaignProgress, CampaignStatus, Counts, Pace, StatusReason, Taken};
use crm_kernel::{CampaignId, StoreError};
use sea_orm::FromQueryResult;

/// The last seconds, and what is looked at where they saw next to nothing.
const LATELY: TimeDelta = TimeDelta::seconds(10);
const MINUTE: TimeDelta = TimeDelta::seconds(60);
/// So few batches say nothing about a pace.
const FEW: i64 = 3;

#[derive(FromQueryResult)]
struct Row {
    status: String,
    status_reason: Option<String>,
    recipient_count: i64,
    skipped_count: i64,
    sent_count: i64,
    failed_count: i64,
    opened_count: i64,
    clicked_count: i64,
    converted_count: i64,
}

#[derive(FromQueryResult)]
struct TakenRow {
    started_at: Option<DateTime<Utc>>,
    batches: i64,
    lately: i64,
    in_a_minute: i64,
}

impl Database {
    pub(crate) async fn progress_of(
        &self,
        id: CampaignId,
    ) -> Result<Option<CampaignProgress>, StoreError> {
        let row: Option<Row> = sql(
            "SELECT status, status_reason, recipient_count, skipped_count, sent_count, \
             failed_count, opened_count, clicked_count, converted_count FROM campaigns WHERE id = ?",
        )
        .bind(id.get())
        .one(&self.pool)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let reason = row.status_reason.as_deref();
        Ok(Some(CampaignProgress {
            id,
            status: known(CampaignStatus::parse(&row.status), "status of a campaign")?,
            reason: reason
                .map(|code| known(StatusReason::parse(code), "status reason"))
                .transpose()?,
            counts: Counts {
                recipients: row.recipient_count,
                skipped: row.skipped_count,
                sent: row.sent_count,
                failed: row.failed_count,
                opened: row.opened_count,
                clicked: row.clicked_count,
                converted: row.converted_count,
            },
            pace: Pace::default(),
        }))
    }

    /// From the batches alone, whichever process sent them; their index holds all that is read.
    pub(crate) async fn taken_from(
        &self,
        id: CampaignId,
        now: DateTime<Utc>,
    ) -> Result<Taken, StoreError> {
        let lately = now - LATELY;
        let row: Option<TakenRow> = sql(
            "SELECT (SELECT sent_at FROM campaigns WHERE id = ?) AS started_at, \
             CAST(COALESCE(SUM(CASE WHEN finished_at >= ? THEN 1 ELSE 0 END), 0) AS SIGNED) \
             AS batches, \
             CAST(COALESCE(SUM(CASE WHEN finished_at >= ? THEN size ELSE 0 END), 0) AS SIGNED) \
             AS lately, CAST(COALESCE(SUM(size), 0) AS SIGNED) AS in_a_minute \
             FROM campaign_batches \
             WHERE campaign_id = ? AND finished_at >= ? AND state = 'accepted'",
        )
        .bind(id.get())
        .bind(lately)
        .bind(lately)
        .bind(id.get())
        .bind(now - MINUTE)
        .one(&self.pool)
        .await?;
        let Some(row) = row else {
            return Err(StoreError::internal("a sum without a row"));
        };
        let (recipients, within) = if row.batches >= FEW {
            (row.lately, LATELY)
        } else {
            (row.in_a_minute, MINUTE)
        };
        let under_way = row.started_at.map_or(within, |start| now - start);
        Ok(Taken {
            recipients,
            within: within.min(under_way),
        })
    }
}
