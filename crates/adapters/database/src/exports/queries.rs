use super::stored::{EXPORT, ExportRow, SCHEDULE, ScheduleRow};
use crate::Database;
use crate::dialect::named;
use crate::sql::{Sql, page_of, sql};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_exports::{Export, ExportQueries, ReportSchedule};
use crm_kernel::{CampaignId, ExportId, Page, PageRequest, ReportScheduleId, StoreError, UserId};
use sea_orm::FromQueryResult;
use std::collections::HashSet;

#[derive(FromQueryResult)]
struct FileRow {
    file: String,
}

#[derive(FromQueryResult)]
struct TitleRow {
    title: String,
}

/// ` WHERE …` for the rows of one user, if only one's are wanted.
fn of(column: &str, owner: Option<UserId>) -> Sql {
    match owner {
        Some(owner) => sql(format!(" WHERE {column} = ?")).bind(owner.get()),
        None => sql(""),
    }
}

pub(crate) fn page_of_exports(owner: Option<UserId>, page: PageRequest) -> Sql {
    sql(format!("SELECT {EXPORT} FROM exports"))
        .join(of("requested_by", owner))
        .then(" ORDER BY id DESC")
        .page(page)
}

#[async_trait]
impl ExportQueries for Database {
    async fn list(
        &self,
        owner: Option<UserId>,
        page: PageRequest,
    ) -> Result<Page<Export>, StoreError> {
        let total = sql("SELECT COUNT(*) FROM exports")
            .join(of("requested_by", owner))
            .number(&self.pool)
            .await?;
        let rows: Vec<ExportRow> = page_of_exports(owner, page).all(&self.pool).await?;
        page_of(rows, total, page, Export::try_from)
    }

    async fn get(&self, id: ExportId) -> Result<Option<Export>, StoreError> {
        let row: Option<ExportRow> = sql(format!("SELECT {EXPORT} FROM exports WHERE id = ?"))
            .bind(id.get())
            .one(&self.pool)
            .await?;
        row.map(Export::try_from).transpose()
    }

    async fn open_of(&self, owner: UserId) -> Result<u64, StoreError> {
        let open = sql(
            "SELECT COUNT(*) FROM exports WHERE status IN ('pending', 'running') \
             AND requested_by = ?",
        )
        .bind(owner.get())
        .number(&self.pool)
        .await?;
        Ok(open.unsigned_abs())
    }

    async fn over(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<ExportId>, StoreError> {
        sql(
            "SELECT id FROM exports WHERE status = 'completed' AND expires_at <= ? \
             ORDER BY expires_at LIMIT ?",
        )
        .bind(now)
        .bind(i64::from(limit))
        .ids(&self.pool)
        .await
    }

    async fn silent_since(&self, moment: DateTime<Utc>) -> Result<Vec<ExportId>, StoreError> {
        sql("SELECT id FROM exports WHERE status = 'running' AND touched_at < ? LIMIT 1000")
            .bind(moment)
            .ids(&self.pool)
            .await
    }

    async fn known_files(&self, names: &[String]) -> Result<HashSet<String>, StoreError> {
        let mut known = HashSet::new();
        for some in named(names) {
            let marks = crate::dialect::marks(some.len());
            let rows: Vec<FileRow> =
                sql(format!("SELECT file FROM exports WHERE file IN ({marks})"))
                    .bind_all(some)
                    .all(&self.pool)
                    .await?;
            known.extend(rows.into_iter().map(|row| row.file));
        }
        Ok(known)
    }

    async fn campaign_title(&self, id: CampaignId) -> Result<Option<String>, StoreError> {
        let row: Option<TitleRow> = sql("SELECT title FROM campaigns WHERE id = ?")
            .bind(id.get())
            .one(&self.pool)
            .await?;
        Ok(row.map(|row| row.title))
    }

    async fn schedules(
        &self,
        owner: Option<UserId>,
        page: PageRequest,
    ) -> Result<Page<ReportSchedule>, StoreError> {
        let total = sql("SELECT COUNT(*) FROM report_schedules")
            .join(of("created_by", owner))
            .number(&self.pool)
            .await?;
        let rows: Vec<ScheduleRow> = sql(format!("SELECT {SCHEDULE} FROM report_schedules"))
            .join(of("created_by", owner))
            .then(" ORDER BY id DESC")
            .page(page)
            .all(&self.pool)
            .await?;
        page_of(rows, total, page, ReportSchedule::try_from)
    }

    async fn due_schedules(
        &self,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<ReportScheduleId>, StoreError> {
        sql("SELECT id FROM report_schedules WHERE next_at <= ? ORDER BY next_at LIMIT ?")
            .bind(now)
            .bind(i64::from(limit))
            .ids(&self.pool)
            .await
    }
}
