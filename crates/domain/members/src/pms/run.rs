use super::{PmsError, PmsWindow};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use crm_kernel::{SyncRunId, UserId};

/// What is taken over (document 000 §4.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PmsKind {
    /// Guests.
    Members,
    /// Stays.
    ConsumptionRecords,
}

impl PmsKind {
    /// Both, in the order in which they are taken over.
    pub const ALL: [Self; 2] = [Self::Members, Self::ConsumptionRecords];

    /// Reads the stored and spoken word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The stored and spoken word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::ConsumptionRecords => "consumption_records",
        }
    }
}

/// How much a run asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SyncMode {
    /// What changed since the last finished window, with an overlap.
    Incremental,
    /// Everything.
    Full,
    /// Stays that arrive about now, whenever they changed: what a missing time of change would
    /// hide.
    Sweep,
    /// A file that somebody exported.
    File,
}

impl SyncMode {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Incremental, Self::Full, Self::Sweep, Self::File];

    /// Reads the stored and spoken word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == word)
    }

    /// The stored and spoken word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Incremental => "incremental",
            Self::Full => "full",
            Self::Sweep => "sweep",
            Self::File => "file",
        }
    }

    /// Whether its last page moves the water mark: a sweep and a file do not see every change.
    #[must_use]
    pub const fn moves_mark(self) -> bool {
        matches!(self, Self::Incremental | Self::Full)
    }
}

/// How far a run has come (contract §9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SyncStatus {
    /// Nothing was asked for yet.
    Pending,
    /// Under way.
    Running,
    /// The last page is stored.
    Completed,
    /// It ended early; what pages it stored stays.
    Failed,
}

impl SyncStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Running, Self::Completed, Self::Failed];

    /// Reads the stored and spoken word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
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
pub struct SyncCounts {
    /// Members or stays made.
    pub created: u64,
    /// Members or stays changed.
    pub updated: u64,
    /// Rows that said what was known already, or were older than what was.
    pub unchanged: u64,
    /// Rows that wait for a person.
    pub review: u64,
    /// Bad rows.
    pub failed: u64,
    /// Rows passed over: no persons, ignored for good, erased.
    pub ignored: u64,
}

impl SyncCounts {
    /// Rows created, changed or confirmed (`synced_count`, document 000 §4.10).
    #[must_use]
    pub const fn synced(&self) -> u64 {
        self.created + self.updated + self.unchanged
    }

    /// All rows read.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.synced() + self.review + self.failed + self.ignored
    }

    /// Adds what became of further rows.
    pub const fn add(&mut self, other: &Self) {
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.review += other.review;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }
}

/// The table a run of mode [`SyncMode::File`] reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncFile {
    /// Where it is; not for screens.
    pub path: String,
    /// What staff call it.
    pub name: String,
    /// Which heading means which field, besides the known ones: (heading, field).
    pub headings: Vec<(String, String)>,
    /// Whether members and stays stay as they are: only counts and faults are kept.
    pub dry_run: bool,
    /// Rows of the table, once it was read.
    pub total_rows: u64,
}

/// A run that is not stored yet; it begins `pending`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSyncRun {
    /// What is taken over.
    pub kind: PmsKind,
    /// How much is asked for.
    pub mode: SyncMode,
    /// The table, of [`SyncMode::File`] alone.
    pub file: Option<SyncFile>,
    /// Who asked for it; none = the clock.
    pub requested_by: Option<UserId>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
}

/// A run as it is stored. While it is open no other of its kind is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncRun {
    /// The id (`task_id`).
    pub id: SyncRunId,
    /// What was asked for.
    pub new: NewSyncRun,
    /// How far it has come.
    pub status: SyncStatus,
    /// Why it failed: a word of ours.
    pub reason: Option<String>,
    /// More about it for a person: code and words of the other system.
    pub message: Option<String>,
    /// The beginning of the window; none = everything.
    pub since: Option<DateTime<Utc>>,
    /// The end of the window, once the first page told it.
    pub until: Option<DateTime<Utc>>,
    /// The other system's present day when the run began.
    pub business_date: Option<NaiveDate>,
    /// Where the next page begins; none before the first.
    pub cursor: Option<String>,
    /// Pages stored.
    pub pages: u64,
    /// How often the window was begun anew because its cursor was known no more.
    pub restarts: u64,
    /// What became of the rows of those pages.
    pub counts: SyncCounts,
    /// When the first request was made.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was completed or failed.
    pub finished_at: Option<DateTime<Utc>>,
}

impl SyncRun {
    /// The reason of a run every row of which was bad.
    pub const ALL_ROWS_BAD: &'static str = "every_row_bad";

