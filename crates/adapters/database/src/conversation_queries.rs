use crate::Database;
use crate::sql::{known, page_of, sql};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, MessageId, NoteId, Page, PageRequest, StoreError, UserId};
use crm_messages::{
    ConversationFilter, ConversationMember, ConversationQueries, ConversationRow, Direction,
    LastMessage, MessageRow, MessageSender, MessageType, NoteRow, NoteText, SenderType, preview,
};
use sea_orm::FromQueryResult;

/// More of the words than a preview shows.
const BEGINNING: usize = 300;

#[derive(FromQueryResult)]
struct Row {
    member_id: i64,
    first_name: Option<String>,
    last_name: Option<String>,
    line_display_name: Option<String>,
    line_picture_url: Option<String>,
    line_state: Option<String>,
    last_message_id: i64,
    content: String,
    message_type: String,
    sender_type: Option<String>,
    last_direction: String,
    last_at: DateTime<Utc>,
    last_incoming_at: Option<DateTime<Utc>>,
    unread_count: i64,
    assigned_to: Option<i64>,
    assigned_name: Option<String>,
}

impl Row {
    fn into_view(self) -> Result<ConversationRow, StoreError> {
        let message_type = known(MessageType::parse(&self.message_type), "type of message")?;
        let sender_type = self
            .sender_type
            .map(|word| known(SenderType::parse(&word), "type of sender"));
        Ok(ConversationRow {
            member: ConversationMember {
                id: MemberId::new(self.member_id),
                first_name: self.first_name,
                last_name: self.last_name,
                display_name: self.line_display_name,
                picture_url: self.line_picture_url,
                line_state: self.line_state,
            },
            last: LastMessage {
                id: MessageId::new(self.last_message_id),
                preview: preview(message_type, &self.content),
                direction: known(Direction::parse(&self.last_direction), "direction")?,
                message_type,
                sender_type: sender_type.transpose()?,
                at: self.last_at,
            },
            last_incoming_at: self.last_incoming_at,
            unread_count: self.unread_count.unsigned_abs(),
            assigned_to: named(self.assigned_to, self.assigned_name),
        })
    }
}

fn named(id: Option<i64>, name: Option<String>) -> Option<MessageSender> {
    id.zip(name).map(|(id, name)| MessageSender {
        id: UserId::new(id),
        name,
    })
}

const NOTES: &str = "SELECT n.id, n.member_id, n.author_id, \
    COALESCE(u.full_name, u.username) AS author_name, n.content, n.created_at, n.updated_at \
    FROM conversation_notes n LEFT JOIN users u ON u.id = n.author_id";

#[derive(FromQueryResult)]
struct StoredNote {
    id: i64,
    member_id: i64,
    author_id: Option<i64>,
    author_name: Option<String>,
    content: String,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

impl From<StoredNote> for NoteRow {
    fn from(row: StoredNote) -> Self {
        Self {
            id: NoteId::new(row.id),
            member_id: MemberId::new(row.member_id),
            author: named(row.author_id, row.author_name),
            text: NoteText::from_stored(row.content),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

#[async_trait]
impl ConversationQueries for Database {
    async fn list(
        &self,
        filter: &ConversationFilter,
        page: PageRequest,
    ) -> Result<Page<ConversationRow>, StoreError> {
        let Some(list) = self.conversation_list(filter).await? else {
            return page_of(Vec::new(), 0, page, Row::into_view);
        };
        let total = self.conversations_in(&list).await?;
        // The page's conversations first: everything else is looked up for them alone.
        let rows: Vec<Row> = sql(format!(
            "SELECT c.member_id, g.first_name, g.last_name, g.line_display_name, \
             g.line_picture_url, g.line_state, c.last_message_id, \
             SUBSTR(m.content, 1, {BEGINNING}) AS content, m.message_type, m.sender_type, \
             c.last_direction, c.last_at, c.last_incoming_at, c.unread_count, c.assigned_to, \
             COALESCE(u.full_name, u.username) AS assigned_name FROM ("
        ))
        .join(list.ids(page))
        .then(
            ") p JOIN conversations c ON c.member_id = p.member_id \
             JOIN members g ON g.id = c.member_id \
             JOIN messages m ON m.id = c.last_message_id \
             LEFT JOIN users u ON u.id = c.assigned_to \
             ORDER BY c.last_at DESC, c.member_id DESC",
        )
        .all(&self.pool)
        .await?;
        page_of(rows, total, page, Row::into_view)
    }

    async fn search_thread(
        &self,
        member: MemberId,
        words: &[String],
        page: PageRequest,
    ) -> Result<Page<MessageRow>, StoreError> {
        self.thread(member, words, page).await
    }

    async fn notes(
        &self,
        member: MemberId,
        page: PageRequest,
    ) -> Result<Page<NoteRow>, StoreError> {
        let total = sql("SELECT COUNT(*) FROM conversation_notes WHERE member_id = ?")
            .bind(member.get())
            .number(&self.pool)
            .await?;
        let rows: Vec<StoredNote> = sql(format!("{NOTES} WHERE n.member_id = ?"))
            .bind(member.get())
            .then(" ORDER BY n.id DESC")
            .page(page)
            .all(&self.pool)
            .await?;
        page_of(rows, total, page, |row| Ok(row.into()))
    }

    async fn note(&self, id: NoteId) -> Result<Option<NoteRow>, StoreError> {
        let row: Option<StoredNote> = sql(format!("{NOTES} WHERE n.id = ?"))
            .bind(id.get())
            .one(&self.pool)
            .await?;
        Ok(row.map(NoteRow::from))
    }
}
