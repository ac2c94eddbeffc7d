use crate::{Campaign, CampaignStatus};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};
use crm_kernel::CampaignId;

/// Distinct names of aggregation units in a calendar month; LINE silently leaves out the one
/// after them (LINE Developers, "Get statistics of sent messages").
pub const MAX_UNITS: i64 = 1_000;
/// LINE counts days, and as far as is known months, in Japan's time.
const JAPAN: TimeDelta = TimeDelta::hours(9);
/// Longest period that may be asked about.
const LONGEST: TimeDelta = TimeDelta::days(30);

/// What LINE counted for a campaign, in people. `None` is what LINE hides, since fewer than 20
/// people did it; it is not 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineFigures {
    /// Who saw at least one bubble.
    pub unique_impressions: Option<i64>,
    /// Who opened any address in it.
    pub unique_clicks: Option<i64>,
    /// Who began to play a film or sound in it.
    pub unique_media_played: Option<i64>,
    /// Who played one to its end.
    pub unique_media_completed: Option<i64>,
}

/// What LINE counted, as of when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineStats {
    /// The figures.
    pub figures: LineFigures,
    /// When LINE told them.
    pub fetched_at: DateTime<Utc>,
}

/// A campaign of which LINE should be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineStatsDue {
    /// Which one.
    pub campaign: CampaignId,
    /// The name that its messages were sent under.
    pub unit: String,
    /// When its plan was frozen.
    pub sent_at: DateTime<Utc>,
}

impl LineStatsDue {
    /// The days to ask about, in Japan's time: from its first to today, or as many as LINE allows.
    #[must_use]
    pub fn days(&self, now: DateTime<Utc>) -> (NaiveDate, NaiveDate) {
        let from = (self.sent_at + JAPAN).date_naive();
        let until = (now + JAPAN).date_naive();
        (from, until.min(from + LONGEST))
    }
}

/// When the month began in which LINE counts names.
#[must_use]
pub fn month_of_units(now: DateTime<Utc>) -> DateTime<Utc> {
    let today = (now + JAPAN).date_naive();
    let first = today.with_day(1).unwrap_or(today);
    first.and_time(NaiveTime::MIN).and_utc() - JAPAN
}

impl Campaign {
    /// Names it to LINE from now on, so that LINE counts for it. The name tells nobody anything
    /// and is never used again, not even after the database was made anew.
    pub fn count_at_line(&mut self, now: DateTime<Utc>) {
        if self.status() == CampaignStatus::Sending && self.record().line_unit.is_none() {
            let id = base36(self.id().get().unsigned_abs());
            let moment = base36(now.timestamp().unsigned_abs());
            self.0.line_unit = Some(format!("c_{id}_{moment}"));
        }
    }
}

fn base36(mut n: u64) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut digits = Vec::new();
    loop {
        digits.push(char::from(DIGITS[(n % 36) as usize]));
        n /= 36;
        if n == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_and_a_day_begin_nine_hours_earlier_than_in_greenwich() {
        let before = month_of_units(at("2026-09-30T14:59:59Z"));
        assert_eq!(before, at("2026-08-31T15:00:00Z"));
        let after = month_of_units(at("2026-09-30T15:00:00Z"));
        assert_eq!(after, at("2026-09-30T15:00:00Z"));
        let due = LineStatsDue {
            campaign: CampaignId::new(1),
            unit: "c".into(),
            sent_at: at("2026-09-01T15:30:00Z"),
        };
        let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
        assert_eq!(due.days(at("2026-09-03T16:00:00Z")), (day(9, 2), day(9, 4)));
        assert_eq!(
            due.days(at("2026-12-01T00:00:00Z")),
            (day(9, 2), day(10, 2))
        );
    }

    #[test]
    fn the_longest_name_is_one_that_line_takes() {
        let name = format!(
            "c_{}_{}",
            base36(i64::MAX.unsigned_abs()),
            base36(u64::MAX >> 20)
        );
        assert!(name.len() <= 30, "{name}");
        assert_eq!(base36(0), "0");
        assert_eq!(base36(36 * 36 + 35), "10z");
    }
}
