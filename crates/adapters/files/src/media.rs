use crate::FileStore;
use crate::store::{PATIENCE, failed, parse, within};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::{GatewayError, StoreError};
use crm_messages::{Bytes, HEAD_BYTES, MediaStore, WriteError, Written};
use crm_uploads::PictureStore;
use futures::{StreamExt, TryStreamExt};
use object_store::{Error, MultipartUpload, ObjectStoreExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Bytes gathered before they are written.
const PART: usize = 256 * 1024;

#[async_trait]
impl MediaStore for FileStore {
    async fn write(
        &self,
        path: &str,
        bytes: Bytes<GatewayError>,
        at_most: u64,
    ) -> Result<Written, WriteError<GatewayError>> {
        let path = parse(path).map_err(WriteError::Store)?;
        let begun = within(PATIENCE, self.objects.put_multipart(&path)).await;
        let mut upload = begun.map_err(WriteError::Store)?.map_err(not_written)?;
        let written = match pour(bytes, &mut *upload, at_most).await {
            Ok(written) => written,
            Err(error) => {
                if let Err(left) = upload.abort().await {
                    tracing::warn!(error = %left, "half a file is left to be swept");
                }
                return Err(error);
            }
        };
        let complete = within(PATIENCE, upload.complete()).await;
        complete.map_err(WriteError::Store)?.map_err(not_written)?;
        Ok(written)
    }

    async fn open(&self, path: &str) -> Result<Option<Bytes<StoreError>>, StoreError> {
        let path = parse(path)?;
        match within(PATIENCE, self.objects.get(&path)).await? {
            Ok(found) => {
                let bytes = found.into_stream();
                Ok(Some(
                    bytes.map_ok(|part| part.to_vec()).map_err(failed).boxed(),
                ))
            }
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    async fn take_away(&self, path: &str) -> Result<(), StoreError> {
        PictureStore::remove(self, path).await
    }

    async fn written_before(
        &self,
        folder: &str,
        before: DateTime<Utc>,
    ) -> Result<Vec<String>, StoreError> {
        PictureStore::list(self, folder, before).await
    }

    async fn sweep(&self, folder: &str, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let folder = self.folder.join(parse(folder)?.as_ref());
        let swept = tokio::task::spawn_blocking(move || sweep(&folder, before.into()));
        let swept = swept
            .await
            .map_err(|error| StoreError::Internal(error.into()))?;
        swept.map_err(|error| StoreError::Internal(error.into()))
    }
}

fn not_written(error: Error) -> WriteError<GatewayError> {
    WriteError::Store(failed(error))
}

async fn pour(
    mut bytes: Bytes<GatewayError>,
    upload: &mut dyn MultipartUpload,
    at_most: u64,
) -> Result<Written, WriteError<GatewayError>> {
    let (mut head, mut count, mut part) = (Vec::new(), 0, Vec::new());
    while let Some(chunk) = bytes.next().await {
        let chunk = chunk.map_err(WriteError::Source)?;
        count += chunk.len() as u64;
        if count > at_most {
            return Err(WriteError::TooLarge);
        }
        let missing = HEAD_BYTES - head.len().min(HEAD_BYTES);
        head.extend(chunk.iter().take(missing));
        part.extend(chunk);
        if part.len() >= PART {
            put(upload, std::mem::take(&mut part)).await?;
        }
    }
    if !part.is_empty() {
        put(upload, part).await?;
    }
    Ok(Written { bytes: count, head })
}

async fn put(
    upload: &mut dyn MultipartUpload,
    part: Vec<u8>,
) -> Result<(), WriteError<GatewayError>> {
    let put = within(PATIENCE, upload.put_part(part.into())).await;
    put.map_err(WriteError::Store)?.map_err(not_written)
}

/// Half a file is called like the whole one, with `#` and a number behind it.
fn is_half(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let number = name.and_then(|name| name.rsplit_once('#'));
    number.is_some_and(|(_, n)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

fn sweep(folder: &Path, before: SystemTime) -> std::io::Result<u64> {
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    let mut swept = 0;
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            let (path, kind) = (entry.path(), entry.file_type()?);
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && is_half(&path) {
                let is_old = entry.metadata().and_then(|meta| meta.modified());
                if is_old.is_ok_and(|written| written < before) {
                    std::fs::remove_file(&path)?;
                    swept += 1;
                }
            }
        }
    }
    Ok(swept)
}
