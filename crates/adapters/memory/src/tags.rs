use crate::tables::Tables;
use crate::{MemoryStore, MemoryTx};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_campaigns::CampaignStatus;
use crm_kernel::{MemberId, StoreError, TagId};
use crm_tags::{
    NameScope, NewTag, Tag, TagRecord, TagRepository, TagUses, TriggerLog, TriggerSource,
};

impl MemoryStore {
    /// A tag as it was committed.
    #[must_use]
    pub fn tag(&self, id: TagId) -> Option<Tag> {
        self.read(|tables| {
            let record = tables.tags.get(&id).cloned();
            record.map(|record| Tag::from_stored(id, record))
        })
    }

    /// Who wears a tag, by id.
    #[must_use]
    pub fn wearers(&self, tag: TagId) -> Vec<MemberId> {
        self.read(|tables| {
            let worn = tables.worn.keys();
            worn.filter(|(_, t)| *t == tag).map(|(m, _)| *m).collect()
        })
    }

    /// Every worn tag with its wearer, and since when.
    #[must_use]
    pub fn worn_since(&self) -> Vec<(MemberId, TagId, DateTime<Utc>)> {
        self.read(|tables| {
            let worn = tables.worn.iter();
            worn.map(|((member, tag), at)| (*member, *tag, *at))
                .collect()
        })
    }

    /// Every line of the trigger log that was committed, in the order they were written.
    #[must_use]
    pub fn trigger_logs(&self) -> Vec<TriggerLog> {
        self.read(|tables| tables.trigger_logs.clone())
    }
}

impl Tables {
    fn is_name_taken(&self, scope: NameScope, name_key: &str, except: Option<TagId>) -> bool {
        self.tags
            .iter()
            .filter(|(id, _)| Some(**id) != except)
            .any(|(_, tag)| tag.scope() == scope && tag.name.name_key() == name_key)
    }

    fn check_tag(&self, tag: &TagRecord, except: Option<TagId>) -> Result<(), StoreError> {
        if self.is_name_taken(tag.scope(), &tag.name.name_key(), except) {
            return Err(StoreError::Duplicate { key: "tag_name" });
        }
        let campaign_exists = tag
            .campaign_id
            .is_none_or(|campaign| self.campaigns.contains_key(&campaign));
        if campaign_exists {
            Ok(())
        } else {
            Err(StoreError::Reference)
        }
    }
}

/// A kept figure after a change; it stops at zero.
fn moved(count: u64, delta: i64) -> u64 {
    count.checked_add_signed(delta).unwrap_or(0)
}

#[async_trait]
impl TagRepository for MemoryTx {
    async fn insert(&mut self, new: &NewTag) -> Result<TagId, StoreError> {
        self.tables.check_tag(new.record(), None)?;
        let id = self.tables.next_id();
        self.tables.tags.insert(id, new.record().clone());
        Ok(id)
    }

    async fn find(&mut self, id: TagId) -> Result<Option<Tag>, StoreError> {
        let record = self.tables.tags.get(&id).cloned();
        Ok(record.map(|record| Tag::from_stored(id, record)))
    }

    async fn find_many(&mut self, ids: &[TagId]) -> Result<Vec<Tag>, StoreError> {
        let wanted = self.tables.tags.iter().filter(|(id, _)| ids.contains(id));
        Ok(wanted
            .map(|(id, record)| Tag::from_stored(*id, record.clone()))
            .collect())
    }

    async fn name_taken(
        &mut self,
        scope: NameScope,
        name_key: &str,
        except: Option<TagId>,
    ) -> Result<bool, StoreError> {
        Ok(self.tables.is_name_taken(scope, name_key, except))
    }

    async fn update(&mut self, tag: &Tag) -> Result<(), StoreError> {
        self.tables.check_tag(tag.record(), Some(tag.id()))?;
        let row = self.tables.tags.get_mut(&tag.id());
        let row = row.ok_or(StoreError::Reference)?;
        *row = TagRecord {
            member_count: row.member_count,
            trigger_count: row.trigger_count,
            ..tag.record().clone()
        };
        Ok(())
    }

    async fn delete(&mut self, id: TagId) -> Result<bool, StoreError> {
        self.tables.worn.retain(|(_, tag), _| *tag != id);
        self.tables.forget_tag_in_templates(id);
        Ok(self.tables.tags.remove(&id).is_some())
    }

