use crate::AnalyticsError;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use crm_kernel::HotelTime;

/// Hotel days in a row, the first and the last included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    first: NaiveDate,
    last: NaiveDate,
}

impl Period {
    /// Longest period, in days.
    pub const MAX_DAYS: i64 = 366;
    /// How many days are shown when nobody says (product semantics §9).
    pub const USUAL_DAYS: u64 = 30;

    /// The days from `first` to `last`.
    ///
    /// # Errors
    /// `Invalid` when the first is after the last, or there are more than [`Self::MAX_DAYS`].
    pub fn new(first: NaiveDate, last: NaiveDate) -> Result<Self, AnalyticsError> {
        if first > last {
            let after = "must not be after end_date";
            return Err(AnalyticsError::invalid("start_date", after));
        }
        let period = Self { first, last };
        if period.days() > Self::MAX_DAYS {
            let long = "must be at most 366 days, start_date included";
            return Err(AnalyticsError::invalid("end_date", long));
        }
        Ok(period)
    }

    /// What somebody asked for: a day that is not said is today, or so many days before the
    /// last that there are [`Self::USUAL_DAYS`].
    ///
    /// # Errors
    /// Those of [`Self::new`].
    pub fn asked(
        first: Option<NaiveDate>,
        last: Option<NaiveDate>,
        today: NaiveDate,
    ) -> Result<Self, AnalyticsError> {
        let last = last.unwrap_or_else(|| first.map_or(today, |first| first.max(today)));
        let back = Days::new(Self::USUAL_DAYS - 1);
        let first = first.or_else(|| last.checked_sub_days(back));
        Self::new(first.unwrap_or(last), last)
    }

    /// The first day.
    #[must_use]
    pub const fn first(self) -> NaiveDate {
        self.first
    }

    /// The last day.
    #[must_use]
    pub const fn last(self) -> NaiveDate {
        self.last
    }

    /// How many days it has; at least one.
    #[must_use]
    pub fn days(self) -> i64 {
        (self.last - self.first).num_days() + 1
    }

    /// Its days, in order.
    pub fn each_day(self) -> impl Iterator<Item = NaiveDate> {
        self.first
            .iter_days()
            .take_while(move |day| *day <= self.last)
    }

    /// The equally long period just before, for comparing.
    #[must_use]
    pub fn before(self) -> Self {
        let length = TimeDelta::days(self.days());
        let back = |day: NaiveDate| day.checked_sub_signed(length).unwrap_or(NaiveDate::MIN);
        Self {
            first: back(self.first),
            last: back(self.last),
        }
    }

    /// From its first moment until the moment after its last.
    #[must_use]
    pub fn moments(self, hotel: HotelTime) -> (DateTime<Utc>, DateTime<Utc>) {
        (hotel.start_of(self.first), hotel.end_of(self.last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn nobody_says_anything_and_sees_thirty_days_until_today() {
        let period = Period::asked(None, None, day("2026-10-30")).unwrap();
        assert_eq!(period.first(), day("2026-10-01"));
        assert_eq!(period.last(), day("2026-10-30"));
        assert_eq!(period.each_day().count(), 30);
    }

    #[test]
    fn the_period_before_is_as_long_and_ends_the_day_before() {
        let period = Period::new(day("2026-10-08"), day("2026-10-14")).unwrap();
        let before = Period::new(day("2026-10-01"), day("2026-10-07")).unwrap();
        assert_eq!(period.before(), before);
    }

    #[test]
    fn a_leap_year_is_the_longest_period() {
        let year = Period::new(day("2024-01-01"), day("2024-12-31")).unwrap();
        assert_eq!(year.days(), 366);
        assert!(Period::new(day("2024-01-01"), day("2025-01-01")).is_err());
        assert!(Period::new(day("2024-01-02"), day("2024-01-01")).is_err());
    }

    #[test]
    fn far_ends_of_time_are_refused_and_harm_nobody() {
        assert!(Period::asked(Some(NaiveDate::MIN), None, day("2026-10-30")).is_err());
        let end = Period::asked(None, Some(NaiveDate::MIN), day("2026-10-30")).unwrap();
        assert_eq!(end.before().days(), 1);
        assert_eq!(
            Period::asked(Some(NaiveDate::MAX), None, day("2026-10-30"))
                .unwrap()
                .days(),
            1
        );
    }
}
