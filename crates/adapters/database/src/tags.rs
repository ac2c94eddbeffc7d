use crate::DatabaseTx;
use crate::dialect::{for_update, marks};
use crate::sql::{known, sql};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_campaigns::Audience;
use crm_kernel::{CampaignId, Figure, Figures, MemberId, MessageId, StoreError, TagId, TemplateId};
use crm_tags::{
    Description, NameScope, NewTag, Tag, TagKind, TagName, TagRecord, TagRepository, TagSource,
    TagUses, TriggerLog, TriggerSource,
};
use crm_templates::Button;
use sea_orm::FromQueryResult;
use std::collections::BTreeSet;

pub(crate) const COLUMNS: &str = "id, kind, name, campaign_id, source, description, \
                                  member_count, trigger_count, created_at, updated_at";

#[derive(FromQueryResult)]
pub(crate) struct StoredTag {
    pub(crate) id: i64,
    kind: String,
    name: String,
    campaign_id: Option<i64>,
    source: String,
    description: Option<String>,
    member_count: i64,
    trigger_count: i64,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

impl TryFrom<StoredTag> for Tag {
    type Error = StoreError;

    fn try_from(row: StoredTag) -> Result<Self, StoreError> {
        Ok(Self::from_stored(
            TagId::new(row.id),
            TagRecord {
                name: TagName::from_stored(row.name),
                kind: known(TagKind::parse(&row.kind), "kind of tag")?,
                source: known(TagSource::parse(&row.source), "source of a tag")?,
                description: row.description.map(Description::from_stored),
                campaign_id: row.campaign_id.map(CampaignId::new),
                member_count: row.member_count.unsigned_abs(),
                trigger_count: row.trigger_count.unsigned_abs(),
                created_at: row.created_at,
                updated_at: row.updated_at,
            },
        ))
    }
}

/// Kind and campaign as the unique key has them; 0 stands for no campaign.
fn scope_key(scope: NameScope) -> (&'static str, i64) {
    match scope {
        NameScope::Member => (TagKind::Member.as_str(), 0),
        NameScope::Interaction(campaign) => (
            TagKind::Interaction.as_str(),
            campaign.map_or(0, CampaignId::get),
        ),
    }
}

#[derive(FromQueryResult)]
struct AudienceRow {
    id: i64,
    target_audience: String,
}

#[async_trait]
impl TagRepository for DatabaseTx {
    async fn insert(&mut self, new: &NewTag) -> Result<TagId, StoreError> {
        let record = new.record();
        let (kind, campaign_key) = scope_key(record.scope());
        let id = sql(
            "INSERT INTO tags (kind, name, name_key, campaign_id, campaign_key, source, \
             description, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(kind)
        .bind(record.name.as_str())
        .bind(record.name.name_key())
        .bind(record.campaign_id.map(CampaignId::get))
        .bind(campaign_key)
        .bind(record.source.as_str())
        .bind(record.description.as_ref().map(Description::as_str))
        .bind(record.created_at)
        .insert(&self.tx)
        .await?;
        Ok(TagId::new(id))
    }

    async fn find(&mut self, id: TagId) -> Result<Option<Tag>, StoreError> {
        let row: Option<StoredTag> = sql(format!("SELECT {COLUMNS} FROM tags WHERE id = ?"))
            .bind(id.get())
            .then(for_update(self.backend()))
            .one(&self.tx)
            .await?;
        row.map(Tag::try_from).transpose()
    }

    async fn find_many(&mut self, ids: &[TagId]) -> Result<Vec<Tag>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<StoredTag> = sql(format!(
            "SELECT {COLUMNS} FROM tags WHERE id IN ({}) ORDER BY id",
            marks(ids.len())
        ))
        .bind_all(ids.iter().map(|id| id.get()))
        .then(for_update(self.backend()))
        .all(&self.tx)
        .await?;
        rows.into_iter().map(Tag::try_from).collect()
    }

    async fn name_taken(
        &mut self,
        scope: NameScope,
        name_key: &str,
        except: Option<TagId>,
    ) -> Result<bool, StoreError> {
        let (kind, campaign_key) = scope_key(scope);
        sql("SELECT id FROM tags WHERE kind = ? AND campaign_key = ? AND name_key = ? AND id <> ?")
            .bind(kind)
            .bind(campaign_key)
            .bind(name_key)
            .bind(except.map_or(0, TagId::get))
            .any(&self.tx)
            .await
    }

