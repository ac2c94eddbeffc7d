use crate::export_folder::aside;
use async_trait::async_trait;
use crm_exports::{Cell, MakerError, OpenSheet, SheetWriter};
use std::path::{Path, PathBuf};

/// A file that is not whole yet. Dropping it takes it away.
pub(crate) struct HalfFile {
    half: PathBuf,
    whole: PathBuf,
    is_moved: bool,
}

impl HalfFile {
    /// The half of a file that is to lie there; its folder is made if need be.
    pub(crate) fn of(whole: PathBuf) -> Result<Self, MakerError> {
        if let Some(folder) = whole.parent() {
            std::fs::create_dir_all(folder).map_err(MakerError::Disk)?;
        }
        let mut half = whole.clone().into_os_string();
        half.push(".part");
        Ok(Self {
            half: half.into(),
            whole,
            is_moved: false,
        })
    }

    /// Where it is written.
    pub(crate) fn path(&self) -> &Path {
        &self.half
    }

    /// Gives it its name, for good; answers its size.
    pub(crate) fn keep(mut self) -> Result<u64, MakerError> {
        let bytes = std::fs::metadata(&self.half)
            .map_err(MakerError::Disk)?
            .len();
        std::fs::rename(&self.half, &self.whole).map_err(MakerError::Disk)?;
        self.is_moved = true;
        // The name must survive a power cut as well.
        if let Some(folder) = self.whole.parent() {
            let folder = std::fs::File::open(folder).and_then(|folder| folder.sync_all());
            folder.map_err(MakerError::Disk)?;
        }
        Ok(bytes)
    }
}

impl Drop for HalfFile {
    fn drop(&mut self) {
        if !self.is_moved {
            // What cannot be taken away now is swept later.
            let _ = std::fs::remove_file(&self.half);
        }
    }
}

/// A sheet on its way into a file.
pub(crate) struct WritingSheet {
    /// Before the file, so that it is dropped first. `None` once something went wrong.
    writer: Option<Box<dyn SheetWriter>>,
    half: Option<HalfFile>,
}

impl WritingSheet {
    pub(crate) const fn new(writer: Box<dyn SheetWriter>, half: HalfFile) -> Self {
        Self {
            writer: Some(writer),
            half: Some(half),
        }
    }

    fn parts(&mut self) -> Result<(Box<dyn SheetWriter>, HalfFile), MakerError> {
        let parts = self.writer.take().zip(self.half.take());
        parts.ok_or_else(|| MakerError::Failed("the sheet is lost already".to_owned()))
    }
}

#[async_trait]
impl OpenSheet for WritingSheet {
    async fn rows(&mut self, rows: Vec<Vec<Cell>>) -> Result<(), MakerError> {
        // Both go along, so that whoever stops waiting leaves nothing behind.
        let (mut writer, half) = self.parts()?;
        let (writer, half) = aside(move || {
            for row in &rows {
                writer.row(row)?;
            }
            Ok((writer, half))
        })
        .await?;
        (self.writer, self.half) = (Some(writer), Some(half));
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<u64, MakerError> {
        let (writer, half) = self.parts()?;
        aside(move || {
            writer.finish()?;
            half.keep()
        })
        .await
    }
}
