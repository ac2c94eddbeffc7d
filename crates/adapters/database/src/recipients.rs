use crate::DatabaseTx;
use crate::dialect::{for_update, marks};
use crate::message_queries::SENT_AT;
use crate::sql::sql;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use crm_campaigns::{
    Batch, BatchPerson, FailReason, GateFacts, PlanPart, PlanRequest, PlannedCounts,
    RecipientRepository, SkipReason, Tapped,
};
use crm_kernel::{CampaignId, Figure, Figures, MemberId, StoreError};
use sea_orm::FromQueryResult;
use std::collections::BTreeMap;

/// Longest text kept of why a recipient failed.
const MAX_MESSAGE: usize = 500;

#[derive(FromQueryResult)]
struct PersonRow {
    member_id: i64,
    line_uid: Option<String>,
    line_state: Option<String>,
    accept_marketing: bool,
    line_display_name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    birthday: Option<NaiveDate>,
}

#[derive(FromQueryResult)]
pub(crate) struct TappedRow {
    pub(crate) id: i64,
    pub(crate) member_id: i64,
    status: String,
    batch_state: Option<String>,
    pub(crate) opened_at: Option<DateTime<Utc>>,
    pub(crate) clicked_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct SeenRow {
    id: i64,
    campaign_id: i64,
}

impl TappedRow {
    fn was_tried(&self) -> bool {
        match (self.status.as_str(), self.batch_state.as_deref()) {
            ("skipped", _) | ("pending", None) => false,
            ("pending", Some(state)) => !matches!(state, "pending" | "cancelled" | "split"),
            _ => true,
        }
    }
}

impl DatabaseTx {
    /// The rows, locked, of those of these members whom LINE was asked to send the campaign to.
    /// Whoever was kept back, or has not been tried yet, got it from somebody else.
    pub(crate) async fn tried_recipients(
        &mut self,
        campaign: CampaignId,
        members: &[i64],
    ) -> Result<Vec<TappedRow>, StoreError> {
        let rows: Vec<TappedRow> = sql(format!(
            "SELECT r.id, r.member_id, r.status, b.state AS batch_state, r.opened_at, \
             r.clicked_at FROM campaign_recipients r LEFT JOIN campaign_batches b \
             ON b.campaign_id = r.campaign_id AND b.number = r.batch_number \
             WHERE r.campaign_id = ? AND r.member_id IN ({})",
            marks(members.len())
        ))
        .bind(campaign.get())
        .bind_all(members.iter().copied())
        .then(for_update(self.backend()))
        .all(&self.tx)
        .await?;
        Ok(rows.into_iter().filter(TappedRow::was_tried).collect())
    }

    /// Settles pending recipients of a batch, all in one statement.
    async fn settle_recipients(
        &mut self,
        batch: &Batch,
        members: &[MemberId],
        status: &str,
        reason: Option<(&str, Option<&str>)>,
        sent_at: Option<DateTime<Utc>>,
    ) -> Result<i64, StoreError> {
        if members.is_empty() {
            return Ok(0);
        }
        let (reason, message) = reason.unzip();
        let message: Option<String> = message
            .flatten()
            .map(|m| m.chars().take(MAX_MESSAGE).collect());
        sql(format!(
            "UPDATE campaign_recipients SET status = ?, reason = ?, error_message = ?, \
             sent_at = ? WHERE campaign_id = ? AND batch_number = ? AND status = 'pending' \
             AND member_id IN ({})",
            marks(members.len())
        ))
        .bind(status)
        .bind(reason)
        .bind(message)
        .bind(sent_at)
        .bind(batch.campaign_id().get())
        .bind(batch.number())
        .bind_all(members.iter().map(|m| m.get()))
        .run(&self.tx)
        .await
        .and_then(count)
    }
}

fn count(rows: u64) -> Result<i64, StoreError> {
    i64::try_from(rows).map_err(|e| StoreError::Internal(Box::new(e)))
}

#[async_trait]
impl RecipientRepository for DatabaseTx {
    async fn plan_part(
        &mut self,
        request: &PlanRequest<'_>,
        part: &PlanPart,
    ) -> Result<PlannedCounts, StoreError> {
        self.write_part(request, part).await
    }

    async fn forget_some(&mut self, campaign: CampaignId, limit: u32) -> Result<i64, StoreError> {
        self.delete_some(campaign, limit).await
    }

    async fn failed(
        &mut self,
        campaign: CampaignId,
        reasons: &[FailReason],
    ) -> Result<i64, StoreError> {
        self.count_failed(campaign, reasons).await
    }

    async fn try_again(
        &mut self,
        campaign: CampaignId,
        reasons: &[FailReason],
        first_batch: i64,
        batch_size: u32,
    ) -> Result<i64, StoreError> {
        self.requeue(campaign, reasons, first_batch, batch_size)
            .await
    }

