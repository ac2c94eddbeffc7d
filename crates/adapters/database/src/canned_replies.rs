use crate::dialect::{contains, for_update};
use crate::sql::{Sql, known, page_of, sql};
use crate::{Database, DatabaseTx};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{CannedReplyId, Page, PageRequest, StoreError, TemplateId};
use crm_messages::{
    CannedContent, CannedReply, CannedReplyQueries, CannedReplyRecord, CannedReplyRepository,
    MessageContent, MessageType, Shortcut, Title,
};
use sea_orm::FromQueryResult;

const COLUMNS: &str = "id, title, shortcut, message_type, content, template_id, created_at, \
    updated_at";

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    title: String,
    shortcut: Option<String>,
    message_type: String,
    content: Option<String>,
    template_id: Option<i64>,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for CannedReply {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let kind = known(MessageType::parse(&row.message_type), "type of message")?;
        let content = match (kind, row.content, row.template_id) {
            (MessageType::Template, _, Some(id)) => CannedContent::Template(TemplateId::new(id)),
            (_, Some(body), _) => CannedContent::Said(MessageContent::from_stored(kind, body)),
            _ => known(None, "canned reply's content")?,
        };
        let record = CannedReplyRecord {
            title: Title::from_stored(row.title),
            shortcut: row.shortcut.map(Shortcut::from_stored),
            content,
            created_at: row.created_at,
            updated_at: row.updated_at,
        };
        Ok(Self::from_stored(CannedReplyId::new(row.id), record))
    }
}

/// Binds title, its key, shortcut, its key, type, content and template.
fn bind_record(statement: Sql, record: &CannedReplyRecord) -> Sql {
    statement
        .bind(record.title.as_str())
        .bind(record.title.key())
        .bind(record.shortcut.as_ref().map(Shortcut::as_str))
        .bind(record.shortcut.as_ref().map(Shortcut::key))
        .bind(record.content.kind().as_str())
        .bind(record.content.body())
        .bind(record.content.template_id().map(TemplateId::get))
}

#[async_trait]
impl CannedReplyRepository for DatabaseTx {
    async fn insert(&mut self, record: &CannedReplyRecord) -> Result<CannedReplyId, StoreError> {
        let statement = sql(
            "INSERT INTO canned_replies (title, title_key, shortcut, shortcut_key, message_type, \
             content, template_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        );
        let id = bind_record(statement, record)
            .bind(record.created_at)
            .insert(&self.tx)
            .await?;
        Ok(CannedReplyId::new(id))
    }

    async fn find(&mut self, id: CannedReplyId) -> Result<Option<CannedReply>, StoreError> {
        let row: Option<Row> = sql(format!("SELECT {COLUMNS} FROM canned_replies WHERE id = ?"))
            .bind(id.get())
            .then(for_update(self.backend()))
            .one(&self.tx)
            .await?;
        row.map(CannedReply::try_from).transpose()
    }

    async fn shortcut_taken(
        &mut self,
        key: &str,
        except: Option<CannedReplyId>,
    ) -> Result<bool, StoreError> {
        sql("SELECT id FROM canned_replies WHERE shortcut_key = ? AND id <> ?")
            .bind(key)
            .bind(except.map_or(0, CannedReplyId::get))
            .any(&self.tx)
            .await
    }

    async fn update(&mut self, reply: &CannedReply) -> Result<(), StoreError> {
        let statement = sql(
            "UPDATE canned_replies SET title = ?, title_key = ?, shortcut = ?, shortcut_key = ?, \
             message_type = ?, content = ?, template_id = ?, updated_at = ? WHERE id = ?",
        );
        let updated = bind_record(statement, reply.record())
            .bind(reply.record().updated_at)
            .bind(reply.id().get())
            .run(&self.tx)
            .await?;
        if updated == 0 {
            return Err(StoreError::Reference);
        }
        Ok(())
    }

    async fn delete(&mut self, id: CannedReplyId) -> Result<bool, StoreError> {
        let deleted = sql("DELETE FROM canned_replies WHERE id = ?")
            .bind(id.get())
            .run(&self.tx)
            .await?;
        Ok(deleted > 0)
    }
}

fn matching(search: Option<&str>) -> Sql {
    let all = sql(" FROM canned_replies");
    let Some(search) = search else {
        return all;
    };
    all.then(" WHERE title_key LIKE ? ESCAPE '!' OR shortcut_key LIKE ? ESCAPE '!'")
        .bind(contains(search))
        .bind(contains(search))
}

#[derive(FromQueryResult)]
struct TitleRow {
    title: String,
}

#[async_trait]
impl CannedReplyQueries for Database {
    async fn list(
        &self,
        search: Option<&str>,
        page: PageRequest,
    ) -> Result<Page<CannedReply>, StoreError> {
        let total = sql("SELECT COUNT(*)")
            .join(matching(search))
            .number(&self.pool)
            .await?;
        let rows: Vec<Row> = sql(format!("SELECT {COLUMNS}"))
            .join(matching(search))
            .then(" ORDER BY title_key, id")
            .page(page)
            .all(&self.pool)
            .await?;
        page_of(rows, total, page, CannedReply::try_from)
    }

    async fn find(&self, id: CannedReplyId) -> Result<Option<CannedReply>, StoreError> {
        let row: Option<Row> = sql(format!("SELECT {COLUMNS} FROM canned_replies WHERE id = ?"))
            .bind(id.get())
            .one(&self.pool)
            .await?;
        row.map(CannedReply::try_from).transpose()
    }

    async fn titles_using(&self, template: TemplateId) -> Result<Vec<String>, StoreError> {
        let rows: Vec<TitleRow> =
            sql("SELECT title FROM canned_replies WHERE template_id = ? ORDER BY id")
                .bind(template.get())
                .all(&self.pool)
                .await?;
        Ok(rows.into_iter().map(|row| row.title).collect())
    }
}
