use chrono::{DateTime, Days, LocalResult, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// The hotel's own time zone (`HOTEL_TIME_ZONE`), for every rule that speaks of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HotelTime(Tz);

impl Default for HotelTime {
    /// Taipei, where nothing else is said.
    fn default() -> Self {
        Self(Tz::Asia__Taipei)
    }
}

impl HotelTime {
    /// Days are those of `zone`.
    #[must_use]
    pub const fn new(zone: Tz) -> Self {
        Self(zone)
    }

    /// The zone's name, as `HOTEL_TIME_ZONE` says it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// What a clock on the hotel's wall shows.
    #[must_use]
    pub fn wall(self, moment: DateTime<Utc>) -> NaiveDateTime {
        moment.with_timezone(&self.0).naive_local()
    }

    /// The hotel day that a moment belongs to.
    #[must_use]
    pub fn day_of(self, moment: DateTime<Utc>) -> NaiveDate {
        moment.with_timezone(&self.0).date_naive()
    }

    /// The first moment of a hotel day.
    #[must_use]
    pub fn start_of(self, day: NaiveDate) -> DateTime<Utc> {
        self.utc_of(day.and_time(chrono::NaiveTime::MIN))
    }

    /// The first moment after a hotel day.
    #[must_use]
    pub fn end_of(self, day: NaiveDate) -> DateTime<Utc> {
        day.checked_add_days(Days::new(1))
            .map_or(DateTime::<Utc>::MAX_UTC, |next| self.start_of(next))
    }

    /// The moment that a clock on the hotel's wall shows. An hour that a clock change skips
    /// counts as the hour after it; one that happens twice is the first.
    #[must_use]
    pub fn utc_of(self, wall: NaiveDateTime) -> DateTime<Utc> {
        match self.0.from_local_datetime(&wall) {
            LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => {
                moment.with_timezone(&Utc)
            }
            LocalResult::None => wall
                .checked_add_signed(TimeDelta::hours(1))
                .and_then(|later| self.0.from_local_datetime(&later).earliest())
                .map_or_else(|| wall.and_utc(), |moment| moment.with_timezone(&Utc)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taipei() -> HotelTime {
        HotelTime::new(chrono_tz::Asia::Taipei)
    }

    #[test]
    fn a_late_evening_in_utc_is_already_tomorrow_in_taipei() {
        let moment = Utc.with_ymd_and_hms(2026, 1, 31, 16, 0, 0).unwrap();
        assert_eq!(
            taipei().day_of(moment),
            NaiveDate::from_ymd_opt(2026, 2, 1).unwrap()
        );
    }

    #[test]
    fn a_day_starts_at_local_midnight_and_ends_where_the_next_begins() {
        let day = NaiveDate::from_ymd_opt(2026, 2, 1).unwrap();
        assert_eq!(
            taipei().start_of(day),
            Utc.with_ymd_and_hms(2026, 1, 31, 16, 0, 0).unwrap()
        );
        assert_eq!(
            taipei().end_of(day),
            Utc.with_ymd_and_hms(2026, 2, 1, 16, 0, 0).unwrap()
        );
    }

    #[test]
    fn an_hour_skipped_by_summer_time_counts_as_the_hour_after() {
        let berlin = HotelTime::new(chrono_tz::Europe::Berlin);
        let skipped = NaiveDate::from_ymd_opt(2026, 3, 29)
            .unwrap()
            .and_hms_opt(2, 30, 0)
            .unwrap();
        assert_eq!(
            berlin.utc_of(skipped),
            Utc.with_ymd_and_hms(2026, 3, 29, 1, 30, 0).unwrap()
        );
    }
}