    async fn uses(&mut self, id: TagId) -> Result<TagUses, StoreError> {
        let campaigns = self.tables.campaigns.values().filter(|campaign| {
            // What is on its way is frozen.
            matches!(
                campaign.status,
                CampaignStatus::Draft | CampaignStatus::Scheduled
            )
        });
        Ok(TagUses {
            templates: self.tables.templates_naming(id),
            campaigns: campaigns
                .filter(|campaign| campaign.audience.tags().contains(&id))
                .map(|campaign| campaign.id)
                .collect(),
        })
    }

    async fn member_exists(&mut self, id: MemberId) -> Result<bool, StoreError> {
        Ok(self.tables.members.contains_key(&id))
    }

    async fn add_to_member(
        &mut self,
        member: MemberId,
        tag: TagId,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let tables = &mut self.tables;
        if !tables.members.contains_key(&member) || !tables.tags.contains_key(&tag) {
            return Err(StoreError::Reference);
        }
        if tables.worn.contains_key(&(member, tag)) {
            return Ok(false);
        }
        tables.worn.insert((member, tag), at);
        Ok(true)
    }

    async fn remove_from_member(
        &mut self,
        member: MemberId,
        tag: TagId,
    ) -> Result<bool, StoreError> {
        Ok(self.tables.worn.remove(&(member, tag)).is_some())
    }

    async fn worn_by(&mut self, member: MemberId) -> Result<Vec<TagId>, StoreError> {
        let worn = self.tables.worn.keys();
        Ok(worn
            .filter(|(wearer, _)| *wearer == member)
            .map(|(_, tag)| *tag)
            .collect())
    }

    async fn find_named(
        &mut self,
        scope: NameScope,
        name_keys: &[String],
    ) -> Result<Vec<Tag>, StoreError> {
        let tags = self.tables.tags.iter();
        Ok(tags
            .filter(|(_, tag)| tag.scope() == scope && name_keys.contains(&tag.name.name_key()))
            .map(|(id, record)| Tag::from_stored(*id, record.clone()))
            .collect())
    }

    async fn worn_among(
        &mut self,
        members: &[MemberId],
        tags: &[TagId],
    ) -> Result<Vec<(MemberId, TagId)>, StoreError> {
        let worn = self.tables.worn.keys();
        Ok(worn
            .filter(|(member, tag)| members.contains(member) && tags.contains(tag))
            .copied()
            .collect())
    }

    async fn wear(
        &mut self,
        pairs: &[(MemberId, TagId)],
        at: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let mut put_on = 0;
        for (member, tag) in pairs {
            if !self.tables.members.contains_key(member) {
                continue;
            }
            if self.add_to_member(*member, *tag, at).await? {
                self.adjust_member_count(*tag, 1).await?;
                put_on += 1;
            }
        }
        Ok(put_on)
    }

    async fn take_off(&mut self, pairs: &[(MemberId, TagId)]) -> Result<u64, StoreError> {
        let mut taken = 0;
        for (member, tag) in pairs {
            if self.remove_from_member(*member, *tag).await? {
                self.adjust_member_count(*tag, -1).await?;
                taken += 1;
            }
        }
        Ok(taken)
    }

    async fn adjust_member_count(&mut self, tag: TagId, delta: i64) -> Result<(), StoreError> {
        if let Some(tag) = self.tables.tags.get_mut(&tag) {
            tag.member_count = moved(tag.member_count, delta);
        }
        Ok(())
    }

    async fn add_trigger_log(&mut self, log: &TriggerLog) -> Result<bool, StoreError> {
        let tables = &mut self.tables;
        if let Some(campaign) = log.campaign
            && !tables.campaigns.contains_key(&campaign)
        {
            return Err(StoreError::Reference);
        }
        let is_manual = log.source == TriggerSource::Manual;
        let is_known = tables.trigger_logs.iter().any(|old| {
            old.source != TriggerSource::Manual
                && (old.member, old.tag) == (log.member, log.tag)
                && (old.campaign, old.message) == (log.campaign, log.message)
        });
        if is_manual || !is_known {
            tables.trigger_logs.push(log.clone());
        }
        Ok(!is_manual && !is_known)
    }

    async fn adjust_trigger_count(&mut self, tag: TagId, delta: i64) -> Result<(), StoreError> {
        if let Some(tag) = self.tables.tags.get_mut(&tag) {
            tag.trigger_count = moved(tag.trigger_count, delta);
        }
        Ok(())
    }
}
