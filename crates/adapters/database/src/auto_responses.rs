use crate::DatabaseTx;
use crate::dialect::{for_update, marks};
use crate::sql::{Sql, known, sql};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use crm_auto_responses::{
    Answer, AutoResponse, AutoResponseRecord, AutoResponseRepository, Keyword, KeywordEntry,
    NewAutoResponse, RuleName, TimeOfDay, Trigger, TriggerType, Window,
};
use crm_kernel::{AutoResponseId, KeywordId, StoreError, TemplateId};
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::HashMap;

#[derive(FromQueryResult)]
pub(crate) struct RuleRow {
    id: i64,
    name: String,
    trigger_type: String,
    messages: String,
    template_id: Option<i64>,
    is_active: bool,
    allow_push: bool,
    trigger_time_start: Option<String>,
    trigger_time_end: Option<String>,
    date_start: Option<NaiveDate>,
    date_end: Option<NaiveDate>,
    trigger_count: i64,
    success_count: i64,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct KeywordRow {
    id: i64,
    auto_response_id: i64,
    keyword: String,
    match_count: i64,
    created_at: DateTime<Utc>,
}

impl RuleRow {
    fn into_rule(self, keywords: Vec<KeywordEntry>) -> Result<AutoResponse, StoreError> {
        let kind = TriggerType::parse(&self.trigger_type);
        let trigger = match known(kind, "type of trigger")? {
            TriggerType::Welcome => Trigger::Welcome,
            TriggerType::Keyword => Trigger::Keyword(keywords),
            TriggerType::Time => Trigger::Time(Window {
                hours: hours(self.trigger_time_start, self.trigger_time_end)?,
                date_start: self.date_start,
                date_end: self.date_end,
            }),
        };
        let record = AutoResponseRecord {
            name: RuleName::from_stored(self.name),
            trigger,
            answer: Answer::from_stored(
                serde_json::from_str(&self.messages).map_err(damaged)?,
                self.template_id.map(TemplateId::new),
            ),
            is_active: self.is_active,
            allow_push: self.allow_push,
            trigger_count: self.trigger_count.unsigned_abs(),
            success_count: self.success_count.unsigned_abs(),
            created_at: self.created_at,
            updated_at: self.updated_at,
        };
        Ok(AutoResponse::from_stored(
            AutoResponseId::new(self.id),
            record,
        ))
    }
}

fn hours(
    start: Option<String>,
    end: Option<String>,
) -> Result<Option<(TimeOfDay, TimeOfDay)>, StoreError> {
    let read = |text: String| known(TimeOfDay::parse(&text).ok(), "time of day");
    match start.zip(end) {
        Some((start, end)) => Ok(Some((read(start)?, read(end)?))),
        None => Ok(None),
    }
}

fn damaged(error: serde_json::Error) -> StoreError {
    StoreError::Internal(Box::new(error))
}

/// Rules in the order of their rows, with their keywords.
pub(crate) async fn with_keywords(
    db: &impl ConnectionTrait,
    rows: Vec<RuleRow>,
) -> Result<Vec<AutoResponse>, StoreError> {
    let mut keywords: HashMap<i64, Vec<KeywordEntry>> = HashMap::new();
    if !rows.is_empty() {
        let found: Vec<KeywordRow> = sql(format!(
            "SELECT id, auto_response_id, keyword, match_count, created_at \
             FROM auto_response_keywords WHERE auto_response_id IN ({}) ORDER BY id",
            marks(rows.len())
        ))
        .bind_all(rows.iter().map(|row| row.id))
        .all(db)
        .await?;
        for row in found {
            let entry = KeywordEntry {
                id: Some(KeywordId::new(row.id)),
                keyword: Keyword::from_stored(row.keyword),
                match_count: row.match_count.unsigned_abs(),
                created_at: row.created_at,
            };
            keywords
                .entry(row.auto_response_id)
                .or_default()
                .push(entry);
        }
    }
    rows.into_iter()
        .map(|row| {
            let own = keywords.remove(&row.id).unwrap_or_default();
            row.into_rule(own)
        })
        .collect()
}

/// Values of name, content, messages, template, both switches, hours, days and time of change.
fn changeable(record: &AutoResponseRecord) -> Result<Sql, StoreError> {
    let window = record.trigger.window();
    let (start, end) = window.and_then(|w| w.hours).unzip();
    Ok(sql("")
        .bind(record.name.as_str())
        .bind(record.answer.content())
        .bind(serde_json::to_string(record.answer.texts()).map_err(damaged)?)
        .bind(record.answer.template_id().map(TemplateId::get))
        .bind(record.is_active)
        .bind(record.allow_push)
        .bind(start.map(|time| time.to_string()))
        .bind(end.map(|time| time.to_string()))
        .bind(window.and_then(|w| w.date_start))
        .bind(window.and_then(|w| w.date_end))
        .bind(record.updated_at))
}

impl DatabaseTx {
    /// Lets every process know with the commit that its rule book is old.
    async fn rules_changed(&mut self) -> Result<(), StoreError> {
        sql("UPDATE auto_response_version SET version = version + 1")
            .run(&self.tx)
            .await?;
        Ok(())
    }

    async fn insert_keyword(
        &mut self,
        rule: AutoResponseId,
        entry: &mut KeywordEntry,
    ) -> Result<(), StoreError> {
        let count = i64::try_from(entry.match_count).unwrap_or(i64::MAX);
        let id = sql(
            "INSERT INTO auto_response_keywords (auto_response_id, keyword, keyword_key, \
             match_count, created_at) VALUES (?, ?, ?, ?, ?)",
        )
        .bind(rule.get())
        .bind(entry.keyword.as_str())
        .bind(entry.keyword.key())
        .bind(count)
        .bind(entry.created_at)
        .insert(&self.tx)
        .await?;
        entry.id = Some(KeywordId::new(id));
        Ok(())
    }

