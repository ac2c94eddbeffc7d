use crate::DatabaseTx;
use crate::dialect::for_update;
use crate::media::{details_text, read_details};
use crate::sql::{known, sql};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{
    CampaignId, Figure, Figures, MemberId, MessageId, StoreError, TemplateId, UserId,
};
use crm_messages::{
    Direction, Message, MessageContent, MessageRecord, MessageRepository, MessageStatus,
    MessageType, NewMessage, SenderType, Settlement,
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    member_id: i64,
    campaign_id: Option<i64>,
    template_id: Option<i64>,
    frozen_template: Option<String>,
    content: String,
    details: Option<String>,
    direction: String,
    message_type: String,
    sender_type: Option<String>,
    sender_id: Option<i64>,
    status: String,
    retry_key: Option<String>,
    line_message_id: Option<String>,
    scheduled_at: Option<DateTime<Utc>>,
    first_tried_at: Option<DateTime<Utc>>,
    in_doubt: bool,
    sent_at: Option<DateTime<Utc>>,
    read_at: Option<DateTime<Utc>>,
    clicked_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct OwnedRow {
    id: i64,
    member_id: i64,
}

impl TryFrom<Row> for Message {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let sender_type = row
            .sender_type
            .map(|word| known(SenderType::parse(&word), "type of sender"));
        let retry_key = row
            .retry_key
            .map(|text| known(Uuid::parse_str(&text).ok(), "retry key"));
        let record = MessageRecord {
            member_id: MemberId::new(row.member_id),
            campaign_id: row.campaign_id.map(CampaignId::new),
            template_id: row.template_id.map(TemplateId::new),
            frozen_template: row.frozen_template,
            content: MessageContent::from_stored(
                known(MessageType::parse(&row.message_type), "type of message")?,
                row.content,
            ),
            details: read_details(row.details.as_deref())?,
            direction: known(Direction::parse(&row.direction), "direction")?,
            sender_type: sender_type.transpose()?,
            sender_id: row.sender_id.map(UserId::new),
            status: known(MessageStatus::parse(&row.status), "status of a message")?,
            retry_key: retry_key.transpose()?,
            line_message_id: row.line_message_id,
            scheduled_at: row.scheduled_at,
            first_tried_at: row.first_tried_at,
            in_doubt: row.in_doubt,
            sent_at: row.sent_at,
            read_at: row.read_at,
            clicked_at: row.clicked_at,
            created_at: row.created_at,
        };
        Ok(Self::from_stored(MessageId::new(row.id), record))
    }
}

impl DatabaseTx {
    /// Counts a message that was said, or is said no more.
    fn count_message(&mut self, record: &MessageRecord, n: i64) {
        let Some(said_at) = record.said_at() else {
            return;
        };
        let figure = match record.direction {
            Direction::Incoming => Figure::MessagesReceived,
            Direction::Outgoing => Figure::MessagesSent,
        };
        self.add(figure, 0, said_at, n);
    }
}

