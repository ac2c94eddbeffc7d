use crate::DatabaseTx;
use crate::dialect::{for_update, pieces, rows_at_once};
use crate::sql::{known, sql};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_campaigns::{
    Batch, BatchMode, BatchRecord, BatchRepository, BatchState, CampaignRepository, FailReason,
    NewBatch, OpenBatches,
};
use crm_kernel::{BatchId, CampaignId, MemberId, StoreError};
use sea_orm::FromQueryResult;
use uuid::Uuid;

#[derive(FromQueryResult)]
struct BatchRow {
    id: i64,
    campaign_id: i64,
    number: i64,
    mode: String,
    state: String,
    size: i32,
    retry_key: String,
    body: Option<String>,
    claim: i64,
    first_tried_at: Option<DateTime<Utc>>,
}

impl TryFrom<BatchRow> for Batch {
    type Error = StoreError;

    fn try_from(row: BatchRow) -> Result<Self, StoreError> {
        Ok(Self::from_stored(BatchRecord {
            id: BatchId::new(row.id),
            campaign_id: CampaignId::new(row.campaign_id),
            number: row.number,
            mode: known(BatchMode::parse(&row.mode), "mode of a batch")?,
            state: known(BatchState::parse(&row.state), "state of a batch")?,
            size: u32::try_from(row.size).unwrap_or_default(),
            retry_key: known(Uuid::parse_str(&row.retry_key).ok(), "retry key")?,
            body: row.body,
            claim: row.claim,
            first_tried_at: row.first_tried_at,
        }))
    }
}

impl DatabaseTx {
    async fn batch(&self, id: BatchId) -> Result<Option<Batch>, StoreError> {
        let row: Option<BatchRow> = sql("SELECT * FROM campaign_batches WHERE id = ?")
            .bind(id.get())
            .one(&self.tx)
            .await?;
        row.map(Batch::try_from).transpose()
    }
}

const OPEN: &str = "state IN ('pending', 'sending')";

#[async_trait]
impl BatchRepository for DatabaseTx {
    async fn insert(
        &mut self,
        campaign: CampaignId,
        mode: BatchMode,
        batches: &[NewBatch],
    ) -> Result<Vec<BatchId>, StoreError> {
        for chunk in pieces(batches, rows_at_once(6)) {
            let rows = vec!["(?, ?, ?, 'pending', ?, ?)"; chunk.len()].join(", ");
            let mut insert = sql(format!(
                "INSERT INTO campaign_batches (campaign_id, number, mode, state, size, retry_key) \
                 VALUES {rows}"
            ));
            for batch in chunk {
                insert = insert
                    .bind(campaign.get())
                    .bind(batch.number)
                    .bind(mode.as_str())
                    .bind(batch.size)
                    .bind(batch.retry_key.to_string());
            }
            insert.run(&self.tx).await?;
        }
        let (Some(first), Some(last)) = (batches.first(), batches.last()) else {
            return Ok(Vec::new());
        };
        sql(
            "SELECT id FROM campaign_batches WHERE campaign_id = ? AND number BETWEEN ? AND ? \
             ORDER BY number",
        )
        .bind(campaign.get())
        .bind(first.number)
        .bind(last.number)
        .ids(&self.tx)
        .await
    }

    async fn claim(&mut self, id: BatchId) -> Result<Option<Batch>, StoreError> {
        let claimed = sql(format!(
            "UPDATE campaign_batches SET claim = claim + 1 WHERE id = ? AND {OPEN}"
        ))
        .bind(id.get())
        .run(&self.tx)
        .await?;
        if claimed == 0 {
            return Ok(None);
        }
        self.batch(id).await
    }

    async fn next(
        &mut self,
        campaign: CampaignId,
        sender: i64,
        fresh: bool,
    ) -> Result<Option<Batch>, StoreError> {
        let first = "ORDER BY number LIMIT 1";
        let own: Vec<i64> = sql(format!(
            "SELECT id FROM campaign_batches WHERE campaign_id = ? AND state = 'sending' \
             AND sender = ? {first}"
        ))
        .bind(campaign.get())
        .bind(sender)
        .ids(&self.tx)
        .await?;
        let id = match own.first() {
            Some(id) => Some(*id),
            None if fresh => sql(format!(
                "SELECT id FROM campaign_batches WHERE campaign_id = ? AND state = 'pending' {first}"
            ))
            .bind(campaign.get())
            .ids::<i64>(&self.tx)
            .await?
            .first()
            .copied(),
            None => None,
        };
        let Some(id) = id else {
            return Ok(None);
        };
        sql("UPDATE campaign_batches SET claim = claim + 1, sender = ? WHERE id = ?")
            .bind(sender)
            .bind(id)
            .run(&self.tx)
            .await?;
        self.batch(BatchId::new(id)).await
    }

    async fn holds(&mut self, batch: &Batch) -> Result<bool, StoreError> {
        sql("SELECT id FROM campaign_batches WHERE id = ? AND claim = ? AND state = 'sending'")
            .bind(batch.id().get())
            .bind(batch.claim())
            .then(for_update(self.backend()))
            .any(&self.tx)
            .await
    }

