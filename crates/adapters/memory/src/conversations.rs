use crate::tables::Tables;
use crate::{MemoryStore, MemoryTx};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_accounts::Permission;
use crm_kernel::{MemberId, NoteId, StoreError, UserId};
use crm_messages::{
    Colleague, Conversation, ConversationRepository, Direction, LastSaid, NewNote, Note, NoteText,
};

impl MemoryStore {
    /// A conversation as it was committed.
    #[must_use]
    pub fn conversation(&self, member: MemberId) -> Option<Conversation> {
        self.read(|tables| tables.conversations.get(&member).copied())
    }

    /// Every note that was committed, by id.
    #[must_use]
    pub fn conversation_notes(&self) -> Vec<Note> {
        self.read(|tables| tables.notes.values().cloned().collect())
    }
}

impl Tables {
    /// The conversation is there from now on.
    pub(crate) fn open_conversation(&mut self, member: MemberId) -> &mut Conversation {
        self.conversations.entry(member).or_insert(Conversation {
            member_id: member,
            last: None,
            last_incoming_at: None,
            unread_count: 0,
            assigned_to: None,
        })
    }

    /// Counts the figures of a conversation anew, if it is there.
    pub(crate) fn recount_conversation(&mut self, member: MemberId) {
        let said = self.messages.iter().filter_map(|(id, stored)| {
            let record = &stored.record;
            let at = record.said_at().filter(|_| record.member_id == member)?;
            Some((at, *id, record))
        });
        let (mut last, mut last_incoming_at, mut unread_count) = (None, None, 0);
        for (at, id, record) in said {
            last = last.max(Some((at, id)));
            if record.direction == Direction::Incoming {
                last_incoming_at = last_incoming_at.max(Some(at));
                unread_count += u64::from(record.is_unread());
            }
        }
        let last = last.and_then(|(at, id)| {
            let direction = self.messages.get(&id)?.record.direction;
            Some(LastSaid { id, at, direction })
        });
        if let Some(conversation) = self.conversations.get_mut(&member) {
            conversation.last = last;
            conversation.last_incoming_at = last_incoming_at;
            conversation.unread_count = unread_count;
        }
    }

    pub(crate) fn forget_conversation(&mut self, member: MemberId) {
        self.conversations.remove(&member);
        self.notes.retain(|_, note| note.new.member_id != member);
    }

    /// Whoever looks after the one looks after the other too, unless somebody does already.
    pub(crate) fn share_conversation(&mut self, from: MemberId, with: MemberId) {
        let Some(conversation) = self.conversations.get(&from) else {
            return;
        };
        let assigned_to = conversation.assigned_to;
        let other = self.open_conversation(with);
        other.assigned_to = other.assigned_to.or(assigned_to);
        self.recount_conversation(with);
        self.recount_conversation(from);
    }
}

#[async_trait]
impl ConversationRepository for MemoryTx {
    async fn find(&mut self, member: MemberId) -> Result<Option<Conversation>, StoreError> {
        Ok(self.tables.conversations.get(&member).copied())
    }

    async fn assign(&mut self, member: MemberId, to: Option<UserId>) -> Result<(), StoreError> {
        let tables = &mut self.tables;
        if !tables.members.contains_key(&member)
            || to.is_some_and(|id| !tables.users.contains_key(&id))
        {
            return Err(StoreError::Reference);
        }
        tables.open_conversation(member).assigned_to = to;
        Ok(())
    }

    async fn colleague(&mut self, id: UserId) -> Result<Option<Colleague>, StoreError> {
        let user = self.tables.users.get(&id);
        Ok(user.map(|user| Colleague {
            id,
            name: user.full_name.as_ref().map_or_else(
                || user.username.as_str().to_owned(),
                |name| name.as_str().to_owned(),
            ),
            may_answer: user.is_active && user.role.allows(Permission::MessagesSend),
        }))
    }

    async fn insert_note(&mut self, new: &NewNote) -> Result<NoteId, StoreError> {
        let tables = &mut self.tables;
        if !tables.members.contains_key(&new.member_id)
            || new
                .author_id
                .is_some_and(|id| !tables.users.contains_key(&id))
        {
            return Err(StoreError::Reference);
        }
        let id = tables.next_id();
        let note = Note {
            id,
            new: new.clone(),
            updated_at: None,
        };
        tables.notes.insert(id, note);
        Ok(id)
    }

    async fn find_note(&mut self, id: NoteId) -> Result<Option<Note>, StoreError> {
        Ok(self.tables.notes.get(&id).cloned())
    }

    async fn rewrite_note(
        &mut self,
        id: NoteId,
        text: &NoteText,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let note = self.tables.notes.get_mut(&id);
        Ok(note
            .map(|note| {
                note.new.text = text.clone();
                note.updated_at = Some(at);
            })
            .is_some())
    }

    async fn delete_note(&mut self, id: NoteId) -> Result<bool, StoreError> {
        Ok(self.tables.notes.remove(&id).is_some())
    }
}
