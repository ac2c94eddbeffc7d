use crate::Database;
use crate::sql::{known, page_of, sql};
use crate::templates::find_template;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{Page, PageRequest, StoreError, TemplateId};
use crm_templates::{Template, TemplateFilter, TemplateKind, TemplateQueries, TemplateRow};
use sea_orm::FromQueryResult;

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    name: Option<String>,
    kind: String,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

#[async_trait]
impl TemplateQueries for Database {
    async fn list(
        &self,
        filter: &TemplateFilter,
        page: PageRequest,
    ) -> Result<Page<TemplateRow>, StoreError> {
        let condition = match filter.kind {
            Some(kind) => sql(" WHERE type = ?").bind(kind.as_str()),
            None => sql(""),
        };
        let total = sql("SELECT COUNT(*) FROM message_templates")
            .join(condition.clone())
            .number(&self.pool)
            .await?;
        let rows: Vec<Row> =
            sql("SELECT id, name, type AS kind, created_at, updated_at FROM message_templates")
                .join(condition)
                .then(" ORDER BY id DESC")
                .page(page)
                .all(&self.pool)
                .await?;
        page_of(rows, total, page, |row| {
            Ok(TemplateRow {
                id: TemplateId::new(row.id),
                name: row.name.unwrap_or_default(),
                kind: known(TemplateKind::parse(&row.kind), "type of template")?,
                created_at: row.created_at,
                updated_at: row.updated_at,
            })
        })
    }

    async fn find(&self, id: TemplateId) -> Result<Option<Template>, StoreError> {
        find_template(&self.pool, id, "").await
    }
}