    /// Fixes the window. `mark` is where the last one ended.
    pub fn start(
        &mut self,
        mark: Option<DateTime<Utc>>,
        overlap: Duration,
        business_date: NaiveDate,
        now: DateTime<Utc>,
    ) {
        self.status = SyncStatus::Running;
        self.started_at = Some(now);
        self.business_date = Some(business_date);
        self.since = match self.new.mode {
            SyncMode::Incremental => mark.map(|at| at - overlap),
            SyncMode::Full | SyncMode::Sweep | SyncMode::File => None,
        };
    }

    /// A page was stored. Without a `next` one the run has ended: well, or badly if there were
    /// rows and every one was bad.
    pub fn page_stored(
        &mut self,
        counts: &SyncCounts,
        as_of: Option<DateTime<Utc>>,
        next: Option<String>,
        now: DateTime<Utc>,
    ) {
        self.counts.add(counts);
        self.pages += 1;
        self.until = self.until.or(as_of);
        let is_last = next.is_none();
        self.cursor = next;
        if !is_last {
            return;
        }
        self.finished_at = Some(now);
        self.status = SyncStatus::Completed;
        if self.counts.failed > 0 && self.counts.failed == self.counts.rows() {
            self.status = SyncStatus::Failed;
            self.reason = Some(Self::ALL_ROWS_BAD.to_owned());
        }
    }

    /// Begins the window anew, once, because its cursor is known no more. Answers whether it may.
    pub fn restart(&mut self) -> bool {
        if self.restarts > 0 || self.cursor.is_none() {
            return false;
        }
        self.restarts += 1;
        self.cursor = None;
        self.until = None;
        true
    }

    /// Ends it early.
    pub fn fail(&mut self, reason: &str, message: Option<String>, now: DateTime<Utc>) {
        self.status = SyncStatus::Failed;
        self.reason = Some(reason.to_owned());
        self.message = message;
        self.finished_at = Some(now);
    }

    /// Ends it early for what the other system answered.
    pub fn fail_for(&mut self, error: &PmsError, now: DateTime<Utc>) {
        let reason = match error {
            PmsError::NotConfigured => "not_configured",
            PmsError::KeyRefused => "key_refused",
            PmsError::CursorExpired => "cursor_expired",
            PmsError::Refused { .. } => "refused",
            PmsError::Unavailable(_) => "unavailable",
            PmsError::Unreadable(_) => "unreadable",
        };
        self.fail(reason, Some(error.to_string()), now);
    }

    /// What its pages are asked with.
    #[must_use]
    pub const fn window(&self, arrivals: Option<super::Arrivals>) -> PmsWindow {
        PmsWindow {
            since: self.since,
            arrivals,
        }
    }
}

/// Where a kind stands, over all its runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncMark {
    /// Which kind.
    pub kind: PmsKind,
    /// Up to which moment every change was taken over, by the other system's clock.
    pub until: Option<DateTime<Utc>>,
    /// The run that is open.
    pub open_run: Option<SyncRunId>,
    /// Runs in a row that failed.
    pub failed_in_row: u64,
    /// When a run was completed last.
    pub completed_at: Option<DateTime<Utc>>,
}

impl SyncMark {
    /// Failed runs in a row from which on somebody is to be told.
    pub const ALERT_AFTER: u64 = 3;

    /// Takes note of a run that has ended. The mark moves only when the last page is stored.
    /// Files and rehearsals say nothing about the other system and change only `open_run`.
    pub fn run_ended(&mut self, run: &SyncRun) {
        if self.open_run == Some(run.id) {
            self.open_run = None;
        }
        if run.new.mode == SyncMode::File {
            return;
        }
        if run.status == SyncStatus::Completed {
            self.failed_in_row = 0;
            self.completed_at = run.finished_at;
            // Also backwards: after the other system's clock was put back, what changes until it
            // is there again would never be asked for. Reading twice changes nothing.
            if run.new.mode.moves_mark() && run.until.is_some() {
                self.until = run.until;
            }
        } else {
            self.failed_in_row += 1;
        }
    }

    /// Whether the last runs all failed: then screens say so, and the log at error.
    #[must_use]
    pub const fn is_alarming(&self) -> bool {
        self.failed_in_row >= Self::ALERT_AFTER
    }
}

/// What is wrong with a row of a run, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncFault {
    /// The row's place in the run, from 1.
    pub row: u64,
    /// By what the other system's own screens find it.
    pub key: String,
    /// The field, as the source names it.
    pub field: String,
    /// What is wrong; nothing of what the row says.
    pub reason: String,
    /// Whether only the field was dropped.
    pub is_warning: bool,
}

impl SyncFault {
    /// Longest key that is kept.
    pub const MAX_KEY_CHARS: usize = 100;
    /// Longest name of a field that is kept.
    pub const MAX_FIELD_CHARS: usize = 60;
    /// Longest reason that is kept.
    pub const MAX_REASON_CHARS: usize = 300;
}
