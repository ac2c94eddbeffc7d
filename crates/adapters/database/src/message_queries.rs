use crate::Database;
use crate::dialect::contains;
use crate::media::{read_details, view};
use crate::sql::{Sql, known, page_of, sql};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{CampaignId, MemberId, MessageId, Page, PageRequest, StoreError, UserId};
use crm_messages::{
    Direction, FailReason, MessageFilter, MessageMember, MessageQueries, MessageRow, MessageSender,
    MessageStatus, MessageType, SenderType,
};
use sea_orm::FromQueryResult;

const COLUMNS: &str = "m.id, m.member_id, g.first_name, g.last_name, g.line_display_name, \
    m.content, m.direction, m.message_type, m.sender_type, m.sender_id, \
    COALESCE(u.full_name, u.username) AS sender_name, m.status, m.reason, m.error_message, \
    m.campaign_id, m.scheduled_at, m.sent_at, m.read_at, m.clicked_at, m.created_at, \
    m.details, c.state AS media_state, c.content_type, c.bytes, c.failure";

const JOINED: &str = "JOIN messages m ON m.id = found.id JOIN members g ON g.id = m.member_id \
    LEFT JOIN users u ON u.id = m.sender_id LEFT JOIN message_media c ON c.message_id = m.id";

/// When LINE accepted a campaign for a recipient, alone or with their batch.
pub(crate) const SENT_AT: &str = "COALESCE(r.sent_at, CASE WHEN b.state = 'accepted' \
    AND r.status NOT IN ('failed', 'skipped') THEN b.finished_at END)";

/// What campaigns sent a member: the value is the member.
const CAMPAIGNS: &str = "FROM campaign_recipients r LEFT JOIN campaign_batches b \
    ON b.campaign_id = r.campaign_id AND b.number = r.batch_number WHERE r.member_id = ?";

#[derive(FromQueryResult)]
struct Row {
    id: Option<i64>,
    member_id: i64,
    first_name: Option<String>,
    last_name: Option<String>,
    line_display_name: Option<String>,
    content: String,
    direction: String,
    message_type: String,
    sender_type: Option<String>,
    sender_id: Option<i64>,
    sender_name: Option<String>,
    status: String,
    reason: Option<String>,
    error_message: Option<String>,
    campaign_id: Option<i64>,
    scheduled_at: Option<DateTime<Utc>>,
    sent_at: Option<DateTime<Utc>>,
    read_at: Option<DateTime<Utc>>,
    clicked_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    details: Option<String>,
    media_state: Option<String>,
    content_type: Option<String>,
    bytes: Option<i64>,
    failure: Option<String>,
}

impl Row {
    fn into_view(self) -> Result<MessageRow, StoreError> {
        let sender_type = self
            .sender_type
            .map(|word| known(SenderType::parse(&word), "type of sender"));
        let reason = self
            .reason
            .map(|word| known(FailReason::parse(&word), "reason of a failure"));
        let sender = self.sender_id.zip(self.sender_name);
        Ok(MessageRow {
            id: self.id.map(MessageId::new),
            member: MessageMember {
                id: MemberId::new(self.member_id),
                first_name: self.first_name,
                last_name: self.last_name,
                display_name: self.line_display_name,
            },
            content: self.content,
            details: read_details(self.details.as_deref())?,
            media: view(
                self.media_state.as_deref(),
                self.content_type,
                self.bytes,
                self.failure.as_deref(),
            )?,
            direction: known(Direction::parse(&self.direction), "direction")?,
            message_type: known(MessageType::parse(&self.message_type), "type of message")?,
            sender_type: sender_type.transpose()?,
            sender: sender.map(|(id, name)| MessageSender {
                id: UserId::new(id),
                name,
            }),
            status: known(MessageStatus::parse(&self.status), "status of a message")?,
            reason: reason.transpose()?,
            error_message: self.error_message,
            campaign_id: self.campaign_id.map(CampaignId::new),
            scheduled_at: self.scheduled_at,
            sent_at: self.sent_at,
            read_at: self.read_at,
            clicked_at: self.clicked_at,
            created_at: self.created_at,
        })
    }
}

fn condition(filter: &MessageFilter) -> Sql {
    let mut all = sql(" WHERE 1 = 1");
    if let Some(member) = filter.member_id {
        all = all.then(" AND member_id = ?").bind(member.get());
    }
    if let Some(direction) = filter.direction {
        all = all.then(" AND direction = ?").bind(direction.as_str());
    }
    if let Some(from) = filter.from {
        all = all.then(" AND created_at >= ?").bind(from);
    }
    if let Some(before) = filter.before {
        all = all.then(" AND created_at < ?").bind(before);
    }
    all
}

/// ` AND …` for each word that this column must have in it.
fn having(column: &str, words: &[String]) -> Sql {
    words.iter().fold(sql(""), |all, word| {
        all.then(&format!(" AND {column} LIKE ? ESCAPE '!'"))
            .bind(contains(word))
    })
}

/// A member's rows of `messages` with these words.
fn messages_with(columns: &str, member: MemberId, words: &[String]) -> Sql {
    sql(format!(
        "SELECT {columns} FROM messages WHERE member_id = ?"
    ))
    .bind(member.get())
    .join(having("content", words))
}