    async fn people(&mut self, batch: &Batch) -> Result<Vec<BatchPerson>, StoreError> {
        let rows: Vec<PersonRow> = sql(
            "SELECT r.member_id, m.line_uid, m.line_state, m.accept_marketing, \
             m.line_display_name, m.first_name, m.last_name, m.birthday \
             FROM campaign_recipients r JOIN members m ON m.id = r.member_id \
             WHERE r.campaign_id = ? AND r.batch_number = ? AND r.status = 'pending' \
             ORDER BY r.member_id",
        )
        .bind(batch.campaign_id().get())
        .bind(batch.number())
        .all(&self.tx)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| BatchPerson {
                member_id: MemberId::new(row.member_id),
                facts: GateFacts {
                    has_line: row.line_uid.is_some(),
                    following: row.line_state.as_deref() == Some("following"),
                    accepts_marketing: row.accept_marketing,
                },
                line_uid: row.line_uid,
                display_name: row.line_display_name,
                first_name: row.first_name,
                last_name: row.last_name,
                birthday: row.birthday,
            })
            .collect())
    }

    async fn skip(
        &mut self,
        batch: &Batch,
        members: &[(MemberId, SkipReason)],
    ) -> Result<BTreeMap<SkipReason, i64>, StoreError> {
        let mut by_reason: BTreeMap<SkipReason, Vec<MemberId>> = BTreeMap::new();
        for (member, reason) in members {
            by_reason.entry(*reason).or_default().push(*member);
        }
        let mut skipped = BTreeMap::new();
        for (reason, members) in by_reason {
            let why = Some((reason.as_str(), None));
            let settled = self
                .settle_recipients(batch, &members, "skipped", why, None)
                .await?;
            skipped.insert(reason, settled);
        }
        Ok(skipped)
    }

    async fn fail(
        &mut self,
        batch: &Batch,
        members: &[(MemberId, FailReason, String)],
    ) -> Result<i64, StoreError> {
        let mut by_words: BTreeMap<(&str, &str), Vec<MemberId>> = BTreeMap::new();
        for (member, reason, words) in members {
            by_words
                .entry((reason.as_str(), words))
                .or_default()
                .push(*member);
        }
        let mut failed = 0;
        for ((reason, words), members) in by_words {
            let why = Some((reason, Some(words)));
            failed += self
                .settle_recipients(batch, &members, "failed", why, None)
                .await?;
        }
        Ok(failed)
    }

    async fn skip_erased(&mut self, batch: &Batch) -> Result<i64, StoreError> {
        let pending = "campaign_id = ? AND batch_number = ? AND status = 'pending'";
        let lock = for_update(self.backend());
        if !lock.is_empty() {
            // A deletion clears the rows' member; with the rows locked it waits for us.
            sql(format!(
                "SELECT id FROM campaign_recipients WHERE {pending}{lock}"
            ))
            .bind(batch.campaign_id().get())
            .bind(batch.number())
            .ids::<i64>(&self.tx)
            .await?;
        }
        sql(format!(
            "UPDATE campaign_recipients SET status = 'skipped', reason = ? \
             WHERE {pending} AND member_id IS NULL"
        ))
        .bind(SkipReason::Erased.as_str())
        .bind(batch.campaign_id().get())
        .bind(batch.number())
        .run(&self.tx)
        .await
        .and_then(count)
    }

    async fn sent(
        &mut self,
        batch: &Batch,
        members: &[MemberId],
        at: DateTime<Utc>,
    ) -> Result<i64, StoreError> {
        self.settle_recipients(batch, members, "sent", None, Some(at))
            .await
    }

    async fn seen_by(
        &mut self,
        member: MemberId,
        since: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let latest: Option<SeenRow> = sql(format!(
            "SELECT r.id, r.campaign_id FROM campaign_recipients r LEFT JOIN campaign_batches b \
             ON b.campaign_id = r.campaign_id AND b.number = r.batch_number \
             WHERE r.member_id = ? AND {SENT_AT} >= ? AND {SENT_AT} <= ? \
             ORDER BY {SENT_AT} DESC, r.campaign_id DESC LIMIT 1"
        ))
        .bind(member.get())
        .bind(since)
        .bind(at)
        .one(&self.tx)
        .await?;
        let Some(latest) = latest else {
            return Ok(());
        };
        let opened =
            sql("UPDATE campaign_recipients SET opened_at = ? WHERE id = ? AND opened_at IS NULL")
                .bind(at)
                .bind(latest.id)
                .run(&self.tx)
                .await?;
        if opened > 0 {
            self.add(Figure::CampaignOpened, latest.campaign_id, at, 1);
            sql("UPDATE campaigns SET opened_count = opened_count + 1 WHERE id = ?")
                .bind(latest.campaign_id)
                .run(&self.tx)
                .await?;
        }
        Ok(())
    }

    async fn tapped(
        &mut self,
        campaign: CampaignId,
        member: MemberId,
        at: DateTime<Utc>,
    ) -> Result<Tapped, StoreError> {
        let rows = self.tried_recipients(campaign, &[member.get()]).await?;
        let Some(row) = rows.into_iter().next() else {
            return Ok(Tapped {
                is_recipient: false,
                first_click: false,
            });
        };
        if row.clicked_at.is_none() {
            let first_open = i64::from(row.opened_at.is_none());
            self.add(Figure::CampaignOpened, campaign.get(), at, first_open);
            self.add(Figure::CampaignClicked, campaign.get(), at, 1);
            sql("UPDATE campaign_recipients SET clicked_at = ?, \
                 opened_at = COALESCE(opened_at, ?) WHERE id = ?")
            .bind(at)
            .bind(at)
            .bind(row.id)
            .run(&self.tx)
            .await?;
            sql("UPDATE campaigns SET clicked_count = clicked_count + 1, \
                 opened_count = opened_count + ? WHERE id = ?")
            .bind(first_open)
            .bind(campaign.get())
            .run(&self.tx)
            .await?;
        }
        Ok(Tapped {
            is_recipient: true,
            first_click: row.clicked_at.is_none(),
        })
    }
}
