use async_trait::async_trait;
use std::error::Error;
use thiserror::Error as ThisError;

/// A table as a file shows it, every cell as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Row 1.
    pub header: Vec<String>,
    /// The rows below with their numbers in the file, in ascending order. Blank rows may be
    /// left out; a row may be shorter than the header, or longer.
    pub rows: Vec<(u64, Vec<String>)>,
}

/// Why a file gives no rows.
#[derive(Debug, ThisError)]
pub enum ImportFileError {
    /// There is no file of this name.
    #[error("the file does not exist")]
    Missing,
    /// It is neither CSV nor a workbook, or is damaged.
    #[error("the file cannot be read")]
    Unreadable,
    /// It has more rows or bytes than are read.
    #[error("the file is too large")]
    TooLarge,
    /// The disk does not answer; later is fine.
    #[error("files cannot be reached")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}

impl ImportFileError {
    /// The reason with which the import fails; none when trying again is right.
    pub(super) const fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Missing => Some("file_missing"),
            Self::Unreadable => Some("file_unreadable"),
            Self::TooLarge => Some("file_too_large"),
            Self::Unavailable(_) => None,
        }
    }
}

/// Files that were put aside to be read in.
///
/// `path` is what [`crate::StartImport::file_path`] said. To add a method, give it to the
/// adapter that reads files and to the fake of the use-case tests.
#[async_trait]
pub trait ImportFiles: Send + Sync {
    /// All rows of a file. Reading it again gives the very same rows.
    ///
    /// # Errors
    /// See [`ImportFileError`].
    async fn rows(&self, path: &str) -> Result<Sheet, ImportFileError>;

    /// Deletes a file. One that is not there is no error.
    ///
    /// # Errors
    /// `Unavailable` only.
    async fn remove(&self, path: &str) -> Result<(), ImportFileError>;
}

/// No files at all: for whoever starts imports and never runs them.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoImportFiles;

#[async_trait]
impl ImportFiles for NoImportFiles {
    async fn rows(&self, _path: &str) -> Result<Sheet, ImportFileError> {
        Err(ImportFileError::Unavailable(
            "no files are plugged in".into(),
        ))
    }

    async fn remove(&self, _path: &str) -> Result<(), ImportFileError> {
        Err(ImportFileError::Unavailable(
            "no files are plugged in".into(),
        ))
    }
}
