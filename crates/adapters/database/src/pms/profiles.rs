//! Saved words on which headings mean which fields.

use crate::dialect::for_update;
use crate::sql::{known, sql};
use crate::{Database, DatabaseTx};
use chrono::{DateTime, Utc};
use crm_kernel::{ImportProfileId, StoreError, UserId};
use crm_members::{ImportProfile, NewImportProfile, PmsKind};
use sea_orm::FromQueryResult;

const COLUMNS: &str = "id, kind, name, headings, created_by, created_at";

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    kind: String,
    name: String,
    headings: String,
    created_by: Option<i64>,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for ImportProfile {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: ImportProfileId::new(row.id),
            new: NewImportProfile {
                name: row.name,
                kind: known(PmsKind::parse(&row.kind), "kind of a profile")?,
                headings: serde_json::from_str(&row.headings)
                    .map_err(|_| StoreError::internal("stored headings cannot be read"))?,
                created_by: row.created_by.map(UserId::new),
                created_at: row.created_at,
            },
        })
    }
}

impl DatabaseTx {
    pub(super) async fn insert_import_profile(
        &mut self,
        new: &NewImportProfile,
    ) -> Result<ImportProfileId, StoreError> {
        let headings = serde_json::to_string(&new.headings);
        let headings = headings.map_err(|e| StoreError::Internal(Box::new(e)))?;
        let id = sql(
            "INSERT INTO pms_import_profiles (kind, name, name_key, headings, created_by, \
             created_at) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(new.kind.as_str())
        .bind(new.name.as_str())
        .bind(new.name_key())
        .bind(headings)
        .bind(new.created_by.map(UserId::get))
        .bind(new.created_at)
        .insert(&self.tx)
        .await?;
        Ok(ImportProfileId::new(id))
    }

    pub(super) async fn import_profile(
        &mut self,
        id: ImportProfileId,
    ) -> Result<Option<ImportProfile>, StoreError> {
        let row: Option<Row> = sql(format!(
            "SELECT {COLUMNS} FROM pms_import_profiles WHERE id = ?"
        ))
        .bind(id.get())
        .then(for_update(self.backend()))
        .one(&self.tx)
        .await?;
        row.map(ImportProfile::try_from).transpose()
    }

    pub(super) async fn delete_import_profile(
        &mut self,
        id: ImportProfileId,
    ) -> Result<bool, StoreError> {
        let deleted = sql("DELETE FROM pms_import_profiles WHERE id = ?")
            .bind(id.get())
            .run(&self.tx)
            .await?;
        Ok(deleted > 0)
    }
}

impl Database {
    pub(super) async fn import_profiles(&self) -> Result<Vec<ImportProfile>, StoreError> {
        let rows: Vec<Row> = sql(format!(
            "SELECT {COLUMNS} FROM pms_import_profiles ORDER BY kind, name_key"
        ))
        .all(&self.pool)
        .await?;
        rows.into_iter().map(ImportProfile::try_from).collect()
    }
}
