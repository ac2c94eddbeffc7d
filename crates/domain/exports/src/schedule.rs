use crate::about::days_before;
use crate::{About, AsksFor, ExportFormat, ReportType};
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, Utc};
use crm_kernel::{ExportId, FieldError, HotelTime, Patch, Problems, ReportScheduleId, UserId};

/// How often a report is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Frequency {
    /// Once a week, about the seven days before.
    Weekly,
    /// Once a month, about the month before.
    Monthly,
}

impl Frequency {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Weekly, Self::Monthly];

    /// Reads the stored word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|often| often.as_str() == word)
    }

    /// The stored word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }
}

/// When a report is made, on the hotel's wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    frequency: Frequency,
    /// 1 (Monday) to 7 of a week, 1 to 28 of a month.
    day: u32,
    hour: u32,
}

impl Rhythm {
    /// On this day of each week (1 is Monday) or month (1 to 28: every month has those), at this
    /// hour.
    ///
    /// # Errors
    /// Every broken rule by its field: `weekday` or `day`, and `hour`.
    pub fn new(frequency: Frequency, day: u32, hour: u32) -> Result<Self, Vec<FieldError>> {
        let mut problems = Problems::default();
        match frequency {
            Frequency::Weekly => {
                let rule = "must be from 1 (Monday) to 7";
                problems.check((1..=7).contains(&day), "weekday", rule);
            }
            Frequency::Monthly => {
                problems.check((1..=28).contains(&day), "day", "must be from 1 to 28");
            }
        }
        problems.check(hour <= 23, "hour", "must be from 0 to 23");
        problems.into_result()?;
        Ok(Self {
            frequency,
            day,
            hour,
        })
    }

    /// How often.
    #[must_use]
    pub const fn frequency(self) -> Frequency {
        self.frequency
    }

    /// On which day of the week or month.
    #[must_use]
    pub const fn day(self) -> u32 {
        self.day
    }

    /// At which hour.
    #[must_use]
    pub const fn hour(self) -> u32 {
        self.hour
    }

    /// The first time after a moment.
    #[must_use]
    pub fn next_after(self, moment: DateTime<Utc>, hotel: HotelTime) -> DateTime<Utc> {
        let mut day = self.first_day_from(hotel.day_of(moment));
        loop {
            let at = self.moment_on(day, hotel);
            if at > moment {
                return at;
            }
            let Some(tomorrow) = day.checked_add_days(Days::new(1)) else {
                return DateTime::<Utc>::MAX_UTC;
            };
            day = self.first_day_from(tomorrow);
        }
    }

    /// What the report of that time is about: the seven days, or the month, before its day.
    #[must_use]
    pub fn days_before(self, due: DateTime<Utc>, hotel: HotelTime) -> (NaiveDate, NaiveDate) {
        let day = hotel.day_of(due);
        match self.frequency {
            Frequency::Weekly => days_before(day, 7),
            Frequency::Monthly => {
                let this_month = day.with_day(1).unwrap_or(day);
                let first = this_month.checked_sub_months(Months::new(1));
                (
                    first.unwrap_or(this_month),
                    this_month.pred_opt().unwrap_or(this_month),
                )
            }
        }
    }

    fn is_on(self, day: NaiveDate) -> bool {
        match self.frequency {
            Frequency::Weekly => day.weekday().number_from_monday() == self.day,
            Frequency::Monthly => day.day() == self.day,
        }
    }

    fn first_day_from(self, day: NaiveDate) -> NaiveDate {
        let mut days = day.iter_days().take(32);
        days.find(|day| self.is_on(*day)).unwrap_or(day)
    }

    fn moment_on(self, day: NaiveDate, hotel: HotelTime) -> DateTime<Utc> {
        let hour = NaiveTime::from_hms_opt(self.hour, 0, 0);
        hotel.utc_of(day.and_time(hour.unwrap_or(NaiveTime::MIN)))
    }
}

/// A report that somebody wants to be made by the calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSchedule {
    /// What it tells.
    pub report: ReportType,
    /// Its form.
    pub format: ExportFormat,
    /// When it is made.
    pub rhythm: Rhythm,
    /// Whether it is made at present.
    pub is_active: bool,
    /// Who wants it; the files are theirs.
    pub created_by: Option<UserId>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// The next time; none while it is not active.
    pub next_at: Option<DateTime<Utc>>,
}

/// The same as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportSchedule {
    /// Its number.
    pub id: ReportScheduleId,
    /// What is wanted.
    pub new: NewSchedule,
    /// The last time it was due.
    pub last_at: Option<DateTime<Utc>>,
    /// The file of that time.
    pub last_export: Option<ExportId>,
    /// When it was changed.
    pub updated_at: Option<DateTime<Utc>>,
}

