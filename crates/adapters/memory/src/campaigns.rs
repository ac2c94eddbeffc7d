use crate::tables::Tables;
use crate::{MemoryStore, MemoryTx};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use crm_campaigns::{
    BatchRecord, Campaign, CampaignRecord, CampaignRepository, Counts, LineFigures, LineStats,
    NewCampaign, NewCampaignEvent, SkipReason,
};
use crm_kernel::{CampaignId, StoreError, TagId, TemplateId, UserId};
use std::collections::BTreeMap;

impl MemoryStore {
    /// A campaign as it was committed.
    #[must_use]
    pub fn campaign(&self, id: CampaignId) -> Option<Campaign> {
        self.read(|tables| tables.campaigns.get(&id).cloned())
            .map(Campaign::from_stored)
    }

    /// How many are kept back in a campaign, per reason.
    #[must_use]
    pub fn skips(&self, id: CampaignId) -> BTreeMap<SkipReason, i64> {
        self.read(|tables| {
            let rows = tables.skips.iter().filter(|((c, _), _)| *c == id);
            rows.map(|((_, reason), n)| (*reason, *n)).collect()
        })
    }

    /// What LINE told of a campaign as it was committed.
    #[must_use]
    pub fn line_stats(&self, id: CampaignId) -> Option<LineStats> {
        self.read(|tables| tables.line_stats.get(&id).copied())
    }

    /// What happened to a campaign as it was committed, the oldest first.
    #[must_use]
    pub fn campaign_events(&self, id: CampaignId) -> Vec<NewCampaignEvent> {
        self.read(|tables| {
            let events = tables.campaign_events.iter();
            events.filter(|e| e.campaign == id).cloned().collect()
        })
    }
}

impl Tables {
    fn check_campaign(
        &self,
        template: TemplateId,
        created_by: Option<UserId>,
    ) -> Result<(), StoreError> {
        let is_creator_known = created_by.is_none_or(|user| self.users.contains_key(&user));
        if self.templates.contains_key(&template) && is_creator_known {
            Ok(())
        } else {
            Err(StoreError::Reference)
        }
    }
}

#[async_trait]
impl CampaignRepository for MemoryTx {
    async fn insert(
        &mut self,
        new: &NewCampaign,
        now: DateTime<Utc>,
    ) -> Result<Campaign, StoreError> {
        self.tables
            .check_campaign(new.template_id, new.created_by)?;
        let record = CampaignRecord {
            id: self.tables.next_id(),
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
        };
        self.tables.campaigns.insert(record.id, record.clone());
        Ok(Campaign::from_stored(record))
    }

    async fn find(&mut self, id: CampaignId) -> Result<Option<Campaign>, StoreError> {
        let record = self.tables.campaigns.get(&id).cloned();
        Ok(record.map(Campaign::from_stored))
    }

    async fn update(&mut self, campaign: &Campaign) -> Result<(), StoreError> {
        let new = campaign.record();
        self.tables.check_campaign(new.template_id, None)?;
        if let Some(row) = self.tables.campaigns.get_mut(&new.id) {
            *row = CampaignRecord {
                counts: Counts {
                    opened: row.counts.opened,
                    clicked: row.counts.clicked,
                    converted: row.counts.converted,
                    ..new.counts
                },
                created_by: row.created_by,
                created_at: row.created_at,
                ..new.clone()
            };
        }
        Ok(())
    }

    async fn delete(&mut self, id: CampaignId) -> Result<bool, StoreError> {
        let tables = &mut self.tables;
        tables.line_stats.remove(&id);
        tables.line_asked.remove(&id);
        tables.campaign_events.retain(|event| event.campaign != id);
        tables.recipients.retain(|row| row.campaign != id);
        tables.batches.retain(|_, batch| batch.campaign_id != id);
        tables
            .senders
            .retain(|batch, _| tables.batches.contains_key(batch));
        tables.plans.remove(&id);
        tables.skips.retain(|(campaign, _), _| *campaign != id);
        tables.forget_campaign_in_messages(id);
        for tag in tables.tags.values_mut() {
            tag.campaign_id = tag.campaign_id.filter(|campaign| *campaign != id);
        }
        Ok(tables.campaigns.remove(&id).is_some())
    }

    async fn note(&mut self, event: &NewCampaignEvent) -> Result<(), StoreError> {
        if !self.tables.campaigns.contains_key(&event.campaign) {
            return Err(StoreError::Reference);
        }
        self.tables.campaign_events.push(event.clone());
        Ok(())
    }

    async fn line_units_since(&mut self, from: DateTime<Utc>) -> Result<i64, StoreError> {
        let campaigns = self.tables.campaigns.values();
        let named = campaigns.filter(|c| c.line_unit.is_some() && c.sent_at >= Some(from));
        i64::try_from(named.count()).map_err(|e| StoreError::Internal(Box::new(e)))
    }

    async fn ask_line(&mut self, id: CampaignId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let asked = self.tables.line_asked.get(&id);
        if asked.is_some_and(|asked| now - *asked < TimeDelta::hours(1)) {
            return Ok(false);
        }
        self.tables.line_asked.insert(id, now);
        Ok(self.tables.campaigns.contains_key(&id))
    }

    async fn keep_line_figures(
        &mut self,
        id: CampaignId,
        figures: &LineFigures,
        told_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let stats = LineStats {
            figures: *figures,
            fetched_at: told_at,
        };
        self.tables.line_stats.insert(id, stats);
        Ok(())
    }

    async fn template_exists(&mut self, id: TemplateId) -> Result<bool, StoreError> {
        Ok(self.tables.templates.contains_key(&id))
    }

    async fn missing_tags(&mut self, tags: &[TagId]) -> Result<Vec<TagId>, StoreError> {
        let known = &self.tables.tags;
        let named = tags.iter().copied();
        Ok(named.filter(|tag| !known.contains_key(tag)).collect())
    }

    async fn hire(&mut self, id: CampaignId, senders: i64) -> Result<i64, StoreError> {
        let hired = self.tables.hired.entry(id).or_default();
        let first = *hired + 1;
        *hired += senders;
        Ok(first)
    }

    async fn take_numbers(&mut self, id: CampaignId, batches: i64) -> Result<i64, StoreError> {
        let of = |batch: &&BatchRecord| batch.campaign_id == id;
        let used = self
            .tables
            .batches
            .values()
            .filter(of)
            .map(|b| b.number + 1);
        let used = used.max().unwrap_or_default();
        let next = self.tables.numbers.entry(id).or_default();
        let first = used.max(*next);
        *next = first + batches;
        Ok(first)
    }

    async fn count_skips(
        &mut self,
        id: CampaignId,
        reason: SkipReason,
        skipped: i64,
    ) -> Result<(), StoreError> {
        if skipped != 0 {
            *self.tables.skips.entry((id, reason)).or_default() += skipped;
        }
        Ok(())
    }

    async fn forget_skips(&mut self, id: CampaignId) -> Result<(), StoreError> {
        self.tables.skips.retain(|(campaign, _), _| *campaign != id);
        Ok(())
    }

    async fn missing_campaigns(
        &mut self,
        campaigns: &[CampaignId],
    ) -> Result<Vec<CampaignId>, StoreError> {
        let known = &self.tables.campaigns;
        let named = campaigns.iter().copied();
        Ok(named.filter(|id| !known.contains_key(id)).collect())
    }
}
