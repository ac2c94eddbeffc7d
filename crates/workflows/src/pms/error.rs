use crm_kernel::{DomainError, ErrorKind, FieldError, StoreError, SyncRunId};
use crm_members::{DecisionError, ImportFileError, MemberError};
use crm_tags::TagError;
use serde_json::{Value, json};
use thiserror::Error;

/// What can go wrong with taking over what the hotel's own system says. That it does not answer
/// is none: the run says so.
#[derive(Debug, Error)]
pub enum PmsSyncError {
    /// There is no system to ask.
    #[error("no PMS is configured")]
    NotConfigured,
    /// A run of this kind is open already.
    #[error("a run of this kind is under way")]
    Running {
        /// Which one.
        run: SyncRunId,
    },
    /// No run has this id.
    #[error("sync task not found")]
    NotFound,
    /// The input breaks rules; each of them is named.
    #[error("the import is not valid")]
    Invalid(Vec<FieldError>),
    /// No saved profile has this id.
    #[error("import profile not found")]
    ProfileNotFound,
    /// Another profile of the kind has this name.
    #[error("another profile has the same name")]
    ProfileDuplicate,
    /// Another process has the run in hand.
    #[error("another process goes on with the run")]
    Overtaken,
    /// A review cannot be decided like that.
    #[error(transparent)]
    Decision(#[from] DecisionError),
    /// Members could not be written.
    #[error(transparent)]
    Member(#[from] MemberError),
    /// Tags could not be written.
    #[error(transparent)]
    Tag(#[from] TagError),
    /// A table could not be reached.
    #[error(transparent)]
    File(#[from] ImportFileError),
    /// The storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DomainError for PmsSyncError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotConfigured | Self::Running { .. } | Self::ProfileDuplicate => {
                ErrorKind::Conflict
            }
            Self::NotFound | Self::ProfileNotFound => ErrorKind::NotFound,
            Self::Invalid(_) => ErrorKind::Invalid,
            Self::Overtaken | Self::File(_) => ErrorKind::Unavailable,
            Self::Decision(error) => error.kind(),
            Self::Member(error) => error.kind(),
            Self::Tag(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotConfigured => "pms_not_configured",
            Self::Running { .. } => "sync_running",
            Self::NotFound => "sync_not_found",
            Self::Invalid(_) => "sync_invalid",
            Self::ProfileNotFound => "import_profile_not_found",
            Self::ProfileDuplicate => "import_profile_duplicate",
            Self::Overtaken => "sync_overtaken",
            Self::File(_) => "import_file_unavailable",
            Self::Decision(error) => error.code(),
            Self::Member(error) => error.code(),
            Self::Tag(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(fields) => fields.clone(),
            Self::ProfileDuplicate => {
                vec![FieldError::new(
                    "name",
                    "is already used by another profile",
                )]
            }
            Self::Decision(error) => error.fields(),
            Self::Member(error) => error.fields(),
            Self::Tag(error) => error.fields(),
            _ => Vec::new(),
        }
    }

    fn details(&self) -> Option<Value> {
        match self {
            Self::Running { run } => Some(json!({ "task_id": run.to_string() })),
            Self::Decision(error) => error.details(),
            Self::Member(error) => error.details(),
            _ => None,
        }
    }
}