#[async_trait]
impl MessageRepository for DatabaseTx {
    async fn insert(&mut self, new: &NewMessage) -> Result<MessageId, StoreError> {
        let record = new.record();
        let id = sql(
            "INSERT INTO messages (member_id, campaign_id, template_id, frozen_template, \
             content, details, direction, message_type, sender_type, sender_id, status, \
             retry_key, line_message_id, scheduled_at, first_tried_at, in_doubt, sent_at, \
             read_at, created_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(record.member_id.get())
        .bind(record.campaign_id.map(CampaignId::get))
        .bind(record.template_id.map(TemplateId::get))
        .bind(record.frozen_template.as_deref())
        .bind(record.content.body())
        .bind(details_text(record.details.as_ref())?)
        .bind(record.direction.as_str())
        .bind(record.content.kind().as_str())
        .bind(record.sender_type.map(SenderType::as_str))
        .bind(record.sender_id.map(UserId::get))
        .bind(record.status.as_str())
        .bind(record.retry_key.map(|key| key.to_string()))
        .bind(record.line_message_id.as_deref())
        .bind(record.scheduled_at)
        .bind(record.first_tried_at)
        .bind(record.in_doubt)
        .bind(record.sent_at)
        .bind(record.read_at)
        .bind(record.created_at)
        .insert(&self.tx)
        .await?;
        let id = MessageId::new(id);
        self.keep_new_message(id, record).await?;
        self.count_message(record, 1);
        Ok(id)
    }

    async fn receive(&mut self, new: &NewMessage) -> Result<Option<MessageId>, StoreError> {
        let id = match MessageRepository::insert(self, new).await {
            Ok(id) => id,
            Err(StoreError::Duplicate { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        if let Some(kind) = new.record().content_to_fetch() {
            sql("INSERT INTO message_media (message_id, kind, state) VALUES (?, ?, 'pending')")
                .bind(id.get())
                .bind(kind.as_str())
                .run(&self.tx)
                .await?;
        }
        Ok(Some(id))
    }

    async fn unsend(
        &mut self,
        line_message_id: &str,
        left: &str,
    ) -> Result<Option<(MessageId, MemberId)>, StoreError> {
        let found: Option<OwnedRow> = sql(
            "SELECT id, member_id FROM messages WHERE line_message_id = ? \
             AND direction = 'incoming'",
        )
        .bind(line_message_id)
        .then(for_update(self.backend()))
        .one(&self.tx)
        .await?;
        let Some(row) = found else {
            return Ok(None);
        };
        sql("UPDATE messages SET content = ?, message_type = 'text', details = NULL WHERE id = ?")
            .bind(left)
            .bind(row.id)
            .run(&self.tx)
            .await?;
        Ok(Some((MessageId::new(row.id), MemberId::new(row.member_id))))
    }

    async fn member_of(&mut self, id: MessageId) -> Result<Option<MemberId>, StoreError> {
        let members = sql("SELECT member_id FROM messages WHERE id = ?")
            .bind(id.get())
            .ids(&self.tx)
            .await?;
        Ok(members.into_iter().next())
    }

    async fn find(&mut self, id: MessageId) -> Result<Option<Message>, StoreError> {
        let row: Option<Row> = sql("SELECT * FROM messages WHERE id = ?")
            .bind(id.get())
            .then(for_update(self.backend()))
            .one(&self.tx)
            .await?;
        row.map(Message::try_from).transpose()
    }

    async fn begin_try(&mut self, id: MessageId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let begun = sql(
            "UPDATE messages SET first_tried_at = COALESCE(first_tried_at, ?), in_doubt = TRUE \
             WHERE id = ? AND status = 'pending'",
        )
        .bind(at)
        .bind(id.get())
        .run(&self.tx)
        .await?;
        Ok(begun > 0)
    }

    async fn was_not_carried_out(&mut self, id: MessageId) -> Result<(), StoreError> {
        sql("UPDATE messages SET in_doubt = FALSE WHERE id = ? AND status = 'pending'")
            .bind(id.get())
            .run(&self.tx)
            .await?;
        Ok(())
    }

    async fn settle(&mut self, id: MessageId, how: &Settlement) -> Result<bool, StoreError> {
        let change = match how {
            Settlement::Sent { at } => {
                sql("UPDATE messages SET status = 'sent', sent_at = ?").bind(*at)
            }
            Settlement::Failed { reason, message } => {
                sql("UPDATE messages SET status = 'failed', reason = ?, error_message = ?")
                    .bind(reason.as_str())
                    .bind(message.as_str())
            }
        };
        let settled = change
            .then(" WHERE id = ? AND status = 'pending'")
            .bind(id.get())
            .run(&self.tx)
            .await?;
        if let (true, Settlement::Sent { at }) = (settled > 0, how) {
            self.add(Figure::MessagesSent, 0, *at, 1);
            self.keep_sent(id).await?;
        }
        Ok(settled > 0)
    }

    async fn clicked(&mut self, id: MessageId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let clicked = sql("UPDATE messages SET clicked_at = ? WHERE id = ? AND clicked_at IS NULL")
            .bind(at)
            .bind(id.get())
            .run(&self.tx)
            .await?;
        Ok(clicked > 0)
    }

    async fn delete(&mut self, id: MessageId) -> Result<bool, StoreError> {
        let Some(message) = MessageRepository::find(self, id).await? else {
            return Ok(false);
        };
        sql("DELETE FROM messages WHERE id = ?")
            .bind(id.get())
            .run(&self.tx)
            .await?;
        self.count_message(message.record(), -1);
        if message.record().said_at().is_some() {
            self.recount_conversation(message.record().member_id)
                .await?;
        }
        Ok(true)
    }

    async fn mark_read(&mut self, member: MemberId, at: DateTime<Utc>) -> Result<u64, StoreError> {
        let read = sql(
            "UPDATE messages SET read_at = ? WHERE member_id = ? AND direction = 'incoming' \
             AND read_at IS NULL",
        )
        .bind(at)
        .bind(member.get())
        .run(&self.tx)
        .await?;
        if read > 0 {
            self.keep_read(member, read).await?;
        }
        Ok(read)
    }
}
