use crate::media::StoredMedia;
use crate::tables::Tables;
use crate::{MemoryStore, MemoryTx};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{CampaignId, MemberId, MessageId, StoreError};
use crm_messages::{
    Direction, FailReason, Message, MessageContent, MessageRecord, MessageRepository,
    MessageStatus, NewMessage, Settlement,
};

/// A message as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredMessage {
    pub(crate) record: MessageRecord,
    failure: Option<(FailReason, String)>,
}

impl StoredMessage {
    fn message(&self, id: MessageId) -> Message {
        Message::from_stored(id, self.record.clone())
    }
}

impl MemoryStore {
    /// Every message that was committed, by id.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.read(|tables| {
            let messages = tables.messages.iter();
            messages.map(|(id, stored)| stored.message(*id)).collect()
        })
    }

    /// Why a message that was committed failed, and the same in words.
    #[must_use]
    pub fn failure(&self, id: MessageId) -> Option<(FailReason, String)> {
        self.read(|tables| tables.messages.get(&id)?.failure.clone())
    }
}

impl Tables {
    fn pending_message(&mut self, id: MessageId) -> Option<&mut StoredMessage> {
        let stored = self.messages.get_mut(&id);
        stored.filter(|stored| stored.record.status == MessageStatus::Pending)
    }

    pub(crate) fn delete_messages_of(&mut self, member: MemberId) {
        self.messages
            .retain(|_, stored| stored.record.member_id != member);
        self.forget_conversation(member);
        let messages = &self.messages;
        self.media.retain(|id, _| messages.contains_key(id));
    }

    pub(crate) fn forget_campaign_in_messages(&mut self, id: CampaignId) {
        for stored in self.messages.values_mut() {
            let named = &mut stored.record.campaign_id;
            *named = named.filter(|campaign| *campaign != id);
        }
    }
}

#[async_trait]
impl MessageRepository for MemoryTx {
    async fn insert(&mut self, new: &NewMessage) -> Result<MessageId, StoreError> {
        let (tables, record) = (&mut self.tables, new.record());
        let sender = record.sender_id;
        let campaign = record.campaign_id;
        if !tables.members.contains_key(&record.member_id)
            || sender.is_some_and(|id| !tables.users.contains_key(&id))
            || campaign.is_some_and(|id| !tables.campaigns.contains_key(&id))
        {
            return Err(StoreError::Reference);
        }
        let line_id = &record.line_message_id;
        let mut others = tables.messages.values();
        if line_id.is_some() && others.any(|other| other.record.line_message_id == *line_id) {
            return Err(StoreError::Duplicate {
                key: "message_line_message",
            });
        }
        let id = tables.next_id();
        let stored = StoredMessage {
            record: record.clone(),
            failure: None,
        };
        tables.messages.insert(id, stored);
        tables.open_conversation(record.member_id);
        tables.recount_conversation(record.member_id);
        if let Some(kind) = record.content_to_fetch() {
            tables.media.insert(id, StoredMedia::of(kind));
        }
        Ok(id)
    }

    async fn receive(&mut self, new: &NewMessage) -> Result<Option<MessageId>, StoreError> {
        match MessageRepository::insert(self, new).await {
            Ok(id) => Ok(Some(id)),
            Err(StoreError::Duplicate { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn unsend(
        &mut self,
        line_message_id: &str,
        left: &str,
    ) -> Result<Option<(MessageId, MemberId)>, StoreError> {
        let mut incoming = self.tables.messages.iter_mut().filter(|(_, stored)| {
            let record = &stored.record;
            record.direction == Direction::Incoming
                && record.line_message_id.as_deref() == Some(line_message_id)
        });
        let Some((id, stored)) = incoming.next() else {
            return Ok(None);
        };
        stored.record.content = MessageContent::said(left);
        stored.record.details = None;
        Ok(Some((*id, stored.record.member_id)))
    }

    async fn member_of(&mut self, id: MessageId) -> Result<Option<MemberId>, StoreError> {
        let stored = self.tables.messages.get(&id);
        Ok(stored.map(|stored| stored.record.member_id))
    }

    async fn find(&mut self, id: MessageId) -> Result<Option<Message>, StoreError> {
        let stored = self.tables.messages.get(&id);
        Ok(stored.map(|stored| stored.message(id)))
    }

    async fn begin_try(&mut self, id: MessageId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let Some(stored) = self.tables.pending_message(id) else {
            return Ok(false);
        };
        stored.record.first_tried_at.get_or_insert(at);
        stored.record.in_doubt = true;
        Ok(true)
    }

    async fn was_not_carried_out(&mut self, id: MessageId) -> Result<(), StoreError> {
        if let Some(stored) = self.tables.pending_message(id) {
            stored.record.in_doubt = false;
        }
        Ok(())
    }

    async fn settle(&mut self, id: MessageId, how: &Settlement) -> Result<bool, StoreError> {
        let Some(stored) = self.tables.pending_message(id) else {
            return Ok(false);
        };
        match how {
            Settlement::Sent { at } => {
                stored.record.status = MessageStatus::Sent;
                stored.record.sent_at = Some(*at);
            }
            Settlement::Failed { reason, message } => {
                stored.record.status = MessageStatus::Failed;
                stored.failure = Some((*reason, message.clone()));
            }
        }
        let member = stored.record.member_id;
        self.tables.open_conversation(member);
        self.tables.recount_conversation(member);
        Ok(true)
    }

    async fn clicked(&mut self, id: MessageId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let stored = self.tables.messages.get_mut(&id);
        let Some(stored) = stored.filter(|stored| stored.record.clicked_at.is_none()) else {
            return Ok(false);
        };
        stored.record.clicked_at = Some(at);
        Ok(true)
    }

    async fn delete(&mut self, id: MessageId) -> Result<bool, StoreError> {
        self.tables.media.remove(&id);
        let Some(gone) = self.tables.messages.remove(&id) else {
            return Ok(false);
        };
        self.tables.recount_conversation(gone.record.member_id);
        Ok(true)
    }

    async fn mark_read(&mut self, member: MemberId, at: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut read = 0;
        for stored in self.tables.messages.values_mut() {
            let record = &mut stored.record;
            if record.member_id == member
                && record.direction == Direction::Incoming
                && record.read_at.is_none()
            {
                record.read_at = Some(at);
                read += 1;
            }
        }
        self.tables.recount_conversation(member);
        Ok(read)
    }
}
