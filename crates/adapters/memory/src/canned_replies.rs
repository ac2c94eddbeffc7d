use crate::MemoryTx;
use crate::tables::Tables;
use async_trait::async_trait;
use crm_kernel::{CannedReplyId, StoreError, TemplateId};
use crm_messages::{CannedReply, CannedReplyRecord, CannedReplyRepository, Shortcut};

impl Tables {
    fn shortcut_key_taken(&self, key: &str, except: Option<CannedReplyId>) -> bool {
        let others = self
            .canned_replies
            .iter()
            .filter(|(id, _)| Some(**id) != except);
        others
            .filter_map(|(_, record)| record.shortcut.as_ref())
            .any(|shortcut| shortcut.key() == key)
    }

    fn check_canned_reply(
        &self,
        record: &CannedReplyRecord,
        own: Option<CannedReplyId>,
    ) -> Result<(), StoreError> {
        let template = record.content.template_id();
        if template.is_some_and(|id| !self.templates.contains_key(&id)) {
            return Err(StoreError::Reference);
        }
        let key = record.shortcut.as_ref().map(Shortcut::key);
        if key.is_some_and(|key| self.shortcut_key_taken(&key, own)) {
            return Err(StoreError::Duplicate {
                key: "canned_reply_shortcut",
            });
        }
        Ok(())
    }

    /// Whether a reply is this template.
    pub(crate) fn is_canned(&self, template: TemplateId) -> bool {
        let mut replies = self.canned_replies.values();
        replies.any(|reply| reply.content.template_id() == Some(template))
    }
}

#[async_trait]
impl CannedReplyRepository for MemoryTx {
    async fn insert(&mut self, record: &CannedReplyRecord) -> Result<CannedReplyId, StoreError> {
        self.tables.check_canned_reply(record, None)?;
        let id = self.tables.next_id();
        self.tables.canned_replies.insert(id, record.clone());
        Ok(id)
    }

    async fn find(&mut self, id: CannedReplyId) -> Result<Option<CannedReply>, StoreError> {
        let record = self.tables.canned_replies.get(&id).cloned();
        Ok(record.map(|record| CannedReply::from_stored(id, record)))
    }

    async fn shortcut_taken(
        &mut self,
        key: &str,
        except: Option<CannedReplyId>,
    ) -> Result<bool, StoreError> {
        Ok(self.tables.shortcut_key_taken(key, except))
    }

    async fn update(&mut self, reply: &CannedReply) -> Result<(), StoreError> {
        self.tables
            .check_canned_reply(reply.record(), Some(reply.id()))?;
        let row = self.tables.canned_replies.get_mut(&reply.id());
        *row.ok_or(StoreError::Reference)? = reply.record().clone();
        Ok(())
    }

    async fn delete(&mut self, id: CannedReplyId) -> Result<bool, StoreError> {
        Ok(self.tables.canned_replies.remove(&id).is_some())
    }
}
