//! Rows for sheets, page after page along an index.

use crate::Database;
use crate::message_queries::SENT_AT;
use crate::recipient_list::STATUS;
use crate::sql::{Sql, sql};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_exports::{ExportRows, MemberLine, MessageLine, Place, RecipientLine, Stretch, TagLine};
use crm_kernel::{CampaignId, StoreError};
use sea_orm::FromQueryResult;

#[derive(FromQueryResult)]
struct RecipientRow {
    id: i64,
    member_id: Option<i64>,
    last_name: Option<String>,
    first_name: Option<String>,
    line_display_name: Option<String>,
    status: String,
    reason: Option<String>,
    sent_at: Option<DateTime<Utc>>,
    opened_at: Option<DateTime<Utc>>,
    clicked_at: Option<DateTime<Utc>>,
}

impl From<RecipientRow> for RecipientLine {
    fn from(row: RecipientRow) -> Self {
        Self {
            id: row.id,
            member: row.member_id,
            last_name: row.last_name,
            first_name: row.first_name,
            display_name: row.line_display_name,
            status: row.status,
            reason: row.reason,
            sent_at: row.sent_at,
            opened_at: row.opened_at,
            clicked_at: row.clicked_at,
        }
    }
}

#[derive(FromQueryResult)]
struct MessageRow {
    id: i64,
    created_at: DateTime<Utc>,
    direction: String,
    member_id: i64,
    last_name: Option<String>,
    first_name: Option<String>,
    line_display_name: Option<String>,
    message_type: String,
    content: String,
    sender_type: Option<String>,
    sender_name: Option<String>,
    status: String,
    read_at: Option<DateTime<Utc>>,
}

impl From<MessageRow> for MessageLine {
    fn from(row: MessageRow) -> Self {
        Self {
            id: row.id,
            created_at: row.created_at,
            direction: row.direction,
            member: row.member_id,
            last_name: row.last_name,
            first_name: row.first_name,
            display_name: row.line_display_name,
            message_type: row.message_type,
            content: row.content,
            sender_type: row.sender_type,
            sender_name: row.sender_name,
            status: row.status,
            read_at: row.read_at,
        }
    }
}

#[derive(FromQueryResult)]
struct TagRow {
    id: i64,
    name: String,
    kind: String,
    source: String,
    description: Option<String>,
    member_count: i64,
    trigger_count: i64,
    created_at: DateTime<Utc>,
}

impl From<TagRow> for TagLine {
    fn from(row: TagRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            kind: row.kind,
            source: row.source,
            description: row.description,
            members: row.member_count,
            triggered: row.trigger_count,
            created_at: row.created_at,
        }
    }
}

/// A page of those a campaign was planned for, along the index of their rows.
pub(crate) fn page_of_recipients(campaign: CampaignId, after: i64, limit: u32) -> Sql {
    sql(format!(
        "SELECT r.id, m.id AS member_id, m.last_name, m.first_name, m.line_display_name, \
         {STATUS} AS status, CASE WHEN r.status = 'pending' THEN b.reason ELSE r.reason END \
         AS reason, {SENT_AT} AS sent_at, r.opened_at, r.clicked_at FROM (SELECT id, campaign_id, \
         member_id, batch_number, status, reason, sent_at, opened_at, clicked_at \
         FROM campaign_recipients WHERE campaign_id = ? AND id > ? ORDER BY id LIMIT ?) r \
         LEFT JOIN campaign_batches b ON b.campaign_id = r.campaign_id \
         AND b.number = r.batch_number LEFT JOIN members m ON m.id = r.member_id ORDER BY r.id"
    ))
    .bind(campaign.get())
    .bind(after)
    .bind(i64::from(limit))
}

/// A page of what was written in a stretch of time, along the index of when.
pub(crate) fn page_of_messages((from, until): Stretch, after: Option<Place>, limit: u32) -> Sql {
    let found = "SELECT id, created_at FROM messages WHERE created_at >= ? AND created_at < ?";
    let found = match after {
        None => sql(found).bind(from).bind(until),
        Some(place) => sql(found)
            .bind(place.at)
            .bind(until)
            .then(" AND (created_at > ? OR id > ?)")
            .bind(place.at)
            .bind(place.id),
    };
    sql(
        "SELECT m.id, m.created_at, m.direction, m.member_id, g.last_name, g.first_name, \
         g.line_display_name, m.message_type, m.content, m.sender_type, \
         COALESCE(u.full_name, u.username) AS sender_name, m.status, m.read_at FROM (",
    )
    .join(found)
    .then(" ORDER BY created_at, id LIMIT ?")
    .bind(i64::from(limit))
    .then(
        ") found JOIN messages m ON m.id = found.id JOIN members g ON g.id = m.member_id \
         LEFT JOIN users u ON u.id = m.sender_id ORDER BY found.created_at, found.id",
    )
}

impl Database {
    async fn lines<R: FromQueryResult + Into<L>, L>(
        &self,
        page: Sql,
    ) -> Result<Vec<L>, StoreError> {
        let rows: Vec<R> = page.all(&self.pool).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn how_many(&self, counting: Sql) -> Result<u64, StoreError> {
        Ok(counting.number(&self.pool).await?.unsigned_abs())
    }
}

#[async_trait]
impl ExportRows for Database {
    async fn members(
        &self,
        joined: Option<Stretch>,
        after: Option<Place>,
        limit: u32,
    ) -> Result<Vec<MemberLine>, StoreError> {
        self.member_lines(joined, after, limit).await
    }

    async fn count_members(&self, joined: Option<Stretch>) -> Result<u64, StoreError> {
        let Some((from, until)) = joined else {
            return Ok(self.all_members().await?.unsigned_abs());
        };
        let joined = sql("SELECT COUNT(*) FROM members WHERE created_at >= ? AND created_at < ?");
        self.how_many(joined.bind(from).bind(until)).await
    }

    async fn recipients(
        &self,
        campaign: CampaignId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<RecipientLine>, StoreError> {
        self.lines::<RecipientRow, _>(page_of_recipients(campaign, after, limit))
            .await
    }

    async fn count_recipients(&self, campaign: CampaignId) -> Result<u64, StoreError> {
        let kept = sql("SELECT recipient_count FROM campaigns WHERE id = ?");
        self.how_many(kept.bind(campaign.get())).await
    }

    async fn messages(
        &self,
        written: Stretch,
        after: Option<Place>,
        limit: u32,
    ) -> Result<Vec<MessageLine>, StoreError> {
        self.lines::<MessageRow, _>(page_of_messages(written, after, limit))
            .await
    }

    async fn count_messages(&self, (from, until): Stretch) -> Result<u64, StoreError> {
        let written = sql("SELECT COUNT(*) FROM messages WHERE created_at >= ? AND created_at < ?");
        self.how_many(written.bind(from).bind(until)).await
    }

    async fn tags(&self, after: i64, limit: u32) -> Result<Vec<TagLine>, StoreError> {
        let page = sql(
            "SELECT id, name, kind, source, description, member_count, trigger_count, \
             created_at FROM tags WHERE id > ? ORDER BY id LIMIT ?",
        );
        self.lines::<TagRow, _>(page.bind(after).bind(i64::from(limit)))
            .await
    }

    async fn count_tags(&self) -> Result<u64, StoreError> {
        self.how_many(sql("SELECT COUNT(*) FROM tags")).await
    }
}
