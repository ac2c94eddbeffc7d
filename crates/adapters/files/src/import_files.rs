use crate::room::Room;
use crate::{FileStore, SheetError, read_sheet};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::StoreError;
use crm_members::{ImportFileError, ImportFiles, Sheet};
use crm_uploads::PictureStore;
use thiserror::Error;

/// Where files of members lie until they are read in. Never served: they are full of personal
/// data.
const FOLDER: &str = "imports";

/// Why a file of members is not taken.
#[derive(Debug, Error)]
pub enum PutAsideError {
    /// It is no table, or too large a one; the text says what to mend.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// The disk does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A file of members that waits to be read in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutAside {
    /// By what [`ImportFiles`] finds it.
    pub path: String,
    /// Its rows that are not blank, without the header.
    pub rows: u64,
}

impl FileStore {
    /// Puts a file of members aside under a name that nobody else uses, if it is a table at all.
    ///
    /// # Errors
    /// [`PutAsideError`]; then nothing was kept.
    pub async fn put_aside(&self, name: &str, bytes: Vec<u8>) -> Result<PutAside, PutAsideError> {
        let (bytes, sheet) = parse(bytes).await?;
        let rows = sheet?.rows.len() as u64;
        let path = format!("{FOLDER}/{name}");
        self.put(&path, bytes).await?;
        Ok(PutAside { path, rows })
    }

    /// Deletes files of members that nobody read in by `before`, and answers how many.
    ///
    /// # Errors
    /// The disk's.
    pub async fn forget_put_aside(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        for path in self.list(FOLDER, before).await? {
            PictureStore::remove(self, &path).await?;
            forgotten += 1;
        }
        Ok(forgotten)
    }
}

type Parsed = (Vec<u8>, Result<crate::Sheet, SheetError>);

/// Reads a table where it keeps nobody waiting, when there is memory for it.
async fn parse(bytes: Vec<u8>) -> Result<Parsed, StoreError> {
    let room = Room::of_this_process().take(memory_for(&bytes)).await;
    let room = room.ok_or_else(|| StoreError::Busy("too many files are being read".into()))?;
    tokio::task::spawn_blocking(move || {
        let sheet = read_sheet(&bytes);
        drop(room);
        (bytes, sheet)
    })
    .await
    .map_err(|error| StoreError::Internal(Box::new(error)))
}

/// Bytes that a table may fill. Of a packed one only unpacking tells, so one is read at a time;
/// each cell of a text is a text of its own.
fn memory_for(bytes: &[u8]) -> u64 {
    if bytes.starts_with(b"PK") {
        u64::MAX
    } else {
        (bytes.len() as u64).saturating_mul(10)
    }
}

#[async_trait]
impl ImportFiles for FileStore {
    async fn rows(&self, path: &str) -> Result<Sheet, ImportFileError> {
        let away = |error: StoreError| ImportFileError::Unavailable(Box::new(error));
        let bytes = self.read(path).await.map_err(away)?;
        let bytes = bytes.ok_or(ImportFileError::Missing)?;
        let (_, sheet) = parse(bytes).await.map_err(away)?;
        match sheet {
            Ok(sheet) => Ok(Sheet {
                header: sheet.header,
                rows: sheet.rows,
            }),
            Err(SheetError::TooLarge | SheetError::TooManyRows) => Err(ImportFileError::TooLarge),
            Err(_) => Err(ImportFileError::Unreadable),
        }
    }

    async fn remove(&self, path: &str) -> Result<(), ImportFileError> {
        PictureStore::remove(self, path)
            .await
            .map_err(|error| ImportFileError::Unavailable(Box::new(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_table_is_put_aside_read_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let files = FileStore::local(folder.path()).unwrap();
        let table = "姓名,手機\n王小明,0912-345-678\n\n李小華,0987-654-321\n";
        let aside = files.put_aside("one", table.into()).await.unwrap();
        assert_eq!(aside.rows, 2);
        let sheet = files.rows(&aside.path).await.unwrap();
        assert_eq!(sheet.header, ["姓名", "手機"]);
        assert_eq!(sheet.rows[1].0, 4, "numbered as a spreadsheet shows it");
        ImportFiles::remove(&files, &aside.path).await.unwrap();
        ImportFiles::remove(&files, &aside.path).await.unwrap();
        let gone = files.rows(&aside.path).await;
        assert!(matches!(gone, Err(ImportFileError::Missing)));
    }

    #[tokio::test]
    async fn what_is_no_table_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let files = FileStore::local(folder.path()).unwrap();
        let refused = files
            .put_aside("one", b"\x89PNG\r\n\x1a\n\0\0".to_vec())
            .await;
        assert!(matches!(refused, Err(PutAsideError::Sheet(_))));
        assert!(matches!(
            files.rows("imports/one").await,
            Err(ImportFileError::Missing)
        ));
    }

    #[tokio::test]
    async fn what_nobody_read_in_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let files = FileStore::local(folder.path()).unwrap();
        files.put_aside("one", "姓名\n王\n".into()).await.unwrap();
        let past = DateTime::UNIX_EPOCH;
        assert_eq!(files.forget_put_aside(past).await.unwrap(), 0);
        assert_eq!(
            files
                .forget_put_aside(DateTime::<Utc>::MAX_UTC)
                .await
                .unwrap(),
            1
        );
    }
}