    async fn update(&mut self, tag: &Tag) -> Result<(), StoreError> {
        let record = tag.record();
        let changed = sql(
            "UPDATE tags SET name = ?, name_key = ?, campaign_id = ?, campaign_key = ?, \
             source = ?, description = ?, updated_at = ? WHERE id = ?",
        )
        .bind(record.name.as_str())
        .bind(record.name.name_key())
        .bind(record.campaign_id.map(CampaignId::get))
        .bind(scope_key(record.scope()).1)
        .bind(record.source.as_str())
        .bind(record.description.as_ref().map(Description::as_str))
        .bind(record.updated_at)
        .bind(tag.id().get())
        .run(&self.tx)
        .await?;
        if changed == 0 {
            return Err(StoreError::Reference);
        }
        Ok(())
    }

    async fn delete(&mut self, id: TagId) -> Result<bool, StoreError> {
        // Foreign keys clear the columns; the buttons are documents.
        for table in ["message_templates", "template_carousel_items"] {
            self.forget_in_buttons(table, id).await?;
        }
        let deleted = sql("DELETE FROM tags WHERE id = ?")
            .bind(id.get())
            .run(&self.tx)
            .await?;
        Ok(deleted > 0)
    }

    async fn uses(&mut self, id: TagId) -> Result<TagUses, StoreError> {
        let [in_object, at_end] = named_in_buttons(id);
        let mut templates: BTreeSet<TemplateId> = sql(
            "SELECT id FROM message_templates WHERE interaction_tag_id = ? \
             OR buttons LIKE ? OR buttons LIKE ?",
        )
        .bind(id.get())
        .bind(in_object.clone())
        .bind(at_end.clone())
        .ids::<TemplateId>(&self.tx)
        .await?
        .into_iter()
        .collect();
        templates.extend(
            sql(
                "SELECT template_id FROM template_carousel_items WHERE interaction_tag_id = ? \
                 OR buttons LIKE ? OR buttons LIKE ?",
            )
            .bind(id.get())
            .bind(in_object)
            .bind(at_end)
            .ids::<TemplateId>(&self.tx)
            .await?,
        );
        // Those still to be sent; what is sent is frozen.
        let rows: Vec<AudienceRow> =
            sql("SELECT id, target_audience FROM campaigns WHERE status IN ('draft', 'scheduled')")
                .all(&self.tx)
                .await?;
        let campaigns = rows
            .into_iter()
            .filter(|row| {
                serde_json::from_str::<Audience>(&row.target_audience)
                    .is_ok_and(|audience| audience.tags().contains(&id))
            })
            .map(|row| CampaignId::new(row.id))
            .collect();
        Ok(TagUses {
            templates: templates.into_iter().collect(),
            campaigns,
        })
    }

    async fn member_exists(&mut self, id: MemberId) -> Result<bool, StoreError> {
        sql("SELECT id FROM members WHERE id = ?")
            .bind(id.get())
            .then(for_update(self.backend()))
            .any(&self.tx)
            .await
    }

