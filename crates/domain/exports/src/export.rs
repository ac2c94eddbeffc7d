use crate::{About, ExportFormat, ReportType};
use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::{ExportId, UserId};

/// How far a file has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExportStatus {
    /// Nobody has begun.
    Pending,
    /// It is being made.
    Running,
    /// It can be downloaded.
    Completed,
    /// It could not be made.
    Failed,
    /// It was made, and is gone.
    Expired,
}

impl ExportStatus {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Running,
        Self::Completed,
        Self::Failed,
        Self::Expired,
    ];

    /// Reads the stored word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// The stored word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }

    /// Whether a file may still come.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Running)
    }
}

/// Why a file was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// A stable name.
    pub reason: String,
    /// The same in words, with what to do about it.
    pub message: String,
}

impl Failure {
    /// A failure with its words.
    #[must_use]
    pub fn new(reason: &str, message: impl Into<String>) -> Self {
        Self {
            reason: reason.to_owned(),
            message: message.into(),
        }
    }

    /// Whoever made it died, again and again.
    #[must_use]
    pub fn interrupted() -> Self {
        let message = "making the file was interrupted too often; ask for it again";
        Self::new("interrupted", message)
    }
}

/// A file that somebody asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewExport {
    /// What it tells.
    pub report: ReportType,
    /// Its form.
    pub format: ExportFormat,
    /// What it is narrowed down by.
    pub about: About,
    /// Whether masked identity numbers have a column: by the role of who asked.
    pub shows_id_numbers: bool,
    /// Who asked; the one who set up the schedule for what the calendar asks for.
    pub requested_by: Option<UserId>,
    /// Whether the calendar asked.
    pub is_scheduled: bool,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// The same as it is stored, with how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// Its number.
    pub id: ExportId,
    /// What was asked for.
    pub new: NewExport,
    /// How far it has come.
    pub status: ExportStatus,
    /// Counts those who began to make it; who comes later has the higher one.
    pub attempt: u32,
    /// Rows written so far.
    pub rows_done: u64,
    /// Rows it will have, about.
    pub rows_total: u64,
    /// The file, once it is whole, below the folder of exports.
    pub file: Option<String>,
    /// Its size.
    pub bytes: Option<u64>,
    /// Why there is none.
    pub failure: Option<Failure>,
    /// When it was begun, the last time.
    pub started_at: Option<DateTime<Utc>>,
    /// The last sign of life of whoever makes it.
    pub touched_at: Option<DateTime<Utc>>,
    /// When it was made, or failed.
    pub finished_at: Option<DateTime<Utc>>,
    /// When it is taken away.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Export {
    /// How long a report of the calendar is kept: until after the next monthly one.
    pub const CALENDAR_KEPT: TimeDelta = TimeDelta::days(35);
    /// The same for one that names guests, who may be erased meanwhile.
    pub const GUESTS_KEPT: TimeDelta = TimeDelta::days(1);

    /// How far it has come, in percent; 100 is a file.
    #[must_use]
    pub fn progress(&self) -> u8 {
        match self.status {
            ExportStatus::Pending | ExportStatus::Failed => 0,
            ExportStatus::Completed | ExportStatus::Expired => 100,
            ExportStatus::Running => {
                let part = self.rows_done.saturating_mul(100) / self.rows_total.max(1);
                u8::try_from(part.min(99)).unwrap_or(99)
            }
        }
    }

    /// Begins to make it, from the very start; what others have begun is nothing any more.
    /// Answers whether there is anything to do.
    pub fn begin(&mut self, now: DateTime<Utc>) -> bool {
        if !self.status.is_open() {
            return false;
        }
        self.status = ExportStatus::Running;
        self.attempt += 1;
        self.rows_done = 0;
        self.rows_total = 0;
        self.started_at = Some(now);
        self.touched_at = Some(now);
        true
    }

    /// Whether the one who began with that number is still the one who makes it.
    #[must_use]
    pub fn is_made_by(&self, attempt: u32) -> bool {
        self.status == ExportStatus::Running && self.attempt == attempt
    }

    /// The file is whole. What somebody asked for is kept for `kept_for`; nobody waits for what
    /// the calendar asked for, so that stays longer.
    pub fn complete(
        &mut self,
        (file, bytes, rows): (String, u64, u64),
        now: DateTime<Utc>,
        kept_for: TimeDelta,
    ) {
        self.status = ExportStatus::Completed;
        self.file = Some(file);
        self.bytes = Some(bytes);
        self.rows_done = rows;
        self.rows_total = rows;
        self.touched_at = Some(now);
        self.finished_at = Some(now);
        let kept_for = if self.new.is_scheduled {
            kept_for.max(match self.new.report {
                ReportType::Members | ReportType::Messages | ReportType::CampaignRecipients => {
                    Self::GUESTS_KEPT
                }
                ReportType::Overview | ReportType::CampaignPerformance | ReportType::Tags => {
                    Self::CALENDAR_KEPT
                }
            })
        } else {
            kept_for
        };
        self.expires_at = Some(now + kept_for);
    }

    /// There will be no file. One that has ended already stays as it is.
    pub fn fail(&mut self, failure: Failure, now: DateTime<Utc>) {
        if self.status.is_open() {
            self.status = ExportStatus::Failed;
            self.failure = Some(failure);
            self.finished_at = Some(now);
        }
    }

    /// Its time is over: answers the file to be taken away.
    pub fn expire(&mut self, now: DateTime<Utc>) -> Option<String> {
        if !self.is_over(now) {
            return None;
        }
        self.status = ExportStatus::Expired;
        self.file.take()
    }

    /// Whether it was made and its time is over.
    #[must_use]
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.status == ExportStatus::Completed && self.expires_at.is_none_or(|end| end <= now)
    }

    /// What the file is called where it is saved: nothing in it comes from anybody's typing.
    #[must_use]
    pub fn download_name(&self) -> String {
        let ending = self.new.format.ending();
        let report = self.new.report.as_str();
        match (self.new.about.days, self.new.about.campaign) {
            (Some((first, last)), _) => {
                let (first, last) = (first.format("%Y%m%d"), last.format("%Y%m%d"));
                format!("{report}-{first}-{last}-{}.{ending}", self.id)
            }
            (None, Some(campaign)) => format!("{report}-{campaign}-{}.{ending}", self.id),
            (None, None) => format!("{report}-{}.{ending}", self.id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn export() -> Export {
        Export {
            id: ExportId::new(7),
            new: NewExport {
                report: ReportType::Messages,
                format: ExportFormat::Excel,
                about: About {
                    days: Some(("2026-10-01".parse().unwrap(), "2026-10-30".parse().unwrap())),
                    campaign: None,
                },
                shows_id_numbers: false,
                requested_by: None,
                is_scheduled: false,
                created_at: at(0),
            },
            status: ExportStatus::Pending,
            attempt: 0,
            rows_done: 0,
            rows_total: 0,
            file: None,
            bytes: None,
            failure: None,
            started_at: None,
            touched_at: None,
            finished_at: None,
            expires_at: None,
        }
    }

    #[test]
    fn progress_reaches_a_hundred_with_the_file_and_not_before() {
        let mut export = export();
        assert_eq!(export.progress(), 0);
        assert!(export.begin(at(1)));
        export.rows_total = 1_000;
        export.rows_done = 550;
        assert_eq!(export.progress(), 55);
        export.rows_done = 1_200;
        assert_eq!(export.progress(), 99);
        export.complete(("7.xlsx".into(), 10, 1_200), at(2), TimeDelta::hours(1));
        assert_eq!(export.progress(), 100);
        assert_eq!(export.expires_at, Some(at(62)));
    }

    #[test]
    fn what_the_calendar_asked_for_is_kept_longer_and_the_names_of_guests_a_day() {
        for (report, kept) in [
            (ReportType::Overview, TimeDelta::days(35)),
            (ReportType::Messages, TimeDelta::days(1)),
        ] {
            let mut export = export();
            export.new.report = report;
            export.new.is_scheduled = true;
            export.begin(at(1));
            export.complete(("7.xlsx".into(), 10, 3), at(2), TimeDelta::hours(1));
            assert_eq!(export.expires_at, Some(at(2) + kept));
        }
    }

    #[test]
    fn whoever_begins_again_begins_from_the_start_and_the_one_before_has_lost_it() {
        let mut export = export();
        export.begin(at(1));
        export.rows_done = 5_000;
        assert!(export.is_made_by(1));
        assert!(export.begin(at(2)));
        assert_eq!(export.rows_done, 0);
        assert!(!export.is_made_by(1));
        assert!(export.is_made_by(2));
    }

    #[test]
    fn what_has_ended_does_not_end_another_way() {
        let mut export = export();
        export.begin(at(1));
        export.complete(("7.xlsx".into(), 10, 3), at(2), TimeDelta::hours(1));
        export.fail(Failure::new("not_made", "no"), at(3));
        assert_eq!(export.status, ExportStatus::Completed);
        assert!(!export.begin(at(3)));
    }

    #[test]
    fn a_file_is_taken_away_when_its_time_is_over_and_not_before() {
        let mut export = export();
        export.begin(at(0));
        export.complete(("7.xlsx".into(), 10, 3), at(0), TimeDelta::hours(1));
        assert_eq!(export.expire(at(59)), None);
        assert_eq!(export.expire(at(60)).as_deref(), Some("7.xlsx"));
        assert_eq!(export.status, ExportStatus::Expired);
        assert_eq!(export.expire(at(61)), None);
    }

    #[test]
    fn a_downloaded_file_is_called_after_what_it_tells() {
        assert_eq!(
            export().download_name(),
            "messages-20261001-20261030-7.xlsx"
        );
    }
}
