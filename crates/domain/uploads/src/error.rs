use crate::PictureError;
use crm_kernel::{DomainError, ErrorKind, FieldError, StoreError};
use serde_json::{Value, json};
use thiserror::Error;

/// What can go wrong with uploads.
#[derive(Debug, Error)]
pub enum UploadError {
    /// The input breaks rules; each of them is named.
    #[error("the upload is not valid")]
    Invalid(Vec<FieldError>),
    /// The file is larger than allowed.
    #[error("the file is too large")]
    TooLarge {
        /// Largest file, in bytes.
        max_bytes: usize,
    },
    /// The content is no picture of an accepted kind.
    #[error("the file is not a picture of an accepted type")]
    UnsupportedType,
    /// Too many pictures are being worked on; later is fine.
    #[error("too many pictures are being worked on")]
    Busy,
    /// Rows or files could not be stored or read.
    #[error("uploads could not be stored or read")]
    Store(#[from] StoreError),
}

impl UploadError {
    /// One broken rule.
    pub(crate) fn invalid(field: &str, message: &str) -> Self {
        Self::Invalid(vec![FieldError::new(field, message)])
    }
}

impl From<PictureError> for UploadError {
    fn from(error: PictureError) -> Self {
        match error {
            PictureError::TooManyPixels => Self::invalid(
                "file",
                "must have at most 40 million pixels and no side over 16383",
            ),
            PictureError::Unreadable => Self::invalid("file", "is damaged or incomplete"),
            PictureError::Animated => Self::invalid("file", "must not be animated"),
            PictureError::Busy => Self::Busy,
            PictureError::Failed(error) => Self::Store(error),
        }
    }
}

impl DomainError for UploadError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Invalid(_) | Self::TooLarge { .. } | Self::UnsupportedType => ErrorKind::Invalid,
            Self::Busy => ErrorKind::Unavailable,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "upload_invalid",
            Self::TooLarge { .. } => "file_too_large",
            Self::UnsupportedType => "unsupported_image_type",
            Self::Busy => "uploads_busy",
            Self::Store(error) => error.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(fields) => fields.clone(),
            Self::TooLarge { .. } => vec![FieldError::new("file", "is too large")],
            Self::UnsupportedType => {
                vec![FieldError::new("file", "is not of an accepted type")]
            }
            Self::Busy | Self::Store(_) => Vec::new(),
        }
    }

    fn details(&self) -> Option<Value> {
        match self {
            Self::TooLarge { max_bytes } => Some(json!({ "max_bytes": max_bytes })),
            _ => None,
        }
    }
}
