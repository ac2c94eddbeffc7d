use crate::Database;
use crate::jobs::{READY, RUNNING};
use crate::sql::sql;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_campaigns::{PlanCampaign, SendBatches, StartCampaign};
use crm_kernel::{CampaignId, StoreError};
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
    sender: i64,
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

    async fn unsettled(&self) -> Result<Vec<SendBatches>, StoreError> {
        let rows: Vec<Unsettled> = sql("SELECT DISTINCT b.campaign_id, b.sender FROM campaigns c \
             JOIN campaign_batches b ON b.campaign_id = c.id AND b.state = 'sending' \
             WHERE c.status IN ('sending', 'active', 'cancelled') AND b.sender IS NOT NULL")
        .all(&self.pool)
        .await?;
        let job = |row: Unsettled| SendBatches {
            campaign_id: CampaignId::new(row.campaign_id),
            sender: row.sender,
        };
        Ok(rows.into_iter().map(job).collect())
    }

    async fn untried(&self) -> Result<Vec<CampaignId>, StoreError> {
        sql(
            "SELECT c.id FROM campaigns c WHERE c.status IN ('sending', 'active') AND EXISTS \
             (SELECT 1 FROM campaign_batches b WHERE b.campaign_id = c.id AND b.state = 'pending')",
        )
        .ids(&self.pool)
        .await
    }

    async fn unplanned(&self, before: DateTime<Utc>) -> Result<Vec<PlanCampaign>, StoreError> {
        let campaigns: Vec<CampaignId> =
            sql("SELECT campaign_id FROM campaign_plans WHERE phase <> 'done' AND beat_at < ?")
                .bind(before)
                .ids(&self.pool)
                .await?;
        let job = |campaign_id| PlanCampaign { campaign_id };
        Ok(campaigns.into_iter().map(job).collect())
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
