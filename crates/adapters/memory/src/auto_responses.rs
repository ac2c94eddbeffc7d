use crate::tables::Tables;
use crate::{MemoryStore, MemoryTx};
use async_trait::async_trait;
use crm_auto_responses::{
    AutoResponse, AutoResponseRecord, AutoResponseRepository, KeywordEntry, NewAutoResponse,
    Trigger,
};
use crm_kernel::{AutoResponseId, KeywordId, StoreError};
use std::collections::BTreeSet;

impl MemoryStore {
    /// Every rule that was committed, by id.
    #[must_use]
    pub fn auto_responses(&self) -> Vec<AutoResponse> {
        self.read(|tables| {
            let rules = tables.auto_responses.iter();
            rules
                .map(|(id, record)| AutoResponse::from_stored(*id, record.clone()))
                .collect()
        })
    }
}

impl Tables {
    /// Stores a rule, its keywords checked against the rows that it had; answers it with all
    /// ids.
    fn put_rule(
        &mut self,
        id: AutoResponseId,
        mut record: AutoResponseRecord,
        rows: &[KeywordEntry],
    ) -> Result<AutoResponseRecord, StoreError> {
        let template = record.answer.template_id();
        if template.is_some_and(|template| !self.templates.contains_key(&template)) {
            return Err(StoreError::Reference);
        }
        let mut keys = BTreeSet::new();
        if let Trigger::Keyword(entries) = &mut record.trigger {
            for entry in entries.iter_mut() {
                let row = rows.iter().find(|row| row.id == entry.id);
                match (entry.id, row) {
                    (None, _) => entry.id = Some(self.next_id()),
                    (Some(_), None) => return Err(StoreError::Reference),
                    (Some(_), Some(row)) => {
                        entry.match_count = row.match_count;
                        entry.created_at = row.created_at;
                    }
                }
                if !keys.insert(entry.keyword.key()) {
                    return Err(StoreError::Duplicate {
                        key: "auto_response_keyword",
                    });
                }
            }
            entries.sort_by_key(|entry| entry.id);
        }
        self.auto_responses.insert(id, record.clone());
        Ok(record)
    }
}

#[async_trait]
impl AutoResponseRepository for MemoryTx {
    async fn insert(&mut self, new: &NewAutoResponse) -> Result<AutoResponse, StoreError> {
        let id = self.tables.next_id();
        let record = self.tables.put_rule(id, new.record().clone(), &[])?;
        Ok(AutoResponse::from_stored(id, record))
    }

    async fn count(&mut self) -> Result<u64, StoreError> {
        Ok(self.tables.auto_responses.len() as u64)
    }

    async fn find(&mut self, id: AutoResponseId) -> Result<Option<AutoResponse>, StoreError> {
        let record = self.tables.auto_responses.get(&id).cloned();
        Ok(record.map(|record| AutoResponse::from_stored(id, record)))
    }

    async fn update(&mut self, rule: &AutoResponse) -> Result<AutoResponse, StoreError> {
        let id = rule.id();
        let stored = self.tables.auto_responses.get(&id).cloned();
        let stored = stored.ok_or(StoreError::Reference)?;
        let mut record = AutoResponseRecord {
            trigger_count: stored.trigger_count,
            success_count: stored.success_count,
            created_at: stored.created_at,
            ..rule.record().clone()
        };
        if let Trigger::Keyword(entries) = &mut record.trigger {
            for entry in entries.iter_mut().filter(|entry| entry.id.is_none()) {
                entry.match_count = 0;
            }
        }
        let rows = stored.trigger.keywords();
        let record = self.tables.put_rule(id, record, rows)?;
        Ok(AutoResponse::from_stored(id, record))
    }

    async fn delete(&mut self, id: AutoResponseId) -> Result<bool, StoreError> {
        Ok(self.tables.auto_responses.remove(&id).is_some())
    }

    async fn count_fired(
        &mut self,
        id: AutoResponseId,
        keyword: Option<KeywordId>,
    ) -> Result<(), StoreError> {
        if let Some(record) = self.tables.auto_responses.get_mut(&id) {
            record.trigger_count += 1;
            if let Trigger::Keyword(entries) = &mut record.trigger {
                for entry in entries {
                    entry.match_count += u64::from(keyword.is_some() && entry.id == keyword);
                }
            }
        }
        Ok(())
    }

    async fn count_success(&mut self, id: AutoResponseId) -> Result<(), StoreError> {
        if let Some(record) = self.tables.auto_responses.get_mut(&id) {
            record.success_count += 1;
        }
        Ok(())
    }
}
