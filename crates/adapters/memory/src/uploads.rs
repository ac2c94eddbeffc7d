use crate::{MemoryStore, MemoryTx};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{PictureUse, StoreError, UPLOADS, UploadId};
use crm_uploads::{NewUpload, Upload, UploadRepository};

impl MemoryStore {
    /// Every upload that was committed, by id.
    #[must_use]
    pub fn uploads(&self) -> Vec<Upload> {
        self.read(|tables| {
            let uploads = tables.uploads.iter();
            uploads
                .map(|(id, record)| Upload::from_store(*id, record.clone()))
                .collect()
        })
    }
}

#[async_trait]
impl UploadRepository for MemoryTx {
    async fn insert(&mut self, new: &NewUpload) -> Result<UploadId, StoreError> {
        let record = new.record();
        let by = record.uploaded_by;
        if by.is_some_and(|user| !self.tables.users.contains_key(&user)) {
            return Err(StoreError::Reference);
        }
        let mut others = self.tables.uploads.values();
        if others.any(|other| other.path == record.path) {
            return Err(StoreError::Duplicate { key: "upload_path" });
        }
        let id = self.tables.next_id();
        self.tables.uploads.insert(id, record.clone());
        Ok(id)
    }

    async fn delete_if_unused(&mut self, id: UploadId) -> Result<bool, StoreError> {
        if self.tables.used_uploads.contains(&id) {
            return Ok(false);
        }
        Ok(self.tables.uploads.remove(&id).is_some())
    }
}

#[async_trait]
impl PictureUse for MemoryTx {
    async fn keep(&mut self, address: &str, _: DateTime<Utc>) -> Result<bool, StoreError> {
        let Some(wanted) = address.strip_prefix(UPLOADS) else {
            return Ok(false);
        };
        let tables = &mut self.tables;
        let mut uploads = tables.uploads.iter();
        let found = uploads.find(|(_, upload)| upload.paths().any(|path| path == wanted));
        if let Some((id, _)) = found {
            tables.used_uploads.insert(*id);
        }
        Ok(found.is_some())
    }
}
