use crm_kernel::{DomainError, ErrorKind, FieldError, StoreError};
use thiserror::Error;

/// What can go wrong with files to take away.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The request breaks rules; each of them is named.
    #[error("the export is not valid")]
    Invalid(Vec<FieldError>),
    /// No file has this id, or it is somebody else's.
    #[error("export not found")]
    NotFound,
    /// No schedule has this id.
    #[error("report schedule not found")]
    ScheduleNotFound,
    /// So many files of one user are being made already.
    #[error("too many exports are being made; wait for one of them")]
    TooMany,
    /// Nobody of us made this link.
    #[error("the link is not valid")]
    LinkForged,
    /// The link's time is over, or the file is gone.
    #[error("the link has expired; ask for the export again")]
    LinkExpired,
    /// The storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ExportError {
    /// One broken rule.
    #[must_use]
    pub fn invalid(field: &str, message: &str) -> Self {
        Self::Invalid(vec![FieldError::new(field, message)])
    }
}

impl DomainError for ExportError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Invalid(_) => ErrorKind::Invalid,
            Self::NotFound | Self::ScheduleNotFound | Self::LinkForged | Self::LinkExpired => {
                ErrorKind::NotFound
            }
            Self::TooMany => ErrorKind::Conflict,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "export_invalid",
            Self::NotFound => "export_not_found",
            Self::ScheduleNotFound => "report_schedule_not_found",
            Self::TooMany => "too_many_exports",
            Self::LinkForged => "link_forged",
            Self::LinkExpired => "link_expired",
            Self::Store(error) => error.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(fields) => fields.clone(),
            _ => Vec::new(),
        }
    }
}
