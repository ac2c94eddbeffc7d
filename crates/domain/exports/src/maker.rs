use crate::{Cell, Chart, Paper, Sheet};
use std::path::Path;
use thiserror::Error;

/// A form that takes rows as they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SheetFormat {
    /// An Excel workbook, `.xlsx`.
    Excel,
    /// Values separated by commas, UTF-8 with a mark for Excel.
    Csv,
}

/// Why a file could not be made.
#[derive(Debug, Error)]
pub enum MakerError {
    /// The disk is full or cannot be written to.
    #[error("the file cannot be written: {0}")]
    Disk(#[source] std::io::Error),
    /// There is no font with Chinese characters. The words name the package that has one.
    #[error("{0}")]
    NoFont(String),
    /// More rows than the form can hold.
    #[error("the form holds at most {most} rows")]
    TooManyRows {
        /// How many it can hold.
        most: u64,
    },
    /// Anything else, which nobody can do anything about.
    #[error("the file cannot be made: {0}")]
    Failed(String),
}

/// Makes reports into files and charts into pictures. Its calls take time and do not wait for
/// anything but the disk: call them where that harms nobody (`spawn_blocking`).
pub trait ReportMaker: Send + Sync {
    /// Begins a sheet in a new file; what is there already is replaced. Memory does not grow
    /// with the rows.
    ///
    /// # Errors
    /// `Disk`, or `Failed` for a sheet that breaks the rules of its form.
    fn begin(
        &self,
        format: SheetFormat,
        sheet: &Sheet,
        file: &Path,
    ) -> Result<Box<dyn SheetWriter>, MakerError>;

    /// A report as PDF, with page numbers and the font it needs.
    ///
    /// # Errors
    /// `NoFont`, or `Failed`.
    fn pdf(&self, paper: &Paper) -> Result<Vec<u8>, MakerError>;

    /// A chart as SVG, `width` x `height` pixels.
    ///
    /// # Errors
    /// `Failed`.
    fn svg(&self, chart: &Chart, width: u32, height: u32) -> Result<String, MakerError>;
}

/// A sheet that is being written.
pub trait SheetWriter: Send {
    /// Adds a row; must have a cell for each column.
    ///
    /// # Errors
    /// `Disk`, `TooManyRows`, or `Failed`.
    fn row(&mut self, cells: &[Cell]) -> Result<(), MakerError>;

    /// Ends the file and makes it safe against a power cut. A file whose writer was dropped
    /// instead is not complete.
    ///
    /// # Errors
    /// `Disk`, or `Failed`.
    fn finish(self: Box<Self>) -> Result<(), MakerError>;
}