    async fn update_keyword(
        &mut self,
        rule: AutoResponseId,
        id: KeywordId,
        keyword: &Keyword,
    ) -> Result<(), StoreError> {
        let updated = sql(
            "UPDATE auto_response_keywords SET keyword = ?, keyword_key = ? \
             WHERE id = ? AND auto_response_id = ?",
        )
        .bind(keyword.as_str())
        .bind(keyword.key())
        .bind(id.get())
        .bind(rule.get())
        .run(&self.tx)
        .await?;
        if updated == 0 {
            return Err(StoreError::Reference);
        }
        Ok(())
    }

    async fn delete_keywords_except(
        &mut self,
        rule: AutoResponseId,
        entries: &[KeywordEntry],
    ) -> Result<(), StoreError> {
        let kept: Vec<i64> = entries
            .iter()
            .filter_map(|entry| entry.id)
            .map(KeywordId::get)
            .collect();
        let mut others =
            sql("DELETE FROM auto_response_keywords WHERE auto_response_id = ?").bind(rule.get());
        if !kept.is_empty() {
            others = others
                .then(&format!(" AND id NOT IN ({})", marks(kept.len())))
                .bind_all(kept);
        }
        others.run(&self.tx).await?;
        Ok(())
    }
}

#[async_trait]
impl AutoResponseRepository for DatabaseTx {
    async fn insert(&mut self, new: &NewAutoResponse) -> Result<AutoResponse, StoreError> {
        let mut record = new.record().clone();
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let id = sql(
            "INSERT INTO auto_responses (name, content, messages, template_id, is_active, \
             allow_push, trigger_time_start, trigger_time_end, date_start, date_end, updated_at, \
             trigger_type, trigger_count, success_count, created_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .join(changeable(&record)?)
        .bind(record.trigger.kind().as_str())
        .bind(count(record.trigger_count))
        .bind(count(record.success_count))
        .bind(record.created_at)
        .insert(&self.tx)
        .await?;
        let id = AutoResponseId::new(id);
        self.rules_changed().await?;
        if let Trigger::Keyword(entries) = &mut record.trigger {
            for entry in entries {
                self.insert_keyword(id, entry).await?;
            }
        }
        Ok(AutoResponse::from_stored(id, record))
    }

    async fn count(&mut self) -> Result<u64, StoreError> {
        let count = sql("SELECT COUNT(*) FROM auto_responses")
            .number(&self.tx)
            .await?;
        Ok(count.unsigned_abs())
    }

    async fn find(&mut self, id: AutoResponseId) -> Result<Option<AutoResponse>, StoreError> {
        let rows: Vec<RuleRow> = sql("SELECT * FROM auto_responses WHERE id = ?")
            .bind(id.get())
            .then(for_update(self.backend()))
            .all(&self.tx)
            .await?;
        Ok(with_keywords(&self.tx, rows).await?.pop())
    }

    async fn update(&mut self, rule: &AutoResponse) -> Result<AutoResponse, StoreError> {
        let (id, mut record) = (rule.id(), rule.record().clone());
        self.delete_keywords_except(id, record.trigger.keywords())
            .await?;
        let updated = sql(
            "UPDATE auto_responses SET name = ?, content = ?, messages = ?, template_id = ?, \
             is_active = ?, allow_push = ?, trigger_time_start = ?, trigger_time_end = ?, date_start = ?, \
             date_end = ?, updated_at = ?",
        )
        .join(changeable(&record)?)
        .then(" WHERE id = ?")
        .bind(id.get())
        .run(&self.tx)
        .await?;
        if updated == 0 {
            return Err(StoreError::Reference);
        }
        self.rules_changed().await?;
        if let Trigger::Keyword(entries) = &mut record.trigger {
            for entry in entries.iter_mut() {
                if let Some(kept) = entry.id {
                    self.update_keyword(id, kept, &entry.keyword).await?;
                } else {
                    entry.match_count = 0;
                    self.insert_keyword(id, entry).await?;
                }
            }
            entries.sort_by_key(|entry| entry.id);
        }
        Ok(AutoResponse::from_stored(id, record))
    }

    async fn delete(&mut self, id: AutoResponseId) -> Result<bool, StoreError> {
        let deleted = sql("DELETE FROM auto_responses WHERE id = ?")
            .bind(id.get())
            .run(&self.tx)
            .await?;
        self.rules_changed().await?;
        Ok(deleted > 0)
    }

    async fn count_fired(
        &mut self,
        id: AutoResponseId,
        keyword: Option<KeywordId>,
    ) -> Result<(), StoreError> {
        sql("UPDATE auto_responses SET trigger_count = trigger_count + 1 WHERE id = ?")
            .bind(id.get())
            .run(&self.tx)
            .await?;
        if let Some(keyword) = keyword {
            sql(
                "UPDATE auto_response_keywords SET match_count = match_count + 1 \
                 WHERE id = ? AND auto_response_id = ?",
            )
            .bind(keyword.get())
            .bind(id.get())
            .run(&self.tx)
            .await?;
        }
        Ok(())
    }

    async fn count_success(&mut self, id: AutoResponseId) -> Result<(), StoreError> {
        sql("UPDATE auto_responses SET success_count = success_count + 1 WHERE id = ?")
            .bind(id.get())
            .run(&self.tx)
            .await?;
        Ok(())
    }
}
