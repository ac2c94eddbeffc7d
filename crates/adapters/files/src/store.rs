use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::StoreError;
use crm_uploads::PictureStore;
use futures::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{Error, ObjectStore, ObjectStoreExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
const LIST_PATIENCE: Duration = Duration::from_secs(120);

/// Files below one folder. A file is written under another name first and moved then, so that
/// nobody ever reads half of one; no path leads out of the folder.
#[derive(Clone, Debug)]
pub struct FileStore {
    pub(crate) objects: Arc<dyn ObjectStore>,
    pub(crate) folder: PathBuf,
}

impl FileStore {
    /// Files in `folder` of this machine, which is made if need be.
    ///
    /// # Errors
    /// `Internal` when the folder can be neither found nor made.
    pub fn local(folder: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder).map_err(|error| StoreError::Internal(error.into()))?;
        let objects = LocalFileSystem::new_with_prefix(folder).map_err(failed)?;
        // A row that names a file must not outlive it when the power fails.
        let objects = objects.with_fsync(true);
        Ok(Self {
            objects: Arc::new(objects),
            folder: folder.to_owned(),
        })
    }
}

#[async_trait]
impl PictureStore for FileStore {
    async fn put(&self, path: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        let path = parse(path)?;
        let put = self.objects.put(&path, bytes.into());
        within(PATIENCE, put).await?.map_err(failed)?;
        Ok(())
    }

    async fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let path = parse(path)?;
        let read = async { self.objects.get(&path).await?.bytes().await };
        match within(PATIENCE, read).await? {
            Ok(bytes) => Ok(Some(bytes.into())),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    async fn remove(&self, path: &str) -> Result<(), StoreError> {
        let path = parse(path)?;
        match within(PATIENCE, self.objects.delete(&path)).await? {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    async fn list(&self, prefix: &str, before: DateTime<Utc>) -> Result<Vec<String>, StoreError> {
        let prefix = parse(prefix)?;
        let old = self
            .objects
            .list(Some(&prefix))
            .try_filter(|file| futures::future::ready(file.last_modified < before))
            .map_ok(|file| file.location.to_string())
            .try_collect();
        within(LIST_PATIENCE, old).await?.map_err(failed)
    }
}

pub(crate) async fn within<F: Future>(
    patience: Duration,
    work: F,
) -> Result<F::Output, StoreError> {
    tokio::time::timeout(patience, work)
        .await
        .map_err(|late| StoreError::Unavailable(late.into()))
}

pub(crate) fn parse(path: &str) -> Result<ObjectPath, StoreError> {
    ObjectPath::parse(path).map_err(|error| StoreError::Internal(error.into()))
}

pub(crate) fn failed(error: Error) -> StoreError {
    StoreError::Internal(error.into())
}
