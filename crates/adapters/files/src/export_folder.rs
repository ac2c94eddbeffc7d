//! The folder of files that staff take away.

use crate::export_sheet::{HalfFile, WritingSheet};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_exports::{
    ExportFiles, MakerError, OpenFile, OpenSheet, Paper, ReportMaker, Sheet, SheetFormat,
};
use crm_kernel::StoreError;
use futures::StreamExt;
use futures::stream::try_unfold;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;
use tokio::io::AsyncReadExt;

/// Bytes read at a time.
const PIECE: usize = 64 * 1024;

/// Files below one folder, made by a maker on threads of their own. What is being written is
/// called otherwise than the file it becomes, and is moved there when it is whole.
#[derive(Clone)]
pub struct ExportFolder {
    folder: PathBuf,
    maker: Arc<dyn ReportMaker>,
}

impl ExportFolder {
    /// Files in `folder`, which is made when the first one is.
    #[must_use]
    pub fn new(folder: &Path, maker: Arc<dyn ReportMaker>) -> Self {
        Self {
            folder: folder.to_owned(),
            maker,
        }
    }

    /// Where the file of this name lies; `None` for a name that is none of ours.
    fn path(&self, name: &str) -> Option<PathBuf> {
        let is_ours = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        let is_name = !name.is_empty() && !name.starts_with('.') && name.chars().all(is_ours);
        is_name.then(|| self.folder.join(name))
    }

    fn new_path(&self, name: &str) -> Result<PathBuf, MakerError> {
        let wrong = || MakerError::Failed("the name of the file is not ours".to_owned());
        self.path(name).ok_or_else(wrong)
    }
}

/// Does work that waits for the disk where that holds up nobody.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, MakerError> + Send + 'static,
) -> Result<T, MakerError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(_) => Err(MakerError::Failed("making it ended early".to_owned())),
    }
}

#[async_trait]
impl ExportFiles for ExportFolder {
    async fn begin(
        &self,
        name: &str,
        format: SheetFormat,
        sheet: &Sheet,
    ) -> Result<Box<dyn OpenSheet>, MakerError> {
        let (path, maker) = (self.new_path(name)?, Arc::clone(&self.maker));
        let sheet = sheet.clone();
        let writing = aside(move || {
            let half = HalfFile::of(path)?;
            let writer = maker.begin(format, &sheet, half.path())?;
            Ok(WritingSheet::new(writer, half))
        })
        .await?;
        Ok(Box::new(writing))
    }

    async fn write(&self, name: &str, paper: Paper) -> Result<u64, MakerError> {
        let (path, maker) = (self.new_path(name)?, Arc::clone(&self.maker));
        aside(move || {
            let bytes = maker.pdf(&paper)?;
            let half = HalfFile::of(path)?;
            let mut file = std::fs::File::create(half.path()).map_err(MakerError::Disk)?;
            file.write_all(&bytes).map_err(MakerError::Disk)?;
            file.sync_all().map_err(MakerError::Disk)?;
            half.keep()
        })
        .await
    }

    async fn open(&self, name: &str) -> Result<Option<OpenFile>, StoreError> {
        let Some(path) = self.path(name) else {
            return Ok(None);
        };
        let file = match tokio::fs::File::open(&path).await {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let length = file.metadata().await.map_err(failed)?.len();
        let bytes = try_unfold(file.take(length), |mut file| async move {
            let mut piece = vec![0; PIECE];
            let n = file.read(&mut piece).await.map_err(failed)?;
            piece.truncate(n);
            Ok((n > 0).then_some((piece, file)))
        });
        Ok(Some(OpenFile {
            length,
            bytes: bytes.boxed(),
        }))
    }

    async fn remove(&self, name: &str) -> Result<(), StoreError> {
        let Some(path) = self.path(name) else {
            return Ok(());
        };
        match tokio::fs::remove_file(path).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(error)),
            _ => Ok(()),
        }
    }

    async fn written_before(&self, before: DateTime<Utc>) -> Result<Vec<String>, StoreError> {
        let folder = self.folder.clone();
        let listed = tokio::task::spawn_blocking(move || list(&folder, before.into())).await;
        let listed = listed.map_err(|error| StoreError::Internal(error.into()))?;
        listed.map_err(failed)
    }
}

fn list(folder: &Path, before: SystemTime) -> std::io::Result<Vec<String>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        // Whoever looks at the same time may have taken it away.
        let Ok(about) = entry.metadata() else {
            continue;
        };
        let is_old = about.modified().is_ok_and(|written| written < before);
        if about.is_file()
            && is_old
            && let Ok(name) = entry.file_name().into_string()
        {
            names.push(name);
        }
    }
    Ok(names)
}

fn failed(error: std::io::Error) -> StoreError {
    StoreError::Internal(error.into())
}
