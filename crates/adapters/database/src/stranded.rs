use crate::Database;
use crate::jobs::{READY, RUNNING};
use crate::sql::sql;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_campaigns::{SendBatch, StartCampaign};
use crm_kernel::{BatchId, CampaignId, StoreError};
use crm_workflows::StrandedQueries;
use sea_orm::FromQueryResult;
use serde_json::Value;

#[derive(FromQueryResult)]
struct Overdue {
    id: i64,
    scheduled_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Unsettled {
    campaign_id: i64,
    id: i64,
}

#[derive(FromQueryResult)]
struct Payload {
    payload: String,
}

#[async_trait]
impl StrandedQueries for Database {
    async fn overdue(&self, before: DateTime<Utc>) -> Result<Vec<StartCampaign>, StoreError> {
        let rows: Vec<Overdue> = sql("SELECT id, scheduled_at FROM campaigns \
             WHERE status = 'scheduled' AND scheduled_at < ?")
        .bind(before)
        .all(&self.pool)
        .await?;
        let job = |row: Overdue| StartCampaign {
            campaign_id: CampaignId::new(row.id),
            scheduled_at: row.scheduled_at,
        };
        Ok(rows.into_iter().map(job).collect())
    }

    async fn unsettled(&self) -> Result<Vec<SendBatch>, StoreError> {
        let rows: Vec<Unsettled> = sql("SELECT b.campaign_id, b.id FROM campaigns c \
             JOIN campaign_batches b ON b.campaign_id = c.id \
             WHERE (c.status = 'sending' AND b.state IN ('pending', 'sending')) \
             OR (c.status = 'cancelled' AND b.state = 'sending')")
        .all(&self.pool)
        .await?;
        let job = |row: Unsettled| SendBatch {
            campaign_id: CampaignId::new(row.campaign_id),
            batch_id: BatchId::new(row.id),
        };
        Ok(rows.into_iter().map(job).collect())
    }

    async fn waiting(&self, job_name: &str) -> Result<Vec<Value>, StoreError> {
        let rows: Vec<Payload> =
            sql("SELECT payload FROM jobs WHERE status IN (?, ?) AND name = ?")
                .bind(READY)
                .bind(RUNNING)
                .bind(job_name)
                .all(&self.pool)
                .await?;
        Ok(rows
            .iter()
            .filter_map(|row| serde_json::from_str(&row.payload).ok())
            .collect())
    }
}
