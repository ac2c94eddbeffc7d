use crate::dialect::marks;
use crate::sql::{Sql, known, sql};
use crate::{Database, DatabaseTx};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{StoreError, UploadId, UserId};
use crm_uploads::{
    Category, NewUpload, OrphanAge, Upload, UploadQueries, UploadRecord, UploadRepository,
};
use sea_orm::FromQueryResult;
use std::collections::HashSet;

/// Tables and columns where a path may occur, the shortest tables first.
const PLACES: [(&str, &[&str]); 5] = [
    (
        "message_templates",
        &["content", "buttons", "interaction_result"],
    ),
    (
        "template_carousel_items",
        &["image_url", "buttons", "interaction_result"],
    ),
    ("auto_responses", &["messages"]),
    ("campaigns", &["frozen_template"]),
    ("messages", &["content"]),
];

/// A condition on rows of `uploads`: none of their paths occurs anywhere.
fn unused() -> String {
    let nowhere = PLACES.map(|(table, columns)| {
        let occurs: Vec<String> = columns
            .iter()
            .flat_map(|column| {
                ["path", "jpeg_path", "thumbnail_path"]
                    .map(|path| format!("INSTR(t.{column}, uploads.{path}) > 0"))
            })
            .collect();
        format!(
            "NOT EXISTS (SELECT 1 FROM {table} t WHERE {})",
            occurs.join(" OR ")
        )
    });
    nowhere.join(" AND ")
}

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
        let deleted = sql(format!(
            "DELETE FROM uploads WHERE uploads.id = ? AND {}",
            unused()
        ))
        .bind(id.get())
        .run(&self.tx)
        .await?;
        Ok(deleted > 0)
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
        let rows: Vec<Row> = sql(format!(
            "SELECT uploads.* FROM uploads WHERE uploads.id > ? AND uploads.created_at < \
             CASE WHEN uploads.category = 'temp' THEN ? ELSE ? END AND {} \
             ORDER BY uploads.id LIMIT ?",
            unused()
        ))
        .bind(after.map_or(0, UploadId::get))
        .bind(age.temp_before)
        .bind(age.others_before)
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
