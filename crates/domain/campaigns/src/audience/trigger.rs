use super::resolve::Today;
use super::{Bounds, Span};
use chrono::{DateTime, Utc};
use crm_kernel::{HotelTime, Problems};
use serde::{Deserialize, Serialize};

/// Longest friendship a condition may speak of, in days (about a hundred years).
const MAX_FRIEND_DAYS: u32 = 36_500;

/// What must be true of a member at the moment of sending (document 000 §3.2.6 `trigger_condition`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum TriggerCondition {
    /// A friend for at least and at most so many hotel days.
    FriendDays {
        /// First and last day, both included.
        days_range: [u32; 2],
    },
}

impl TriggerCondition {
    pub(crate) fn check(&self, problems: &mut Problems) {
        let Self::FriendDays {
            days_range: [first, last],
        } = self;
        problems.check(
            first <= last,
            "trigger_condition.days_range",
            "the first day must not be after the last",
        );
        problems.check(
            *last <= MAX_FRIEND_DAYS,
            "trigger_condition.days_range",
            "at most 36500 days",
        );
    }

    /// The span of follow times that fulfils the condition at `now`, in whole hotel days.
    #[must_use]
    pub fn window(&self, now: DateTime<Utc>, hotel: HotelTime) -> Span {
        let Self::FriendDays {
            days_range: [first, last],
        } = self;
        Today::new(now, hotel).span(&Bounds {
            from: Some(*first),
            to: Some(*last),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn friend_days_are_whole_hotel_days_with_both_ends_included() {
        let hotel = HotelTime::new(chrono_tz::Asia::Taipei);
        // 10 March, 00:30 in Taipei.
        let now = Utc.with_ymd_and_hms(2026, 3, 9, 16, 30, 0).unwrap();
        let window = TriggerCondition::FriendDays {
            days_range: [7, 29],
        }
        .window(now, hotel);
        // Followed on 3 March (7 days ago) until its last moment, and from 9 February on.
        assert_eq!(
            window.until,
            Some(Utc.with_ymd_and_hms(2026, 3, 3, 16, 0, 0).unwrap())
        );
        assert_eq!(
            window.from,
            Some(Utc.with_ymd_and_hms(2026, 2, 8, 16, 0, 0).unwrap())
        );
    }
}
