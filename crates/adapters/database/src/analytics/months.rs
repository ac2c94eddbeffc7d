use crate::figures::month_of;
use chrono::{Days, Months, NaiveDate};

/// Days, as whole months and what is left of them before and after.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// The first days of the first and the last whole month.
    pub(super) months: (NaiveDate, NaiveDate),
    /// First and last of the days before and of those after.
    pub(super) days: Vec<(NaiveDate, NaiveDate)>,
}

impl Stretch {
    /// None where no month is whole.
    pub(super) fn with_months((first, last): (NaiveDate, NaiveDate)) -> Option<Self> {
        let (month, next) = (Months::new(1), Days::new(1));
        let from = if month_of(first) == first {
            first
        } else {
            month_of(first).checked_add_months(month)?
        };
        // The first day that is not of a whole month any more.
        let until = month_of(last.checked_add_days(next)?);
        if from >= until {
            return None;
        }
        let mut days = Vec::new();
        if first < from {
            days.push((first, from.checked_sub_days(next)?));
        }
        if until <= last {
            days.push((until, last));
        }
        Some(Self {
            months: (from, until.checked_sub_months(month)?),
            days,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// `months; days; days` as text.
    fn told(first: &str, last: &str) -> String {
        let Some(stretch) = Stretch::with_months((day(first), day(last))) else {
            return "none".to_owned();
        };
        let mut all = vec![stretch.months];
        all.extend(stretch.days);
        let all: Vec<String> = all.iter().map(|(a, b)| format!("{a} {b}")).collect();
        all.join("; ")
    }

    #[test]
    fn days_are_parted_into_whole_months_and_the_rest() {
        for (first, last, expected) in [
            ("2026-02-01", "2026-02-28", "2026-02-01 2026-02-01"),
            ("2026-02-01", "2026-02-27", "none"),
            ("2026-02-02", "2026-03-30", "none"),
            (
                "2026-01-31",
                "2026-03-01",
                "2026-02-01 2026-02-01; 2026-01-31 2026-01-31; 2026-03-01 2026-03-01",
            ),
            (
                "2025-11-22",
                "2026-11-22",
                "2025-12-01 2026-10-01; 2025-11-22 2025-11-30; 2026-11-01 2026-11-22",
            ),
            ("2026-01-01", "2026-12-31", "2026-01-01 2026-12-01"),
            ("2026-03-05", "2026-03-05", "none"),
            ("2026-03-05", "2026-03-04", "none"),
        ] {
            assert_eq!(told(first, last), expected, "{first} {last}");
        }
    }

    #[test]
    fn every_day_is_in_one_part_alone() {
        let start = day("2025-11-20");
        for (begin, length) in (0..45).flat_map(|b| (0..100).map(move |l| (b, l))) {
            let first = start + Days::new(begin);
            let last = first + Days::new(length);
            let Some(stretch) = Stretch::with_months((first, last)) else {
                continue;
            };
            let (from, to) = stretch.months;
            let end = to + Months::new(1) - Days::new(1);
            let mut parts = stretch.days;
            parts.push((from, end));
            parts.sort_unstable();
            assert_eq!((parts[0].0, parts[parts.len() - 1].1), (first, last));
            for pair in parts.windows(2) {
                assert_eq!(pair[0].1 + Days::new(1), pair[1].0);
            }
        }
    }
}
