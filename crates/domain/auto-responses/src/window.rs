use chrono::{NaiveDate, NaiveDateTime, Timelike};
use std::fmt;

/// A time of day to the minute, as a clock on the hotel's wall shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// Reads `HH:MM`, `00:00` to `23:59`.
    ///
    /// # Errors
    /// What is wrong with it, safe to show.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const WRONG: &str = "must be a time of day as HH:MM";
        let digits = |part: &str| {
            let plain = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| part.parse::<u16>().ok()).flatten()
        };
        let (hour, minute) = text.split_once(':').ok_or(WRONG)?;
        match (digits(hour), digits(minute)) {
            (Some(hour @ 0..24), Some(minute @ 0..60)) => Ok(Self(hour * 60 + minute)),
            _ => Err(WRONG),
        }
    }

    fn of(wall: NaiveDateTime) -> Self {
        Self(u16::try_from(wall.hour() * 60 + wall.minute()).unwrap_or_default())
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// When a time rule answers: hours of the day, days of the calendar, both with both ends
/// included. Hours whose end comes before their start cross midnight; equal ones, or none, are
/// the whole day. All in hotel time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// First and last minute; as staff typed them, so that a screen shows the same again.
    pub hours: Option<(TimeOfDay, TimeOfDay)>,
    /// First day; none = since ever.
    pub date_start: Option<NaiveDate>,
    /// Last day; none = for ever.
    pub date_end: Option<NaiveDate>,
}

impl Window {
    /// Whether the window is open when the hotel's wall shows this. The calendar day is that of
    /// the moment itself, also after midnight.
    #[must_use]
    pub fn is_open_at(&self, wall: NaiveDateTime) -> bool {
        let day = wall.date();
        let time = TimeOfDay::of(wall);
        self.date_start.is_none_or(|first| first <= day)
            && self.date_end.is_none_or(|last| day <= last)
            && self
                .pieces()
                .iter()
                .any(|(first, last)| *first <= time && time <= *last)
    }

    /// Whether there is a moment at which both are open.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let starts_before_end = |a: &Self, b: &Self| match (a.date_start, b.date_end) {
            (Some(start), Some(end)) => start <= end,
            _ => true,
        };
        starts_before_end(self, other)
            && starts_before_end(other, self)
            && self.pieces().iter().any(|(first, last)| {
                let mut others = other.pieces().into_iter();
                others.any(|(other_first, other_last)| *first <= other_last && other_first <= *last)
            })
    }

    /// The hours as stretches within one day.
    fn pieces(&self) -> Vec<(TimeOfDay, TimeOfDay)> {
        const MIDNIGHT: TimeOfDay = TimeOfDay(0);
        const LAST: TimeOfDay = TimeOfDay(24 * 60 - 1);
        match self.hours {
            Some((start, end)) if start < end => vec![(start, end)],
            Some((start, end)) if start > end => vec![(MIDNIGHT, end), (start, LAST)],
            _ => vec![(MIDNIGHT, LAST)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(hours: &str, from: Option<u32>, to: Option<u32>) -> Window {
        let day = |d| NaiveDate::from_ymd_opt(2026, 9, d).unwrap();
        Window {
            hours: hours.split_once('-').map(|(start, end)| {
                (
                    TimeOfDay::parse(start).unwrap(),
                    TimeOfDay::parse(end).unwrap(),
                )
            }),
            date_start: from.map(day),
            date_end: to.map(day),
        }
    }

    fn wall(day: u32, time: &str) -> NaiveDateTime {
        let text = format!("2026-09-{day:02}T{time}");
        text.parse().unwrap()
    }

    #[test]
    fn a_time_of_day_is_hh_mm() {
        assert_eq!(TimeOfDay::parse("09:05").unwrap().to_string(), "09:05");
        for wrong in ["9:00", "24:00", "12:60", "12", "12:00:00", "+1:00", "ab:cd"] {
            assert!(TimeOfDay::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_night_crosses_midnight_and_includes_both_ends_to_the_minute() {
        let night = window("18:00-09:00", None, None);
        for open in ["18:00:00", "23:59:59", "00:00:00", "09:00:59"] {
            assert!(night.is_open_at(wall(1, open)), "{open}");
        }
        for closed in ["17:59:59", "09:01:00", "12:00:00"] {
            assert!(!night.is_open_at(wall(1, closed)), "{closed}");
        }
    }

    #[test]
    fn equal_hours_or_none_are_the_whole_day() {
        for all_day in ["10:00-10:00", ""] {
            assert!(window(all_day, None, None).is_open_at(wall(1, "03:00:00")));
        }
    }

    #[test]
    fn days_include_both_ends() {
        let days = window("", Some(2), Some(3));
        assert!(!days.is_open_at(wall(1, "23:59:00")));
        assert!(days.is_open_at(wall(2, "00:00:00")));
        assert!(days.is_open_at(wall(3, "23:59:00")));
        assert!(!days.is_open_at(wall(4, "00:00:00")));
    }

    #[test]
    fn windows_overlap_only_where_days_and_hours_do() {
        let night = window("18:00-09:00", None, None);
        assert!(night.overlaps(&window("09:00-12:00", None, None)));
        assert!(window("09:00-12:00", None, None).overlaps(&night));
        assert!(!night.overlaps(&window("09:01-17:59", None, None)));
        assert!(!window("", Some(1), Some(2)).overlaps(&window("", Some(3), None)));
        assert!(window("", Some(1), Some(3)).overlaps(&window("", Some(3), None)));
    }
}
