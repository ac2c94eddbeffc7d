use crm_analytics::AnalyticsError;
use crm_exports::{Failure, MakerError};
use crm_kernel::{DomainError, ErrorKind, StoreError};
use thiserror::Error;

/// What can go wrong with making a file, so that trying again is right. Whatever makes the file
/// impossible is none: the file says so.
#[derive(Debug, Error)]
pub enum ReportError {
    /// The storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The figures could not be read.
    #[error(transparent)]
    Figures(#[from] AnalyticsError),
}

impl DomainError for ReportError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Figures(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Figures(error) => error.code(),
        }
    }
}

/// Why making a file ended without one.
#[derive(Debug)]
pub(super) enum Stop {
    /// There will be none.
    Never(Failure),
    /// Somebody else makes it, or nobody wants it any more.
    Lost,
    /// Trying again is right.
    Again(ReportError),
}

impl<E: Into<ReportError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Again(error.into())
    }
}

/// What a maker's error means to whoever waits for the file.
pub(super) fn not_made(error: MakerError) -> Stop {
    Stop::Never(match error {
        MakerError::Disk(cause) => {
            tracing::error!(error = %cause, "an export could not be written");
            Failure::new("not_written", disk_words(&cause))
        }
        MakerError::NoFont(words) => Failure::new("font_missing", words),
        MakerError::TooManyRows { most } => {
            let message =
                format!("an Excel sheet has room for {most} rows; choose CSV, or a shorter period");
            Failure::new("too_many_rows", message)
        }
        MakerError::Failed(words) => {
            tracing::error!(error = %words, "an export could not be made");
            Failure::new("not_made", "the file could not be made")
        }
    })
}

fn disk_words(cause: &std::io::Error) -> &'static str {
    use std::io::ErrorKind as Io;
    match cause.kind() {
        Io::StorageFull | Io::QuotaExceeded => {
            "the disk is full; make room and ask for the export again"
        }
        Io::PermissionDenied | Io::ReadOnlyFilesystem => {
            "the folder of exports cannot be written to; see EXPORT_DIR"
        }
        _ => "the file could not be written; see EXPORT_DIR and the log",
    }
}
