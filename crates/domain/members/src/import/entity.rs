use chrono::{DateTime, Utc};
use crm_kernel::{ImportId, UserId};

/// How far an import has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImportStatus {
    /// Nothing was read yet.
    Pending,
    /// Some rows were read.
    Running,
    /// All rows were read.
    Completed,
    /// The file could not be read; [`Import::reason`] says why.
    Failed,
}

impl ImportStatus {
    /// Reads the stored and spoken word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "pending" => Some(Self::Pending),
            "running" => Some(Self::Running),
            "completed" => Some(Self::Completed),
            "failed" => Some(Self::Failed),
            _ => None,
        }
    }

    /// The stored and spoken word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }

    /// Whether there is something left to do.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Running)
    }
}

/// What became of the rows read so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// Members made.
    pub created: u64,
    /// Members changed.
    pub updated: u64,
    /// Members who were like the row says already.
    pub unchanged: u64,
    /// Bad rows.
    pub failed: u64,
}

/// An import that is not stored yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewImport {
    /// Whether members stay as they are.
    pub dry_run: bool,
    /// Where the file is.
    pub file_path: String,
    /// What staff call the file.
    pub file_name: String,
    /// Its rows, as far as known.
    pub total_rows: u64,
    /// Who began it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// An import as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The id.
    pub id: ImportId,
    /// Whether members stay as they are.
    pub dry_run: bool,
    /// How far it has come.
    pub status: ImportStatus,
    /// Why it failed: `file_missing`, `file_unreadable`, `file_too_large`, `no_known_column`,
    /// `column_twice`, `rows_not_stored` (after many attempts).
    pub reason: Option<String>,
    /// Where the file is, or was; not for screens.
    pub file_path: Option<String>,
    /// What staff call the file.
    pub file_name: Option<String>,
    /// Rows of the file that are not blank.
    pub total_rows: u64,
    /// How many of them were read.
    pub processed_rows: u64,
    /// What became of those.
    pub counts: ImportCounts,
    /// Who began it.
    pub created_by: Option<UserId>,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it was completed or failed.
    pub finished_at: Option<DateTime<Utc>>,
}

impl Import {
    pub(super) fn fail(&mut self, reason: &str, now: DateTime<Utc>) {
        self.status = ImportStatus::Failed;
        self.reason = Some(reason.to_owned());
        self.finished_at = Some(now);
    }

    /// As if no row had been read yet.
    pub(super) fn start_over(&mut self) {
        self.status = ImportStatus::Pending;
        self.processed_rows = 0;
        self.counts = ImportCounts::default();
    }

    /// Moves the water mark; the last row completes the import.
    pub(super) fn advance(&mut self, rows: u64, total: u64, now: DateTime<Utc>) {
        self.processed_rows += rows;
        self.total_rows = total;
        self.status = ImportStatus::Running;
        if self.processed_rows >= total {
            self.status = ImportStatus::Completed;
            self.finished_at = Some(now);
        }
    }
}
