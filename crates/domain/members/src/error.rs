use crate::{ImportFileError, MergeRefusal, VaultError};
use crm_kernel::{DomainError, ErrorKind, FieldError, StoreError};
use serde_json::Value;
use thiserror::Error;

/// What can go wrong with members.
#[derive(Debug, Error)]
pub enum MemberError {
    /// No member has this id.
    #[error("member not found")]
    NotFound,
    /// The input breaks rules; each of them is named.
    #[error("the member's details are not valid")]
    Invalid(Vec<FieldError>),
    /// Another member has this value already.
    #[error("another member has the same {field}")]
    Duplicate {
        /// The field, as the client writes it.
        field: &'static str,
    },
    /// The details of a stay break rules; each of them is named.
    #[error("the stay's details are not valid")]
    StayInvalid(Vec<FieldError>),
    /// Another stay, of this or another member, has this order number already.
    #[error("another stay has the same order number")]
    StayDuplicate,
    /// No merge has this id.
    #[error("merge not found")]
    MergeNotFound,
    /// No import has this id.
    #[error("import not found")]
    ImportNotFound,
    /// A file of members could not be reached.
    #[error("files of members cannot be reached")]
    ImportFile(#[from] ImportFileError),
    /// Two members cannot become one, or cannot be parted again.
    #[error(transparent)]
    Merge(#[from] MergeRefusal),
    /// An identity number could not be sealed or opened.
    #[error("an id number could not be processed")]
    Vault(#[from] VaultError),
    /// The storage failed.
    #[error("members could not be stored or read")]
    Store(#[source] StoreError),
}

impl From<StoreError> for MemberError {
    /// The friendly check before a write can lose a race; the key then says the same.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Duplicate {
                key: "member_id_number",
            } => Self::Duplicate { field: "id_number" },
            StoreError::Duplicate {
                key: "member_line_uid",
            } => Self::Duplicate { field: "line_uid" },
            StoreError::Duplicate {
                key: "stay_order_number",
            } => Self::StayDuplicate,
            other => Self::Store(other),
        }
    }
}

impl DomainError for MemberError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound | Self::MergeNotFound | Self::ImportNotFound => ErrorKind::NotFound,
            Self::ImportFile(_) => ErrorKind::Unavailable,
            Self::Invalid(_) | Self::StayInvalid(_) => ErrorKind::Invalid,
            Self::Duplicate { .. } | Self::StayDuplicate | Self::Merge(_) => ErrorKind::Conflict,
            Self::Vault(_) => ErrorKind::Internal,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "member_not_found",
            Self::Invalid(_) => "member_invalid",
            Self::Duplicate { .. } => "member_duplicate",
            Self::StayInvalid(_) => "stay_invalid",
            Self::StayDuplicate => "stay_duplicate",
            Self::MergeNotFound => "merge_not_found",
            Self::ImportNotFound => "import_not_found",
            Self::ImportFile(_) => "import_file_unavailable",
            Self::Merge(refusal) => refusal.code(),
            Self::Vault(_) => "id_number_unreadable",
            Self::Store(error) => error.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(fields) | Self::StayInvalid(fields) => fields.clone(),
            Self::Duplicate { field } => {
                vec![FieldError::new(*field, "is already used by another member")]
            }
            Self::StayDuplicate => {
                vec![FieldError::new(
                    "order_number",
                    "is already used by another stay",
                )]
            }
            Self::Store(error) => error.fields(),
            Self::NotFound
            | Self::MergeNotFound
            | Self::ImportNotFound
            | Self::ImportFile(_)
            | Self::Merge(_)
            | Self::Vault(_) => Vec::new(),
        }
    }

    fn details(&self) -> Option<Value> {
        match self {
            Self::Merge(refusal) => refusal.details(),
            _ => None,
        }
    }
}