    async fn store_body(
        &mut self,
        batch: &Batch,
        body: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let stored = sql(
            "UPDATE campaign_batches SET body = ?, state = 'sending', first_tried_at = ? \
             WHERE id = ? AND claim = ? AND state = 'pending'",
        )
        .bind(body)
        .bind(now)
        .bind(batch.id().get())
        .bind(batch.claim())
        .run(&self.tx)
        .await?;
        Ok(stored > 0)
    }

    async fn settle(
        &mut self,
        batch: &Batch,
        state: BatchState,
        request_id: Option<&str>,
        failure: Option<(FailReason, &str)>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let message = failure.map(|(_, words)| words.chars().take(500).collect::<String>());
        let settled = sql(format!(
            "UPDATE campaign_batches SET state = ?, body = NULL, finished_at = ?, \
             request_id = ?, reason = ?, message = ? WHERE id = ? AND claim = ? AND {OPEN}"
        ))
        .bind(state.as_str())
        .bind(now)
        .bind(request_id.map(|id| id.chars().take(100).collect::<String>()))
        .bind(failure.map(|(reason, _)| reason.as_str()))
        .bind(message)
        .bind(batch.id().get())
        .bind(batch.claim())
        .run(&self.tx)
        .await?;
        Ok(settled > 0)
    }

    async fn reopen(&mut self, batch: &Batch, key: Uuid) -> Result<bool, StoreError> {
        let reopened = sql(
            "UPDATE campaign_batches SET state = 'pending', body = NULL, first_tried_at = NULL, \
             retry_key = ? WHERE id = ? AND claim = ? AND state = 'sending'",
        )
        .bind(key.to_string())
        .bind(batch.id().get())
        .bind(batch.claim())
        .run(&self.tx)
        .await?;
        Ok(reopened > 0)
    }

    async fn split(
        &mut self,
        batch: &Batch,
        upper: MemberId,
        keys: [Uuid; 2],
        now: DateTime<Utc>,
    ) -> Result<Option<[BatchId; 2]>, StoreError> {
        if !self
            .settle(batch, BatchState::Split, None, None, now)
            .await?
        {
            return Ok(None);
        }
        let campaign = batch.campaign_id().get();
        // The campaign's row is locked, so nobody else numbers its batches now.
        let next = self.take_numbers(batch.campaign_id(), 2).await?;
        let mut halves = [BatchId::new(0); 2];
        let sides = ["member_id < ?", "(member_id >= ? OR member_id IS NULL)"];
        for (half, ((number, side), key)) in halves.iter_mut().zip((next..).zip(sides).zip(keys)) {
            let moved = sql(format!(
                "UPDATE campaign_recipients SET batch_number = ? WHERE campaign_id = ? \
                 AND batch_number = ? AND status = 'pending' AND {side}"
            ))
            .bind(number)
            .bind(campaign)
            .bind(batch.number())
            .bind(upper.get())
            .run(&self.tx)
            .await?;
            let id = sql(
                "INSERT INTO campaign_batches (campaign_id, number, mode, state, size, retry_key) \
                 VALUES (?, ?, ?, 'pending', ?, ?)",
            )
            .bind(campaign)
            .bind(number)
            .bind(batch.mode().as_str())
            .bind(moved as i64)
            .bind(key.to_string())
            .insert(&self.tx)
            .await?;
            *half = BatchId::new(id);
        }
        Ok(Some(halves))
    }

    async fn open(&mut self, campaign: CampaignId) -> Result<OpenBatches, StoreError> {
        let senders = sql(
            "SELECT DISTINCT sender FROM campaign_batches WHERE campaign_id = ? \
             AND state = 'sending' AND sender IS NOT NULL ORDER BY sender",
        )
        .bind(campaign.get())
        .ids(&self.tx)
        .await?;
        let untried = sql(
            "SELECT COUNT(*) FROM campaign_batches WHERE campaign_id = ? AND state = 'pending'",
        )
        .bind(campaign.get())
        .number(&self.tx)
        .await?;
        Ok(OpenBatches { senders, untried })
    }

    async fn cancel_untried(
        &mut self,
        campaign: CampaignId,
        now: DateTime<Utc>,
    ) -> Result<i64, StoreError> {
        let waiting = sql(
            "SELECT COUNT(*) FROM campaign_recipients r JOIN campaign_batches b \
             ON b.campaign_id = r.campaign_id AND b.number = r.batch_number \
             WHERE r.campaign_id = ? AND r.status = 'pending' AND b.state = 'pending'",
        )
        .bind(campaign.get())
        .number(&self.tx)
        .await?;
        sql(
            "UPDATE campaign_batches SET state = 'cancelled', finished_at = ?, \
             reason = 'cancelled' WHERE campaign_id = ? AND state = 'pending'",
        )
        .bind(now)
        .bind(campaign.get())
        .run(&self.tx)
        .await?;
        Ok(waiting)
    }
}
