use crate::DatabaseTx;
use crate::dialect::{for_update, marks};
use crate::sql::{known, sql};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_campaigns::{
    Campaign, CampaignRecord, CampaignRepository, CampaignStatus, Counts, LineFigures, NewCampaign,
    NewCampaignEvent, SkipReason, StatusReason,
};
use crm_kernel::{CampaignId, StoreError, TagId, TemplateId, UserId};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;
use std::collections::BTreeSet;

pub(crate) const COLUMNS: &str = "c.id, c.title, c.template_id, c.target_audience, \
    c.trigger_condition, c.scheduled_at, c.sent_at, c.finished_at, c.status, c.status_reason, \
    c.frozen_template, c.recurring, c.line_unit, c.recipient_count, c.skipped_count, c.sent_count, c.failed_count, \
    c.opened_count, c.clicked_count, c.converted_count, c.created_by, c.created_at, c.updated_at";

#[derive(FromQueryResult)]
pub(crate) struct CampaignStored {
    id: i64,
    title: String,
    template_id: i64,
    target_audience: String,
    trigger_condition: Option<String>,
    scheduled_at: Option<DateTime<Utc>>,
    sent_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    status: String,
    status_reason: Option<String>,
    frozen_template: Option<String>,
    recurring: bool,
    line_unit: Option<String>,
    recipient_count: i64,
    skipped_count: i64,
    sent_count: i64,
    failed_count: i64,
    opened_count: i64,
    clicked_count: i64,
    converted_count: i64,
    created_by: Option<i64>,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

impl TryFrom<CampaignStored> for Campaign {
    type Error = StoreError;

    fn try_from(row: CampaignStored) -> Result<Self, StoreError> {
        let damaged = |e: serde_json::Error| StoreError::Internal(Box::new(e));
        let trigger = row.trigger_condition.as_deref();
        let reason = row.status_reason.as_deref();
        Ok(Self::from_stored(CampaignRecord {
            id: CampaignId::new(row.id),
            title: row.title,
            template_id: TemplateId::new(row.template_id),
            audience: serde_json::from_str(&row.target_audience).map_err(damaged)?,
            trigger: trigger
                .map(serde_json::from_str)
                .transpose()
                .map_err(damaged)?,
            scheduled_at: row.scheduled_at,
            sent_at: row.sent_at,
            finished_at: row.finished_at,
            status: known(CampaignStatus::parse(&row.status), "status of a campaign")?,
            status_reason: reason
                .map(|code| known(StatusReason::parse(code), "status reason"))
                .transpose()?,
            frozen_template: row.frozen_template,
            recurring: row.recurring,
            line_unit: row.line_unit,
            counts: Counts {
                recipients: row.recipient_count,
                skipped: row.skipped_count,
                sent: row.sent_count,
                failed: row.failed_count,
                opened: row.opened_count,
                clicked: row.clicked_count,
                converted: row.converted_count,
            },
            created_by: row.created_by.map(UserId::new),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }))
    }
}

/// Those of `tags` that do not exist, in their order.
pub(crate) async fn missing_tags(
    db: &impl ConnectionTrait,
    tags: &[TagId],
    lock: &str,
) -> Result<Vec<TagId>, StoreError> {
    let ids: Vec<i64> = tags.iter().map(|tag| tag.get()).collect();
    let missing = missing(db, "tags", &ids, lock).await?;
    Ok(missing.into_iter().map(TagId::new).collect())
}

/// Those of `campaigns` that do not exist, in their order.
pub(crate) async fn missing_campaigns(
    db: &impl ConnectionTrait,
    campaigns: &[CampaignId],
    lock: &str,
) -> Result<Vec<CampaignId>, StoreError> {
    let ids: Vec<i64> = campaigns.iter().map(|campaign| campaign.get()).collect();
    let missing = missing(db, "campaigns", &ids, lock).await?;
    Ok(missing.into_iter().map(CampaignId::new).collect())
}

async fn missing(
    db: &impl ConnectionTrait,
    table: &str,
    ids: &[i64],
    lock: &str,
) -> Result<Vec<i64>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<i64> = sql(format!(
        "SELECT id FROM {table} WHERE id IN ({}) ORDER BY id",
        marks(ids.len())
    ))
    .bind_all(ids.iter().copied())
    .then(lock)
    .ids(db)
    .await?;
    let found: BTreeSet<i64> = found.into_iter().collect();
    Ok(ids
        .iter()
        .copied()
        .filter(|id| !found.contains(id))
        .collect())
}

