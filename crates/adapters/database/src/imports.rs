//! Files of members being read in.

use crate::Database;
use crate::DatabaseTx;
use crate::dialect::{for_update, marks, named, pieces, rows_at_once};
use crate::sql::{Sql, known, page_of, sql};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{ImportId, Page, PageRequest, StoreError, UserId};
use crm_members::{
    CandidateKeys, Import, ImportCounts, ImportRepository, ImportStatus, Member, NewImport,
    RowError,
};
use sea_orm::FromQueryResult;

const COLUMNS: &str = "id, dry_run, status, reason, file_path, file_name, total_rows, \
    processed_rows, created_count, updated_count, unchanged_count, failed_count, created_by, \
    created_at, finished_at";

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    dry_run: bool,
    status: String,
    reason: Option<String>,
    file_path: Option<String>,
    file_name: Option<String>,
    total_rows: i64,
    processed_rows: i64,
    created_count: i64,
    updated_count: i64,
    unchanged_count: i64,
    failed_count: i64,
    created_by: Option<i64>,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Import {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: ImportId::new(row.id),
            dry_run: row.dry_run,
            status: known(ImportStatus::parse(&row.status), "status of an import")?,
            reason: row.reason,
            file_path: row.file_path,
            file_name: row.file_name,
            total_rows: row.total_rows.unsigned_abs(),
            processed_rows: row.processed_rows.unsigned_abs(),
            counts: ImportCounts {
                created: row.created_count.unsigned_abs(),
                updated: row.updated_count.unsigned_abs(),
                unchanged: row.unchanged_count.unsigned_abs(),
                failed: row.failed_count.unsigned_abs(),
            },
            created_by: row.created_by.map(UserId::new),
            created_at: row.created_at,
            finished_at: row.finished_at,
        })
    }
}

#[derive(FromQueryResult)]
struct ErrorRow {
    row_number_in_file: i64,
    field: String,
    message: String,
}

fn count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

impl DatabaseTx {
    /// Ids of members whose `column` holds one of `values`.
    async fn ids_by(&mut self, column: &str, values: &[String]) -> Result<Vec<i64>, StoreError> {
        let mut ids = Vec::new();
        for chunk in named(values) {
            let found: Vec<i64> = sql(format!(
                "SELECT id FROM members WHERE {column} IN ({})",
                marks(chunk.len())
            ))
            .bind_all(chunk.iter().map(String::as_str))
            .ids(&self.tx)
            .await?;
            ids.extend(found);
        }
        Ok(ids)
    }
}

#[async_trait]
impl ImportRepository for DatabaseTx {
    async fn insert(&mut self, new: &NewImport) -> Result<ImportId, StoreError> {
        let id = sql(
            "INSERT INTO member_imports (dry_run, status, file_path, file_name, total_rows, \
             created_by, created_at) VALUES (?, 'pending', ?, ?, ?, ?, ?)",
        )
        .bind(new.dry_run)
        .bind(new.file_path.as_str())
        .bind(new.file_name.as_str())
        .bind(count(new.total_rows))
        .bind(new.created_by.map(UserId::get))
        .bind(new.created_at)
        .insert(&self.tx)
        .await?;
        Ok(ImportId::new(id))
    }

    async fn find(&mut self, id: ImportId) -> Result<Option<Import>, StoreError> {
        let row: Option<Row> = sql(format!("SELECT {COLUMNS} FROM member_imports WHERE id = ?"))
            .bind(id.get())
            .then(for_update(self.backend()))
            .one(&self.tx)
            .await?;
        row.map(Import::try_from).transpose()
    }

    async fn update(&mut self, import: &Import) -> Result<(), StoreError> {
        let counts = import.counts;
        let updated = sql(
            "UPDATE member_imports SET status = ?, reason = ?, total_rows = ?, \
             processed_rows = ?, created_count = ?, updated_count = ?, unchanged_count = ?, \
             failed_count = ?, finished_at = ? WHERE id = ?",
        )
        .bind(import.status.as_str())
        .bind(import.reason.as_deref())
        .bind_all([import.total_rows, import.processed_rows].map(count))
        .bind_all(
            [
                counts.created,
                counts.updated,
                counts.unchanged,
                counts.failed,
            ]
            .map(count),
        )
        .bind(import.finished_at)
        .bind(import.id.get())
        .run(&self.tx)
        .await?;
        if updated == 0 {
            return Err(StoreError::Reference);
        }
        Ok(())
    }