    async fn add_to_member(
        &mut self,
        member: MemberId,
        tag: TagId,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let added =
            sql("INSERT INTO member_tag_relations (member_id, tag_id, tagged_at) VALUES (?, ?, ?)")
                .bind(member.get())
                .bind(tag.get())
                .bind(at)
                .run(&self.tx)
                .await;
        match added {
            Ok(_) => Ok(true),
            Err(StoreError::Duplicate { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn remove_from_member(
        &mut self,
        member: MemberId,
        tag: TagId,
    ) -> Result<bool, StoreError> {
        let removed = sql("DELETE FROM member_tag_relations WHERE member_id = ? AND tag_id = ?")
            .bind(member.get())
            .bind(tag.get())
            .run(&self.tx)
            .await?;
        Ok(removed > 0)
    }

    async fn worn_by(&mut self, member: MemberId) -> Result<Vec<TagId>, StoreError> {
        sql("SELECT tag_id FROM member_tag_relations WHERE member_id = ? ORDER BY tag_id")
            .bind(member.get())
            .ids(&self.tx)
            .await
    }

    async fn find_named(
        &mut self,
        scope: NameScope,
        name_keys: &[String],
    ) -> Result<Vec<Tag>, StoreError> {
        if name_keys.is_empty() {
            return Ok(Vec::new());
        }
        let (kind, campaign_key) = scope_key(scope);
        let rows: Vec<StoredTag> = sql(format!(
            "SELECT {COLUMNS} FROM tags WHERE kind = ? AND campaign_key = ? AND name_key IN ({}) \
             ORDER BY id",
            marks(name_keys.len())
        ))
        .bind(kind)
        .bind(campaign_key)
        .bind_all(name_keys.iter().map(String::as_str))
        .then(for_update(self.backend()))
        .all(&self.tx)
        .await?;
        rows.into_iter().map(Tag::try_from).collect()
    }

    async fn worn_among(
        &mut self,
        members: &[MemberId],
        tags: &[TagId],
    ) -> Result<Vec<(MemberId, TagId)>, StoreError> {
        self.pairs_worn(members, tags).await
    }

    async fn wear(
        &mut self,
        pairs: &[(MemberId, TagId)],
        at: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        self.wear_pairs(pairs, at).await
    }

    async fn take_off(&mut self, pairs: &[(MemberId, TagId)]) -> Result<u64, StoreError> {
        self.take_off_pairs(pairs).await
    }

    async fn adjust_member_count(&mut self, tag: TagId, delta: i64) -> Result<(), StoreError> {
        self.adjust("member_count", tag, delta).await
    }

    async fn add_trigger_log(&mut self, log: &TriggerLog) -> Result<bool, StoreError> {
        if let Some(campaign) = log.campaign {
            let exists = sql("SELECT id FROM campaigns WHERE id = ?")
                .bind(campaign.get())
                .any(&self.tx)
                .await?;
            if !exists {
                return Err(StoreError::Reference);
            }
        }
        // Staff putting a tag on by hand is written down each time and never counts.
        let once_key = (log.source != TriggerSource::Manual)
            .then(|| once_key(log.member, log.tag, log.campaign, log.message));
        let counts = once_key.is_some();
        let written = sql(
            "INSERT INTO tag_trigger_logs (member_id, tag_id, tag_name, campaign_id, \
             message_id, item, label, trigger_source, triggered_at, once_key) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(log.member.get())
        .bind(log.tag.get())
        .bind(log.tag_name.as_str())
        .bind(log.campaign.map(CampaignId::get))
        .bind(log.message.map(MessageId::get))
        .bind(log.touched.as_ref().map(|touched| i32::from(touched.item)))
        .bind(
            log.touched
                .as_ref()
                .and_then(|touched| touched.label.as_deref()),
        )
        .bind(log.source.as_str())
        .bind(log.at)
        .bind(once_key)
        .run(&self.tx)
        .await;
        match written {
            Ok(_) => {
                let n = i64::from(counts);
                self.add(Figure::TagTriggered, log.tag.get(), log.at, n);
                Ok(counts)
            }
            Err(StoreError::Duplicate { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn adjust_trigger_count(&mut self, tag: TagId, delta: i64) -> Result<(), StoreError> {
        self.adjust("trigger_count", tag, delta).await
    }
}

/// What makes one row per member, tag and campaign or message.
pub(crate) fn once_key(
    member: MemberId,
    tag: TagId,
    campaign: Option<CampaignId>,
    message: Option<MessageId>,
) -> String {
    match message {
        Some(message) => format!("{member}:{tag}:m{message}"),
        None => format!("{member}:{tag}:{}", campaign.map_or(0, CampaignId::get)),
    }
}

/// Patterns for a document of buttons that names a tag; the sign after the number keeps 5 apart
/// from 51.
fn named_in_buttons(id: TagId) -> [String; 2] {
    [',', '}'].map(|sign| format!("%\"interaction_tag_id\":{id}{sign}%"))
}

#[derive(FromQueryResult)]
struct ButtonsRow {
    id: i64,
    buttons: String,
}

impl DatabaseTx {
    async fn forget_in_buttons(&mut self, table: &str, tag: TagId) -> Result<(), StoreError> {
        let [in_object, at_end] = named_in_buttons(tag);
        let rows: Vec<ButtonsRow> = sql(format!(
            "SELECT id, buttons FROM {table} WHERE buttons LIKE ? OR buttons LIKE ?"
        ))
        .bind(in_object)
        .bind(at_end)
        .then(for_update(self.backend()))
        .all(&self.tx)
        .await?;
        for row in rows {
            let damaged = |e: serde_json::Error| StoreError::Internal(Box::new(e));
            let mut buttons: Vec<Button> = serde_json::from_str(&row.buttons).map_err(damaged)?;
            for button in &mut buttons {
                if button.interaction_tag_id == Some(tag) {
                    button.interaction_tag_id = None;
                }
            }
            sql(format!("UPDATE {table} SET buttons = ? WHERE id = ?"))
                .bind(serde_json::to_string(&buttons).map_err(damaged)?)
                .bind(row.id)
                .run(&self.tx)
                .await?;
        }
        Ok(())
    }

    async fn adjust(&mut self, column: &str, tag: TagId, delta: i64) -> Result<(), StoreError> {
        sql(format!(
            "UPDATE tags SET {column} = CASE WHEN {column} + ? < 0 THEN 0 ELSE {column} + ? END \
             WHERE id = ?"
        ))
        .bind(delta)
        .bind(delta)
        .bind(tag.get())
        .run(&self.tx)
        .await?;
        Ok(())
    }
}
