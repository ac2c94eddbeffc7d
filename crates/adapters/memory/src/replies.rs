use crate::MemoryTx;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{ReplyId, StoreError};
use crm_workflows::{NewReply, Reply, ReplyEnd, ReplyRepository};

/// An answer and how it ended.
#[derive(Clone)]
pub(crate) struct StoredReply {
    pub(crate) record: NewReply,
    pushed_at: Option<DateTime<Utc>>,
    end: Option<ReplyEnd>,
}

impl MemoryTx {
    fn pending(&mut self, id: ReplyId) -> Option<&mut StoredReply> {
        let reply = self.tables.replies.get_mut(&id);
        reply.filter(|reply| reply.end.is_none())
    }
}

#[async_trait]
impl ReplyRepository for MemoryTx {
    async fn insert(&mut self, new: &NewReply) -> Result<ReplyId, StoreError> {
        let mut replies = self.tables.replies.values();
        if replies.any(|reply| reply.record.event == new.event) {
            return Err(StoreError::Duplicate { key: "reply_event" });
        }
        let id = self.tables.next_id();
        let reply = StoredReply {
            record: new.clone(),
            pushed_at: None,
            end: None,
        };
        self.tables.replies.insert(id, reply);
        Ok(id)
    }

    async fn find_pending(&mut self, id: ReplyId) -> Result<Option<Reply>, StoreError> {
        Ok(self.pending(id).map(|reply| Reply {
            id,
            record: reply.record.clone(),
            pushed_at: reply.pushed_at,
        }))
    }

    async fn begin_try(&mut self, id: ReplyId) -> Result<(), StoreError> {
        if let Some(reply) = self.pending(id) {
            reply.record.in_doubt = true;
        }
        Ok(())
    }

    async fn was_not_carried_out(&mut self, id: ReplyId) -> Result<(), StoreError> {
        if let Some(reply) = self.pending(id) {
            reply.record.in_doubt = false;
        }
        Ok(())
    }

    async fn begin_push(&mut self, id: ReplyId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let Some(reply) = self.pending(id) else {
            return Ok(false);
        };
        reply.pushed_at.get_or_insert(at);
        Ok(true)
    }

    async fn settle(
        &mut self,
        id: ReplyId,
        end: ReplyEnd,
        _at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let Some(reply) = self.pending(id) else {
            return Ok(false);
        };
        reply.end = Some(end);
        Ok(true)
    }
}
