use crate::{Cell, MakerError, Paper, Sheet, SheetFormat};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_kernel::StoreError;
use futures::stream::BoxStream;

/// Bytes of a file as they come.
pub type Bytes = BoxStream<'static, Result<Vec<u8>, StoreError>>;

/// A file on its way to whoever downloads it.
pub struct OpenFile {
    /// How large it is.
    pub length: u64,
    /// What is in it.
    pub bytes: Bytes,
}

/// The folder of finished files. Names are ours: letters, digits, `-` and `.`.
#[async_trait]
pub trait ExportFiles: Send + Sync {
    /// Begins a sheet that is to have this name. Until it is finished there is no file of that
    /// name, and dropping what this answers leaves nothing behind.
    ///
    /// # Errors
    /// [`MakerError`]; nothing is left behind.
    async fn begin(
        &self,
        name: &str,
        format: SheetFormat,
        sheet: &Sheet,
    ) -> Result<Box<dyn OpenSheet>, MakerError>;

    /// Writes a paper as PDF; answers its size. There is no file of that name before it is whole.
    ///
    /// # Errors
    /// [`MakerError`]; nothing is left behind.
    async fn write(&self, name: &str, paper: Paper) -> Result<u64, MakerError>;

    /// A finished file; `None` when there is none.
    ///
    /// # Errors
    /// The folder's.
    async fn open(&self, name: &str) -> Result<Option<OpenFile>, StoreError>;

    /// Takes a file away; one that is not there is no error.
    ///
    /// # Errors
    /// The folder's.
    async fn remove(&self, name: &str) -> Result<(), StoreError>;

    /// Names of the files, finished or half, that were last written before that moment.
    ///
    /// # Errors
    /// The folder's.
    async fn written_before(&self, before: DateTime<Utc>) -> Result<Vec<String>, StoreError>;
}

/// A sheet that is being written where that holds up nobody.
#[async_trait]
pub trait OpenSheet: Send {
    /// Adds rows, each with a cell for each column.
    ///
    /// # Errors
    /// [`MakerError`]; the sheet is lost.
    async fn rows(&mut self, rows: Vec<Vec<Cell>>) -> Result<(), MakerError>;

    /// Ends the sheet and gives the file its name; answers its size.
    ///
    /// # Errors
    /// [`MakerError`]; nothing is left behind.
    async fn finish(self: Box<Self>) -> Result<u64, MakerError>;
}
