use crate::DatabaseTx;
use crate::dialect::for_update;
use crate::sql::{known, sql};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_accounts::{Permission, Role};
use crm_kernel::{MemberId, MessageId, NoteId, StoreError, UserId};
use crm_messages::{
    Colleague, Conversation, ConversationRepository, Direction, LastSaid, NewNote, Note, NoteText,
};
use sea_orm::FromQueryResult;

#[derive(FromQueryResult)]
struct Row {
    last_message_id: Option<i64>,
    last_at: Option<DateTime<Utc>>,
    last_direction: Option<String>,
    last_incoming_at: Option<DateTime<Utc>>,
    unread_count: i64,
    assigned_to: Option<i64>,
}

impl Row {
    fn of(self, member_id: MemberId) -> Result<Conversation, StoreError> {
        let last = self
            .last_message_id
            .zip(self.last_at)
            .zip(self.last_direction)
            .map(|((id, at), direction)| {
                Ok::<_, StoreError>(LastSaid {
                    id: MessageId::new(id),
                    at,
                    direction: known(Direction::parse(&direction), "direction")?,
                })
            });
        Ok(Conversation {
            member_id,
            last: last.transpose()?,
            last_incoming_at: self.last_incoming_at,
            unread_count: self.unread_count.unsigned_abs(),
            assigned_to: self.assigned_to.map(UserId::new),
        })
    }
}

#[derive(FromQueryResult)]
struct UserRow {
    name: String,
    role: String,
    is_active: bool,
}

#[derive(FromQueryResult)]
struct NoteRecord {
    member_id: i64,
    author_id: Option<i64>,
    content: String,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

#[async_trait]
impl ConversationRepository for DatabaseTx {
    async fn find(&mut self, member: MemberId) -> Result<Option<Conversation>, StoreError> {
        let row: Option<Row> = sql(
            "SELECT last_message_id, last_at, last_direction, last_incoming_at, unread_count, \
             assigned_to FROM conversations WHERE member_id = ?",
        )
        .bind(member.get())
        .then(for_update(self.backend()))
        .one(&self.tx)
        .await?;
        row.map(|row| row.of(member)).transpose()
    }

    async fn assign(&mut self, member: MemberId, to: Option<UserId>) -> Result<(), StoreError> {
        self.open_conversation(member).await?;
        sql("UPDATE conversations SET assigned_to = ? WHERE member_id = ?")
            .bind(to.map(UserId::get))
            .bind(member.get())
            .run(&self.tx)
            .await?;
        Ok(())
    }

    async fn colleague(&mut self, id: UserId) -> Result<Option<Colleague>, StoreError> {
        let row: Option<UserRow> = sql(
            "SELECT COALESCE(full_name, username) AS name, role, is_active FROM users \
             WHERE id = ?",
        )
        .bind(id.get())
        .then(for_update(self.backend()))
        .one(&self.tx)
        .await?;
        let colleague = row.map(|row| {
            let role = known(Role::parse(&row.role), "role")?;
            Ok(Colleague {
                id,
                name: row.name,
                may_answer: row.is_active && role.allows(Permission::MessagesSend),
            })
        });
        colleague.transpose()
    }

    async fn insert_note(&mut self, new: &NewNote) -> Result<NoteId, StoreError> {
        let id = sql(
            "INSERT INTO conversation_notes (member_id, author_id, content, created_at) \
             VALUES (?, ?, ?, ?)",
        )
        .bind(new.member_id.get())
        .bind(new.author_id.map(UserId::get))
        .bind(new.text.as_str())
        .bind(new.created_at)
        .insert(&self.tx)
        .await?;
        Ok(NoteId::new(id))
    }

    async fn find_note(&mut self, id: NoteId) -> Result<Option<Note>, StoreError> {
        let row: Option<NoteRecord> = sql(
            "SELECT member_id, author_id, content, created_at, updated_at \
             FROM conversation_notes WHERE id = ?",
        )
        .bind(id.get())
        .then(for_update(self.backend()))
        .one(&self.tx)
        .await?;
        Ok(row.map(|row| Note {
            id,
            new: NewNote {
                member_id: MemberId::new(row.member_id),
                author_id: row.author_id.map(UserId::new),
                text: NoteText::from_stored(row.content),
                created_at: row.created_at,
            },
            updated_at: row.updated_at,
        }))
    }

    async fn rewrite_note(
        &mut self,
        id: NoteId,
        text: &NoteText,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let written = sql("UPDATE conversation_notes SET content = ?, updated_at = ? WHERE id = ?")
            .bind(text.as_str())
            .bind(at)
            .bind(id.get())
            .run(&self.tx)
            .await?;
        Ok(written > 0)
    }

    async fn delete_note(&mut self, id: NoteId) -> Result<bool, StoreError> {
        let deleted = sql("DELETE FROM conversation_notes WHERE id = ?")
            .bind(id.get())
            .run(&self.tx)
            .await?;
        Ok(deleted > 0)
    }
}
