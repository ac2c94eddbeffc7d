use crate::DatabaseTx;
use crate::sql::{known, sql};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_campaigns::{BatchMode, Plan, PlanPhase, PlanRepository};
use crm_kernel::{CampaignId, MemberId, StoreError};
use sea_orm::FromQueryResult;

#[derive(FromQueryResult)]
struct PlanRow {
    campaign_id: i64,
    phase: String,
    mode: String,
    batch_size: i32,
    asked_at: DateTime<Utc>,
    again: bool,
    scheduled_at: Option<DateTime<Utc>>,
    after_member: i64,
    up_to_member: i64,
    first_batch: i64,
    eligible: i64,
    remaining: Option<i64>,
    claim: i64,
    beat_at: DateTime<Utc>,
}

impl TryFrom<PlanRow> for Plan {
    type Error = StoreError;

    fn try_from(row: PlanRow) -> Result<Self, StoreError> {
        Ok(Self {
            campaign_id: CampaignId::new(row.campaign_id),
            phase: known(PlanPhase::parse(&row.phase), "phase of a plan")?,
            mode: known(BatchMode::parse(&row.mode), "mode of a plan")?,
            batch_size: row.batch_size.unsigned_abs(),
            asked_at: row.asked_at,
            again: row.again,
            scheduled_at: row.scheduled_at,
            after: MemberId::new(row.after_member),
            up_to: MemberId::new(row.up_to_member),
            first_batch: row.first_batch,
            eligible: row.eligible,
            remaining: row.remaining.map(i64::unsigned_abs),
            claim: row.claim,
            beat_at: row.beat_at,
        })
    }
}

#[async_trait]
impl PlanRepository for DatabaseTx {
    async fn find(&mut self, campaign: CampaignId) -> Result<Option<Plan>, StoreError> {
        let row: Option<PlanRow> = sql("SELECT * FROM campaign_plans WHERE campaign_id = ?")
            .bind(campaign.get())
            .one(&self.tx)
            .await?;
        row.map(Plan::try_from).transpose()
    }

    async fn save(&mut self, plan: &Plan) -> Result<(), StoreError> {
        let remaining = plan.remaining.map(|n| i64::try_from(n).unwrap_or(i64::MAX));
        let values = |statement: &str| {
            sql(statement)
                .bind(plan.phase.as_str())
                .bind(plan.mode.as_str())
                .bind(plan.batch_size)
                .bind(plan.asked_at)
                .bind(plan.again)
                .bind(plan.scheduled_at)
                .bind(plan.after.get())
                .bind(plan.up_to.get())
                .bind(plan.first_batch)
                .bind(plan.eligible)
                .bind(remaining)
                .bind(plan.claim)
                .bind(plan.beat_at)
                .bind(plan.campaign_id.get())
        };
        let known = values(
            "UPDATE campaign_plans SET phase = ?, mode = ?, batch_size = ?, asked_at = ?, \
             again = ?, scheduled_at = ?, after_member = ?, up_to_member = ?, first_batch = ?, \
             eligible = ?, remaining = ?, claim = ?, beat_at = ? WHERE campaign_id = ?",
        )
        .run(&self.tx)
        .await?;
        if known == 0 {
            values(
                "INSERT INTO campaign_plans (phase, mode, batch_size, asked_at, again, \
                 scheduled_at, after_member, up_to_member, first_batch, eligible, remaining, \
                 claim, beat_at, campaign_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )
            .run(&self.tx)
            .await?;
        }
        Ok(())
    }

    async fn newest_member(&mut self) -> Result<MemberId, StoreError> {
        let newest = sql("SELECT MAX(id) FROM members").number(&self.tx).await?;
        Ok(MemberId::new(newest))
    }
}