/// A schedule as staff write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleDraft {
    /// What the report tells.
    pub report: ReportType,
    /// Its form.
    pub format: ExportFormat,
    /// How often.
    pub frequency: Frequency,
    /// 1 (Monday) to 7; of a weekly one.
    pub weekday: Option<u32>,
    /// 1 to 28; of a monthly one.
    pub day: Option<u32>,
    /// 0 to 23, on the hotel's wall.
    pub hour: u32,
    /// Whether it is made at present.
    pub is_active: bool,
}

/// What is to be different about a schedule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpdateSchedule {
    /// What the report tells.
    pub report: Option<ReportType>,
    /// Its form.
    pub format: Option<ExportFormat>,
    /// How often.
    pub frequency: Option<Frequency>,
    /// The day of a weekly one.
    pub weekday: Patch<u32>,
    /// The day of a monthly one.
    pub day: Patch<u32>,
    /// The hour.
    pub hour: Option<u32>,
    /// Whether it is made at present.
    pub is_active: Option<bool>,
}

impl ScheduleDraft {
    /// When it is made.
    ///
    /// # Errors
    /// Every broken rule, by its field.
    pub fn rhythm(&self) -> Result<Rhythm, Vec<FieldError>> {
        let mut problems = Problems::default();
        let (named, day, other, stray) = match self.frequency {
            Frequency::Weekly => ("weekday", self.weekday, "day", self.day),
            Frequency::Monthly => ("day", self.day, "weekday", self.weekday),
        };
        problems.check(day.is_some(), named, "is required");
        problems.check(stray.is_none(), other, "does not go with this frequency");
        problems.check(
            self.report.asks_for() != AsksFor::Campaign,
            "report_type",
            "is about one campaign and cannot be made by the calendar",
        );
        // With a day that is always good only the other rules are checked.
        let rhythm = Rhythm::new(self.frequency, day.unwrap_or(1), self.hour);
        match rhythm {
            Ok(rhythm) => problems.into_result().map(|()| rhythm),
            Err(more) => {
                problems.extend(more);
                Err(problems.into_result().err().unwrap_or_default())
            }
        }
    }

    /// The draft with the changes.
    #[must_use]
    pub fn with(self, changes: UpdateSchedule) -> Self {
        let changed = changes.frequency.is_some_and(|f| f != self.frequency);
        // A day of the week means nothing to a month.
        let kept = |day: Option<u32>| if changed { None } else { day };
        Self {
            report: changes.report.unwrap_or(self.report),
            format: changes.format.unwrap_or(self.format),
            frequency: changes.frequency.unwrap_or(self.frequency),
            weekday: changes.weekday.apply(kept(self.weekday)),
            day: changes.day.apply(kept(self.day)),
            hour: changes.hour.unwrap_or(self.hour),
            is_active: changes.is_active.unwrap_or(self.is_active),
        }
    }
}

impl From<&NewSchedule> for ScheduleDraft {
    fn from(new: &NewSchedule) -> Self {
        let (frequency, day) = (new.rhythm.frequency, new.rhythm.day);
        Self {
            report: new.report,
            format: new.format,
            frequency,
            weekday: (frequency == Frequency::Weekly).then_some(day),
            day: (frequency == Frequency::Monthly).then_some(day),
            hour: new.rhythm.hour,
            is_active: new.is_active,
        }
    }
}

impl ReportSchedule {
    /// The latest time that has come, of which no report was made; older ones that nobody was
    /// there for are not made up for. What it is about goes with it.
    #[must_use]
    pub fn due(&self, now: DateTime<Utc>, hotel: HotelTime) -> Option<(DateTime<Utc>, About)> {
        let mut due = self.new.next_at.filter(|at| *at <= now)?;
        loop {
            let next = self.new.rhythm.next_after(due, hotel);
            if next > now {
                break;
            }
            due = next;
        }
        let days = match self.new.report.asks_for() {
            AsksFor::Period | AsksFor::PeriodOrNone => {
                Some(self.new.rhythm.days_before(due, hotel))
            }
            AsksFor::Campaign | AsksFor::Nothing => None,
        };
        Some((
            due,
            About {
                days,
                campaign: None,
            },
        ))
    }

    /// It is made no more.
    pub const fn stop(&mut self, now: DateTime<Utc>) {
        self.new.is_active = false;
        self.new.next_at = None;
        self.updated_at = Some(now);
    }

    /// That time is dealt with.
    pub fn made(&mut self, due: DateTime<Utc>, export: ExportId, hotel: HotelTime) {
        self.last_at = Some(due);
        self.last_export = Some(export);
        self.new.next_at = Some(self.new.rhythm.next_after(due, hotel));
    }
}