/// What campaigns whose title has these words sent a member.
fn campaigns_with(columns: &str, member: MemberId, words: &[String]) -> Sql {
    let titled = if words.is_empty() {
        sql("")
    } else {
        sql(" AND r.campaign_id IN (SELECT id FROM campaigns WHERE 1 = 1")
            .join(having("title", words))
            .then(")")
    };
    sql(format!(
        "SELECT {columns} {CAMPAIGNS} AND {SENT_AT} IS NOT NULL"
    ))
    .bind(member.get())
    .join(titled)
}

/// The rows of a conversation's page, as `place` (0 message, 1 campaign), `id` and `created_at`.
/// No part gives more rows than the page and those before it need.
fn found(member: MemberId, words: &[String], page: PageRequest) -> Sql {
    const ORDER: &str = " ORDER BY created_at DESC, id DESC LIMIT ?";
    let enough = (page.offset() as i64).saturating_add(page.page_size() as i64);
    let campaign = format!("1 AS place, r.campaign_id AS id, {SENT_AT} AS created_at");
    sql("SELECT place, id, created_at FROM (SELECT * FROM (")
        .join(messages_with("0 AS place, id, created_at", member, words))
        .then(ORDER)
        .bind(enough)
        .then(") said UNION ALL SELECT * FROM (")
        .join(campaigns_with(&campaign, member, words))
        .then(ORDER)
        .bind(enough)
        .then(") campaigns) both_kinds ORDER BY created_at DESC, place, id DESC")
        .page(page)
}

impl Database {
    /// A page of one conversation, of what has all these words in it.
    pub(crate) async fn thread(
        &self,
        member: MemberId,
        words: &[String],
        page: PageRequest,
    ) -> Result<Page<MessageRow>, StoreError> {
        let total = sql("SELECT (")
            .join(messages_with("COUNT(*)", member, words))
            .then(") + (")
            .join(campaigns_with("COUNT(*)", member, words))
            .then(")")
            .number(&self.pool)
            .await?;
        let rows: Vec<Row> = sql(
            "SELECT m.id, g.id AS member_id, g.first_name, g.last_name, g.line_display_name, \
             COALESCE(m.content, c.title) AS content, \
             COALESCE(m.direction, 'outgoing') AS direction, \
             COALESCE(m.message_type, 'template') AS message_type, \
             CASE WHEN found.place = 1 THEN 'campaign' ELSE m.sender_type END AS sender_type, \
             m.sender_id, COALESCE(u.full_name, u.username) AS sender_name, \
             COALESCE(m.status, 'sent') AS status, m.reason, m.error_message, \
             COALESCE(m.campaign_id, c.id) AS campaign_id, m.scheduled_at, m.sent_at, m.read_at, \
             m.clicked_at, found.created_at, m.details, e.state AS media_state, e.content_type, \
             e.bytes, e.failure FROM (",
        )
        .join(found(member, words, page))
        .then(
            ") found JOIN members g ON g.id = ? \
             LEFT JOIN messages m ON found.place = 0 AND m.id = found.id \
             LEFT JOIN campaigns c ON found.place = 1 AND c.id = found.id \
             LEFT JOIN users u ON u.id = m.sender_id \
             LEFT JOIN message_media e ON e.message_id = m.id \
             ORDER BY found.created_at DESC, found.place, found.id DESC",
        )
        .bind(member.get())
        .all(&self.pool)
        .await?;
        page_of(rows, total, page, Row::into_view)
    }
}

#[async_trait]
impl MessageQueries for Database {
    async fn list(
        &self,
        filter: &MessageFilter,
        page: PageRequest,
    ) -> Result<Page<MessageRow>, StoreError> {
        let condition = condition(filter);
        let total = sql("SELECT COUNT(*) FROM messages")
            .join(condition.clone())
            .number(&self.pool)
            .await?;
        // The page's messages first: names are looked up for them alone.
        let rows: Vec<Row> = sql(format!("SELECT {COLUMNS} FROM (SELECT id FROM messages"))
            .join(condition)
            .then(" ORDER BY created_at DESC, id DESC")
            .page(page)
            .then(&format!(
                ") found {JOINED} ORDER BY m.created_at DESC, m.id DESC"
            ))
            .all(&self.pool)
            .await?;
        page_of(rows, total, page, Row::into_view)
    }

    async fn conversation(
        &self,
        member: MemberId,
        page: PageRequest,
    ) -> Result<Page<MessageRow>, StoreError> {
        self.thread(member, &[], page).await
    }

    async fn has_unread(&self, member: MemberId) -> Result<bool, StoreError> {
        sql("SELECT 1 FROM conversations WHERE member_id = ? AND unread_count > 0")
            .bind(member.get())
            .any(&self.pool)
            .await
    }

    async fn detail(&self, id: MessageId) -> Result<Option<MessageRow>, StoreError> {
        let row: Option<Row> = sql(format!(
            "SELECT {COLUMNS} FROM (SELECT id FROM messages WHERE id = ?) found {JOINED}"
        ))
        .bind(id.get())
        .one(&self.pool)
        .await?;
        row.map(Row::into_view).transpose()
    }

    async fn frozen_template(&self, id: MessageId) -> Result<Option<String>, StoreError> {
        let row: Option<Frozen> = sql("SELECT frozen_template FROM messages WHERE id = ?")
            .bind(id.get())
            .one(&self.pool)
            .await?;
        Ok(row.and_then(|row| row.frozen_template))
    }
}

#[derive(FromQueryResult)]
struct Frozen {
    frozen_template: Option<String>,
}
