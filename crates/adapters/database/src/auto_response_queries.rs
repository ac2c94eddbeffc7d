use crate::Database;
use crate::auto_responses::{RuleRow, with_keywords};
use crate::sql::{Sql, sql};
use async_trait::async_trait;
use crm_auto_responses::{AutoResponse, AutoResponseFilter, AutoResponseQueries};
use crm_kernel::{AutoResponseId, Page, PageRequest, StoreError};

fn matching(filter: &AutoResponseFilter) -> Sql {
    let mut from = sql(" FROM auto_responses WHERE 1 = 1");
    if let Some(kind) = filter.trigger_type {
        from = from.then(" AND trigger_type = ?").bind(kind.as_str());
    }
    if let Some(is_active) = filter.is_active {
        from = from.then(" AND is_active = ?").bind(is_active);
    }
    from
}

fn newest_first(filter: &AutoResponseFilter) -> Sql {
    sql("SELECT *")
        .join(matching(filter))
        .then(" ORDER BY id DESC")
}

#[async_trait]
impl AutoResponseQueries for Database {
    async fn list(&self, filter: &AutoResponseFilter) -> Result<Vec<AutoResponse>, StoreError> {
        let rows: Vec<RuleRow> = newest_first(filter).all(&self.pool).await?;
        with_keywords(&self.pool, rows).await
    }

    async fn list_page(
        &self,
        filter: &AutoResponseFilter,
        page: PageRequest,
    ) -> Result<Page<AutoResponse>, StoreError> {
        let total = sql("SELECT COUNT(*)")
            .join(matching(filter))
            .number(&self.pool)
            .await?;
        let rows: Vec<RuleRow> = newest_first(filter).page(page).all(&self.pool).await?;
        Ok(Page {
            items: with_keywords(&self.pool, rows).await?,
            total: total.unsigned_abs(),
            request: page,
        })
    }

    async fn version(&self) -> Result<i64, StoreError> {
        sql("SELECT version FROM auto_response_version")
            .number(&self.pool)
            .await
    }

    async fn find(&self, id: AutoResponseId) -> Result<Option<AutoResponse>, StoreError> {
        let rows: Vec<RuleRow> = sql("SELECT * FROM auto_responses WHERE id = ?")
            .bind(id.get())
            .all(&self.pool)
            .await?;
        Ok(with_keywords(&self.pool, rows).await?.pop())
    }
}
