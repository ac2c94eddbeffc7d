use crate::dialect::marks;
use crate::sql::{Sql, known, sql};
use crate::{Database, DatabaseTx};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{PictureUse, StoreError, UPLOADS, UploadId, UserId};
use crm_uploads::{
    Category, NewUpload, OrphanAge, Upload, UploadQueries, UploadRecord, UploadRepository,
};
use sea_orm::FromQueryResult;
use std::collections::HashSet;

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    category: String,
    path: String,
    jpeg_path: Option<String>,
    thumbnail_path: String,
    bytes: i64,
    width: i32,
    height: i32,
    uploaded_by: Option<i64>,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Upload {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let record = UploadRecord {
            category: known(Category::parse(&row.category), "category")?,
            path: row.path,
            jpeg_path: row.jpeg_path,
            thumbnail_path: row.thumbnail_path,
            bytes: row.bytes.unsigned_abs(),
            width: row.width.unsigned_abs(),
            height: row.height.unsigned_abs(),
            uploaded_by: row.uploaded_by.map(UserId::new),
            created_at: row.created_at,
        };
        Ok(Self::from_store(UploadId::new(row.id), record))
    }
}

#[async_trait]
impl UploadRepository for DatabaseTx {
    async fn insert(&mut self, new: &NewUpload) -> Result<UploadId, StoreError> {
        let record = new.record();
        let id = sql(
            "INSERT INTO uploads (category, path, jpeg_path, thumbnail_path, bytes, width, \
             height, uploaded_by, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(record.category.as_str())
        .bind(record.path.as_str())
        .bind(record.jpeg_path.as_deref())
        .bind(record.thumbnail_path.as_str())
        .bind(i64::try_from(record.bytes).unwrap_or(i64::MAX))
        .bind(record.width)
        .bind(record.height)
        .bind(record.uploaded_by.map(UserId::get))
        .bind(record.created_at)
        .insert(&self.tx)
        .await?;
        Ok(UploadId::new(id))
    }

    async fn delete_if_unused(&mut self, id: UploadId) -> Result<bool, StoreError> {
        let deleted = sql("DELETE FROM uploads WHERE id = ? AND used_at IS NULL")
            .bind(id.get())
            .run(&self.tx)
            .await?;
        Ok(deleted > 0)
    }
}

#[derive(FromQueryResult)]
struct Kept {
    id: i64,
    used_at: Option<DateTime<Utc>>,
}

#[async_trait]
impl PictureUse for DatabaseTx {
    async fn keep(&mut self, address: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let Some(path) = address.strip_prefix(UPLOADS) else {
            return Ok(false);
        };
        // One index each; the row is locked only by whoever is the first to use it.
        let found: Option<Kept> = sql("SELECT id, used_at FROM uploads WHERE path = ? \
             UNION ALL SELECT id, used_at FROM uploads WHERE jpeg_path = ? \
             UNION ALL SELECT id, used_at FROM uploads WHERE thumbnail_path = ? LIMIT 1")
        .bind_all([path; 3])
        .one(&self.tx)
        .await?;
        let Some(found) = found else {
            return Ok(false);
        };
        if found.used_at.is_some() {
            return Ok(true);
        }
        let kept = sql("UPDATE uploads SET used_at = COALESCE(used_at, ?) WHERE id = ?")
            .bind(now)
            .bind(found.id)
            .run(&self.tx)
            .await?;
        Ok(kept > 0)
    }
}

#[derive(FromQueryResult)]
struct Known {
    path: String,
}

#[async_trait]
impl UploadQueries for Database {
    async fn orphans(
        &self,
        age: &OrphanAge,
        after: Option<UploadId>,
        limit: u32,
    ) -> Result<Vec<Upload>, StoreError> {
        // Pictures of the category `members` are not looked for: nothing says yet who uses them.
        let of = |category: Category, before: DateTime<Utc>| {
            sql(
                "SELECT * FROM (SELECT * FROM uploads WHERE used_at IS NULL AND category = ? \
                 AND id > ? AND created_at < ? ORDER BY id LIMIT ?) found",
            )
            .bind(category.as_str())
            .bind(after.map_or(0, UploadId::get))
            .bind(before)
            .bind(i64::from(limit))
        };
        let rows: Vec<Row> = of(Category::Temp, age.temp_before)
            .then(" UNION ALL ")
            .join(of(Category::Templates, age.templates_before))
            .then(" ORDER BY id LIMIT ?")
            .bind(i64::from(limit))
            .all(&self.pool)
            .await?;
        rows.into_iter().map(Upload::try_from).collect()
    }

    async fn known_paths(&self, paths: &[String]) -> Result<HashSet<String>, StoreError> {
        if paths.is_empty() {
            return Ok(HashSet::new());
        }
        let named = |column: &str, start: &str| -> Sql {
            sql(format!(
                "{start}SELECT {column} AS path FROM uploads WHERE {column} IN ({})",
                marks(paths.len())
            ))
            .bind_all(paths.iter().map(String::as_str))
        };
        let rows: Vec<Known> = named("path", "")
            .join(named("jpeg_path", " UNION "))
            .join(named("thumbnail_path", " UNION "))
            .all(&self.pool)
            .await?;
        Ok(rows.into_iter().map(|row| row.path).collect())
    }
}