fn document(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| StoreError::Internal(Box::new(e)))
}

#[async_trait]
impl CampaignRepository for DatabaseTx {
    async fn insert(
        &mut self,
        new: &NewCampaign,
        now: DateTime<Utc>,
    ) -> Result<Campaign, StoreError> {
        let trigger = new.trigger.as_ref().map(document).transpose()?;
        let id = sql(
            "INSERT INTO campaigns (title, template_id, target_audience, trigger_condition, \
             scheduled_at, shown_at, status, created_by, created_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(new.title.as_str())
        .bind(new.template_id.get())
        .bind(document(&new.audience)?)
        .bind(trigger)
        .bind(new.scheduled_at)
        .bind(new.scheduled_at.unwrap_or(now))
        .bind(new.status().as_str())
        .bind(new.created_by.map(UserId::get))
        .bind(now)
        .insert(&self.tx)
        .await?;
        Ok(Campaign::from_stored(CampaignRecord {
            id: CampaignId::new(id),
            title: new.title.clone(),
            template_id: new.template_id,
            audience: new.audience.clone(),
            trigger: new.trigger.clone(),
            scheduled_at: new.scheduled_at,
            sent_at: None,
            finished_at: None,
            status: new.status(),
            status_reason: None,
            frozen_template: None,
            recurring: false,
            line_unit: None,
            counts: Counts::default(),
            created_by: new.created_by,
            created_at: now,
            updated_at: None,
        }))
    }

    async fn find(&mut self, id: CampaignId) -> Result<Option<Campaign>, StoreError> {
        let row: Option<CampaignStored> =
            sql(format!("SELECT {COLUMNS} FROM campaigns c WHERE c.id = ?"))
                .bind(id.get())
                .then(for_update(self.backend()))
                .one(&self.tx)
                .await?;
        row.map(Campaign::try_from).transpose()
    }

    async fn update(&mut self, campaign: &Campaign) -> Result<(), StoreError> {
        let record = campaign.record();
        let trigger = record.trigger.as_ref().map(document).transpose()?;
        let shown_at = record
            .sent_at
            .or(record.scheduled_at)
            .unwrap_or(record.created_at);
        sql(
            "UPDATE campaigns SET title = ?, template_id = ?, target_audience = ?, \
             trigger_condition = ?, scheduled_at = ?, sent_at = ?, finished_at = ?, shown_at = ?, \
             status = ?, status_reason = ?, frozen_template = ?, recurring = ?, line_unit = ?, \
             recipient_count = ?, skipped_count = ?, sent_count = ?, failed_count = ?, updated_at = ? WHERE id = ?",
        )
        .bind(record.title.as_str())
        .bind(record.template_id.get())
        .bind(document(&record.audience)?)
        .bind(trigger)
        .bind(record.scheduled_at)
        .bind(record.sent_at)
        .bind(record.finished_at)
        .bind(shown_at)
        .bind(record.status.as_str())
        .bind(record.status_reason.map(StatusReason::as_str))
        .bind(record.frozen_template.as_deref())
        .bind(record.recurring)
        .bind(record.line_unit.as_deref())
        .bind(record.counts.recipients)
        .bind(record.counts.skipped)
        .bind(record.counts.sent)
        .bind(record.counts.failed)
        .bind(record.updated_at)
        .bind(record.id.get())
        .run(&self.tx)
        .await?;
        Ok(())
    }

    async fn delete(&mut self, id: CampaignId) -> Result<bool, StoreError> {
        let deleted = sql("DELETE FROM campaigns WHERE id = ?")
            .bind(id.get())
            .run(&self.tx)
            .await?;
        Ok(deleted > 0)
    }

    async fn note(&mut self, event: &NewCampaignEvent) -> Result<(), StoreError> {
        self.note_event(event).await
    }

    async fn line_units_since(&mut self, from: DateTime<Utc>) -> Result<i64, StoreError> {
        self.units_since(from).await
    }

    async fn ask_line(&mut self, id: CampaignId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.note_question(id, now).await
    }

    async fn keep_line_figures(
        &mut self,
        id: CampaignId,
        figures: &LineFigures,
        told_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.keep_figures(id, figures, told_at).await
    }

    async fn template_exists(&mut self, id: TemplateId) -> Result<bool, StoreError> {
        sql("SELECT id FROM message_templates WHERE id = ?")
            .bind(id.get())
            .any(&self.tx)
            .await
    }

    async fn missing_tags(&mut self, tags: &[TagId]) -> Result<Vec<TagId>, StoreError> {
        missing_tags(&self.tx, tags, for_update(self.backend())).await
    }

    async fn hire(&mut self, id: CampaignId, senders: i64) -> Result<i64, StoreError> {
        sql("UPDATE campaigns SET senders = senders + ? WHERE id = ?")
            .bind(senders)
            .bind(id.get())
            .run(&self.tx)
            .await?;
        let last = sql("SELECT senders FROM campaigns WHERE id = ?")
            .bind(id.get())
            .number(&self.tx)
            .await?;
        Ok(last - senders + 1)
    }

    async fn take_numbers(&mut self, id: CampaignId, batches: i64) -> Result<i64, StoreError> {
        let kept = sql("SELECT next_batch FROM campaigns WHERE id = ?")
            .bind(id.get())
            .number(&self.tx)
            .await?;
        let used = sql("SELECT MAX(number) + 1 FROM campaign_batches WHERE campaign_id = ?")
            .bind(id.get())
            .number(&self.tx)
            .await?;
        let first = kept.max(used);
        sql("UPDATE campaigns SET next_batch = ? WHERE id = ?")
            .bind(first + batches)
            .bind(id.get())
            .run(&self.tx)
            .await?;
        Ok(first)
    }

    async fn count_skips(
        &mut self,
        id: CampaignId,
        reason: SkipReason,
        skipped: i64,
    ) -> Result<(), StoreError> {
        if skipped == 0 {
            return Ok(());
        }
        // The campaign's row is locked by whoever settles its recipients.
        let known = sql(
            "UPDATE campaign_skips SET skipped = skipped + ? WHERE campaign_id = ? AND reason = ?",
        )
        .bind(skipped)
        .bind(id.get())
        .bind(reason.as_str())
        .run(&self.tx)
        .await?;
        if known == 0 {
            sql("INSERT INTO campaign_skips (skipped, campaign_id, reason) VALUES (?, ?, ?)")
                .bind(skipped)
                .bind(id.get())
                .bind(reason.as_str())
                .run(&self.tx)
                .await?;
        }
        Ok(())
    }

    async fn forget_skips(&mut self, id: CampaignId) -> Result<(), StoreError> {
        sql("DELETE FROM campaign_skips WHERE campaign_id = ?")
            .bind(id.get())
            .run(&self.tx)
            .await?;
        Ok(())
    }

    async fn missing_campaigns(
        &mut self,
        campaigns: &[CampaignId],
    ) -> Result<Vec<CampaignId>, StoreError> {
        // Not locked: the only one that can go is a draft, which nobody has got.
        missing_campaigns(&self.tx, campaigns, "").await
    }
}