    async fn candidates(&mut self, keys: &CandidateKeys) -> Result<Vec<Member>, StoreError> {
        let mut ids = self.ids_by("id_number_index", &keys.id_indexes).await?;
        ids.extend(self.ids_by("phone_key", &keys.phones).await?);
        ids.extend(self.ids_by("email_key", &keys.emails).await?);
        ids.sort_unstable();
        ids.dedup();
        let mut members = Vec::with_capacity(ids.len());
        for chunk in named(&ids) {
            let condition = sql(format!("id IN ({})", marks(chunk.len())));
            let condition = condition.bind_all(chunk.iter().copied());
            members.extend(self.find_members(condition.then(" ORDER BY id")).await?);
        }
        Ok(members)
    }

    async fn forget_errors(&mut self, id: ImportId) -> Result<(), StoreError> {
        sql("DELETE FROM member_import_errors WHERE import_id = ?")
            .bind(id.get())
            .run(&self.tx)
            .await?;
        Ok(())
    }

    async fn insert_errors(
        &mut self,
        id: ImportId,
        errors: &[RowError],
        at_most: u64,
    ) -> Result<(), StoreError> {
        let stored = sql("SELECT COUNT(*) FROM member_import_errors WHERE import_id = ?")
            .bind(id.get())
            .number(&self.tx)
            .await?;
        let room = at_most.saturating_sub(stored.unsigned_abs());
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        let kept = &errors[..errors.len().min(room)];
        for chunk in pieces(kept, rows_at_once(4)) {
            let places = vec!["(?, ?, ?, ?)"; chunk.len()].join(", ");
            let mut statement: Sql = sql(format!(
                "INSERT INTO member_import_errors (import_id, row_number_in_file, field, message) \
                 VALUES {places}"
            ));
            for error in chunk {
                statement = statement
                    .bind(id.get())
                    .bind(count(error.row))
                    .bind(error.field.chars().take(60).collect::<String>())
                    .bind(error.message.chars().take(300).collect::<String>());
            }
            statement.run(&self.tx).await?;
        }
        Ok(())
    }
}

impl Database {
    pub(crate) async fn import_by_id(&self, id: ImportId) -> Result<Option<Import>, StoreError> {
        let row: Option<Row> = sql(format!("SELECT {COLUMNS} FROM member_imports WHERE id = ?"))
            .bind(id.get())
            .one(&self.pool)
            .await?;
        row.map(Import::try_from).transpose()
    }

    pub(crate) async fn page_of_imports(
        &self,
        page: PageRequest,
    ) -> Result<Page<Import>, StoreError> {
        let total = sql("SELECT COUNT(*) FROM member_imports")
            .number(&self.pool)
            .await?;
        let rows: Vec<Row> = sql(format!(
            "SELECT {COLUMNS} FROM member_imports ORDER BY id DESC"
        ))
        .page(page)
        .all(&self.pool)
        .await?;
        page_of(rows, total, page, Import::try_from)
    }

    pub(crate) async fn page_of_import_errors(
        &self,
        id: ImportId,
        page: PageRequest,
    ) -> Result<Page<RowError>, StoreError> {
        let total = sql("SELECT COUNT(*) FROM member_import_errors WHERE import_id = ?")
            .bind(id.get())
            .number(&self.pool)
            .await?;
        let rows: Vec<ErrorRow> = sql(
            "SELECT row_number_in_file, field, message FROM member_import_errors \
             WHERE import_id = ? ORDER BY row_number_in_file, id",
        )
        .bind(id.get())
        .page(page)
        .all(&self.pool)
        .await?;
        page_of(rows, total, page, |row| {
            Ok(RowError {
                row: row.row_number_in_file.unsigned_abs(),
                field: row.field,
                message: row.message,
            })
        })
    }
}
