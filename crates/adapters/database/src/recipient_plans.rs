//! Writing who gets a campaign, and writing them anew: set operations over a campaign's rows. The
//! campaign's row is locked, so nobody else adds to them meanwhile.

use crate::DatabaseTx;
use crate::audience::planned;
use crate::dialect::{div, marks};
use crate::sql::{known, sql};
use crm_campaigns::{FailReason, PlanPart, PlanRequest, PlannedCounts, SkipReason};
use crm_kernel::{CampaignId, StoreError};
use sea_orm::FromQueryResult;

#[derive(FromQueryResult)]
struct ReasonCount {
    reason: Option<String>,
    n: i64,
}

impl DatabaseTx {
    pub(crate) async fn write_part(
        &mut self,
        request: &PlanRequest<'_>,
        part: &PlanPart,
    ) -> Result<PlannedCounts, StoreError> {
        let campaign = request.campaign_id.get();
        let written = sql("SELECT MAX(id) FROM campaign_recipients WHERE campaign_id = ?")
            .bind(campaign)
            .number(&self.tx)
            .await?;
        let div = div(self.backend());
        // `place` counts those who pass, so that batches are full however many are kept back.
        let mut insert = sql(format!(
            "INSERT INTO campaign_recipients (campaign_id, member_id, batch_number, status, reason) \
             SELECT ?, p.id, CASE WHEN p.reason IS NULL \
             THEN ? + CAST(? + p.place - 1 AS SIGNED) {div} ? END, \
             CASE WHEN p.reason IS NULL THEN 'pending' ELSE 'skipped' END, p.reason \
             FROM (SELECT a.id, a.reason, \
             SUM(CASE WHEN a.reason IS NULL THEN 1 ELSE 0 END) OVER (ORDER BY a.id) AS place FROM ("
        ))
        .bind(campaign)
        .bind(part.first_batch)
        .bind(part.placed)
        .bind(i64::from(request.batch_size))
        .join(planned(request.selection))
        .then(" AND m.id > ? AND m.id <= ?")
        .bind(part.after.get())
        .bind(part.up_to.get());
        if part.again || part.after.get() > 0 {
            insert = insert
                .then(
                    " AND NOT EXISTS (SELECT 1 FROM campaign_recipients o \
                     WHERE o.campaign_id = ? AND o.member_id = m.id)",
                )
                .bind(campaign);
        }
        insert.then(") a) p").run(&self.tx).await?;
        let rows: Vec<ReasonCount> = sql("SELECT reason, COUNT(*) AS n FROM campaign_recipients \
             WHERE campaign_id = ? AND id > ? GROUP BY reason")
        .bind(campaign)
        .bind(written)
        .all(&self.tx)
        .await?;
        let mut counts = PlannedCounts::default();
        for row in rows {
            counts.planned += row.n;
            if let Some(name) = row.reason {
                let reason = known(SkipReason::parse(&name), "reason")?;
                counts.skipped.insert(reason, row.n);
            }
        }
        Ok(counts)
    }

    pub(crate) async fn delete_some(
        &mut self,
        campaign: CampaignId,
        limit: u32,
    ) -> Result<i64, StoreError> {
        let ids: Vec<i64> =
            sql("SELECT id FROM campaign_recipients WHERE campaign_id = ? ORDER BY id LIMIT ?")
                .bind(campaign.get())
                .bind(limit)
                .ids(&self.tx)
                .await?;
        let Some(last) = ids.last() else {
            return Ok(0);
        };
        sql("DELETE FROM campaign_recipients WHERE campaign_id = ? AND id <= ?")
            .bind(campaign.get())
            .bind(*last)
            .run(&self.tx)
            .await?;
        Ok(ids.len() as i64)
    }

    /// Those who failed for one of these reasons: by themselves, and with their batch.
    async fn failed_ids(
        &mut self,
        campaign: CampaignId,
        reasons: &[FailReason],
    ) -> Result<Vec<i64>, StoreError> {
        if reasons.is_empty() {
            return Ok(Vec::new());
        }
        let names = || reasons.iter().map(|reason| reason.as_str());
        let places = marks(reasons.len());
        let mut ids: Vec<i64> = sql(format!(
            "SELECT id FROM campaign_recipients WHERE campaign_id = ? AND status = 'failed' \
             AND reason IN ({places}) AND member_id IS NOT NULL"
        ))
        .bind(campaign.get())
        .bind_all(names())
        .ids(&self.tx)
        .await?;
        let with_batch: Vec<i64> = sql(format!(
            "SELECT r.id FROM campaign_batches b JOIN campaign_recipients r \
             ON r.campaign_id = b.campaign_id AND r.batch_number = b.number \
             WHERE b.campaign_id = ? AND b.state IN ('failed', 'unknown') \
             AND b.reason IN ({places}) AND r.status = 'pending' AND r.member_id IS NOT NULL"
        ))
        .bind(campaign.get())
        .bind_all(names())
        .ids(&self.tx)
        .await?;
        ids.extend(with_batch);
        ids.sort_unstable();
        Ok(ids)
    }

    pub(crate) async fn count_failed(
        &mut self,
        campaign: CampaignId,
        reasons: &[FailReason],
    ) -> Result<i64, StoreError> {
        Ok(self.failed_ids(campaign, reasons).await?.len() as i64)
    }

    pub(crate) async fn requeue(
        &mut self,
        campaign: CampaignId,
        reasons: &[FailReason],
        first_batch: i64,
        batch_size: u32,
    ) -> Result<i64, StoreError> {
        let ids = self.failed_ids(campaign, reasons).await?;
        for (number, batch) in (first_batch..).zip(ids.chunks(batch_size.max(1) as usize)) {
            sql(format!(
                "UPDATE campaign_recipients SET status = 'pending', reason = NULL, \
                 error_message = NULL, batch_number = ? WHERE id IN ({})",
                marks(batch.len())
            ))
            .bind(number)
            .bind_all(batch.iter().copied())
            .run(&self.tx)
            .await?;
        }
        Ok(ids.len() as i64)
    }
}
