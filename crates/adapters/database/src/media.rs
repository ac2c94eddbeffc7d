use crate::dialect::{for_update, marks};
use crate::sql::{known, sql};
use crate::{Database, DatabaseTx};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, MessageId, StoreError};
use crm_messages::{
    ContentKind, MediaEnd, MediaFailure, MediaFile, MediaQueries, MediaRepository, MediaState,
    MediaView, MessageMedia, SentKind,
};
use sea_orm::FromQueryResult;
use std::collections::HashSet;

/// The document as it is stored.
pub(crate) fn details_text(details: Option<&SentKind>) -> Result<Option<String>, StoreError> {
    let text = details.map(serde_json::to_string).transpose();
    text.map_err(|error| StoreError::Internal(Box::new(error)))
}

/// The document as it was stored, by whichever version.
pub(crate) fn read_details(text: Option<&str>) -> Result<Option<SentKind>, StoreError> {
    let details = text.map(serde_json::from_str).transpose();
    details.map_err(|error| StoreError::Internal(Box::new(error)))
}

/// What a screen shows of content; the columns of a message that has none are empty.
pub(crate) fn view(
    state: Option<&str>,
    content_type: Option<String>,
    bytes: Option<i64>,
    failure: Option<&str>,
) -> Result<Option<MediaView>, StoreError> {
    let Some(state) = state else { return Ok(None) };
    let failure = failure.map(|word| known(MediaFailure::parse(word), "failure of content"));
    Ok(Some(MediaView {
        state: known(MediaState::parse(state), "state of content")?,
        content_type,
        bytes: bytes.and_then(|bytes| u64::try_from(bytes).ok()),
        failure: failure.transpose()?,
    }))
}

#[derive(FromQueryResult)]
struct Row {
    kind: String,
    state: String,
    path: Option<String>,
    begun_at: Option<DateTime<Utc>>,
    content_type: Option<String>,
    bytes: Option<i64>,
    failure: Option<String>,
}

#[derive(FromQueryResult)]
struct MessageRow {
    member_id: i64,
    line_message_id: Option<String>,
    details: Option<String>,
}

#[derive(FromQueryResult)]
struct Path {
    path: String,
}

const COLUMNS: &str = "SELECT kind, state, path, begun_at, content_type, bytes, failure \
    FROM message_media WHERE message_id = ?";

#[async_trait]
impl MediaRepository for DatabaseTx {
    async fn find(&mut self, message: MessageId) -> Result<Option<MessageMedia>, StoreError> {
        // The message itself is not locked: a member who is deleted takes their messages first.
        let row: Option<Row> = sql(COLUMNS)
            .bind(message.get())
            .then(for_update(self.backend()))
            .one(&self.tx)
            .await?;
        let of: Option<MessageRow> =
            sql("SELECT member_id, line_message_id, details FROM messages WHERE id = ?")
                .bind(message.get())
                .one(&self.tx)
                .await?;
        let Some((row, of)) = row.zip(of) else {
            return Ok(None);
        };
        let details = read_details(of.details.as_deref())?;
        let file = details.as_ref().and_then(SentKind::file);
        Ok(Some(MessageMedia {
            message_id: message,
            member_id: MemberId::new(of.member_id),
            line_message_id: of.line_message_id.unwrap_or_default(),
            kind: known(ContentKind::parse(&row.kind), "kind of content")?,
            state: known(MediaState::parse(&row.state), "state of content")?,
            path: row.path,
            announced_bytes: file.and_then(|file| file.size),
            begun_at: row.begun_at,
        }))
    }

    async fn begin(
        &mut self,
        message: MessageId,
        path: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        sql("UPDATE message_media SET path = COALESCE(path, ?), \
             begun_at = COALESCE(begun_at, ?) WHERE message_id = ? AND state = 'pending'")
        .bind(path)
        .bind(now)
        .bind(message.get())
        .run(&self.tx)
        .await?;
        Ok(())
    }

    async fn settle(
        &mut self,
        message: MessageId,
        end: &MediaEnd,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (content_type, bytes, failure) = match end {
            MediaEnd::Stored {
                content_type,
                bytes,
            } => (Some(*content_type), i64::try_from(*bytes).ok(), None),
            MediaEnd::Failed(failure) => (None, None, Some(failure.as_str())),
            MediaEnd::Gone => (None, None, None),
        };
        let settled = sql(
            "UPDATE message_media SET state = ?, content_type = ?, bytes = ?, failure = ?, \
             ended_at = ? WHERE message_id = ? AND state = 'pending'",
        )
        .bind(end.state().as_str())
        .bind(content_type)
        .bind(bytes)
        .bind(failure)
        .bind(now)
        .bind(message.get())
        .run(&self.tx)
        .await?;
        Ok(settled > 0)
    }

    async fn forget(
        &mut self,
        message: MessageId,
        now: DateTime<Utc>,
    ) -> Result<Option<String>, StoreError> {
        sql("UPDATE messages SET details = NULL WHERE id = ?")
            .bind(message.get())
            .run(&self.tx)
            .await?;
        let row: Option<Row> = sql(COLUMNS)
            .bind(message.get())
            .then(for_update(self.backend()))
            .one(&self.tx)
            .await?;
        let Some(row) = row else { return Ok(None) };
        sql(
            "UPDATE message_media SET state = 'gone', path = NULL, content_type = NULL, \
             bytes = NULL, failure = NULL, ended_at = ? WHERE message_id = ?",
        )
        .bind(now)
        .bind(message.get())
        .run(&self.tx)
        .await?;
        Ok(row.path)
    }

    async fn paths_of(&mut self, member: MemberId) -> Result<Vec<String>, StoreError> {
        let rows: Vec<Path> = sql(
            "SELECT c.path FROM messages m JOIN message_media c ON c.message_id = m.id \
             WHERE m.member_id = ? AND c.path IS NOT NULL ORDER BY m.id",
        )
        .bind(member.get())
        .all(&self.tx)
        .await?;
        Ok(rows.into_iter().map(|row| row.path).collect())
    }
}

#[async_trait]
impl MediaQueries for Database {
    async fn media_file(&self, message: MessageId) -> Result<Option<MediaFile>, StoreError> {
        let row: Option<Row> = sql(COLUMNS).bind(message.get()).one(&self.pool).await?;
        let of: Option<MessageRow> =
            sql("SELECT member_id, line_message_id, details FROM messages WHERE id = ?")
                .bind(message.get())
                .one(&self.pool)
                .await?;
        let Some((row, of)) = row.zip(of) else {
            return Ok(None);
        };
        let details = read_details(of.details.as_deref())?;
        let state = Some(row.state.as_str());
        let view = view(state, row.content_type, row.bytes, row.failure.as_deref())?;
        let kind = known(ContentKind::parse(&row.kind), "kind of content")?;
        Ok(view.map(|view| MediaFile {
            view,
            kind,
            path: row.path,
            file: details.as_ref().and_then(SentKind::file).cloned(),
        }))
    }

    async fn known_media(&self, paths: &[String]) -> Result<HashSet<String>, StoreError> {
        if paths.is_empty() {
            return Ok(HashSet::new());
        }
        let rows: Vec<Path> = sql(format!(
            "SELECT path FROM message_media WHERE path IN ({})",
            marks(paths.len())
        ))
        .bind_all(paths.iter().map(String::as_str))
        .all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|row| row.path).collect())
    }
}
