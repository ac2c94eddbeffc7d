use chrono::{DateTime, Days, Utc};
use crm_kernel::{HotelTime, Problems, TagId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Most tags one list may name; keeps the query that answers it bounded.
const MAX_TAGS: usize = 50;
/// Longest friendship a condition may speak of, in days (about a hundred years).
const MAX_FRIEND_DAYS: u32 = 36_500;

/// Who a campaign is for (document 000 §3.2.6 `target_audience`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Audience {
    /// Every member with a LINE account.
    All,
    /// Those who wear the included tags and none of the excluded ones.
    Tags {
        /// Tags to wear; may be empty when there are excluded ones.
        #[serde(default)]
        include_tags: Vec<TagId>,
        /// Tags that keep a member out.
        #[serde(default)]
        exclude_tags: Vec<TagId>,
        /// Whether one of the included tags is enough.
        #[serde(default)]
        include_mode: IncludeMode,
    },
}

/// How many of the included tags a member must wear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncludeMode {
    /// All of them.
    #[default]
    All,
    /// One is enough.
    Any,
}

impl Audience {
    /// Every tag named, once each, in ascending order.
    #[must_use]
    pub fn tags(&self) -> Vec<TagId> {
        match self {
            Self::All => Vec::new(),
            Self::Tags {
                include_tags,
                exclude_tags,
                ..
            } => include_tags
                .iter()
                .chain(exclude_tags)
                .copied()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
        }
    }

    /// The field in which a tag is named, for error messages.
    #[must_use]
    pub fn field_of(&self, tag: TagId) -> String {
        let Self::Tags {
            include_tags,
            exclude_tags,
            ..
        } = self
        else {
            return "target_audience".into();
        };
        let place = |tags: &[TagId], name: &str| {
            tags.iter()
                .position(|t| *t == tag)
                .map(|i| format!("target_audience.{name}[{i}]"))
        };
        place(include_tags, "include_tags")
            .or_else(|| place(exclude_tags, "exclude_tags"))
            .unwrap_or_else(|| "target_audience".into())
    }

    /// Notes what is wrong with the condition itself; whether its tags exist is another question.
    pub(crate) fn check(&self, problems: &mut Problems) {
        let Self::Tags {
            include_tags,
            exclude_tags,
            ..
        } = self
        else {
            return;
        };
        // An audience of type tags without any tag would mean everybody: never by accident.
        problems.check(
            !(include_tags.is_empty() && exclude_tags.is_empty()),
            "target_audience.include_tags",
            "name at least one tag to include or exclude",
        );
        for (name, tags) in [
            ("target_audience.include_tags", include_tags),
            ("target_audience.exclude_tags", exclude_tags),
        ] {
            problems.check(tags.len() <= MAX_TAGS, name, "at most 50 tags");
        }
        for tag in include_tags {
            if exclude_tags.contains(tag) {
                problems.add(self.field_of(*tag), "a tag cannot be included and excluded");
            }
        }
    }
}

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

/// Members who followed at or after `from` and before `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FollowedBetween {
    /// First moment that counts.
    pub from: DateTime<Utc>,
    /// First moment that no longer counts.
    pub until: DateTime<Utc>,
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
    pub fn window(&self, now: DateTime<Utc>, hotel: HotelTime) -> FollowedBetween {
        let Self::FriendDays {
            days_range: [first, last],
        } = self;
        let today = hotel.day_of(now);
        let day = |back: u32| {
            today
                .checked_sub_days(Days::new(u64::from(back)))
                .unwrap_or(chrono::NaiveDate::MIN)
        };
        FollowedBetween {
            from: hotel.start_of(day(*last)),
            until: hotel.end_of(day(*first)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn tags(include: &[i64], exclude: &[i64]) -> Audience {
        Audience::Tags {
            include_tags: include.iter().copied().map(TagId::new).collect(),
            exclude_tags: exclude.iter().copied().map(TagId::new).collect(),
            include_mode: IncludeMode::All,
        }
    }

    fn problems_of(audience: &Audience) -> Vec<String> {
        let mut problems = Problems::default();
        audience.check(&mut problems);
        problems
            .into_result()
            .err()
            .unwrap_or_default()
            .into_iter()
            .map(|p| p.field)
            .collect()
    }

    #[test]
    fn an_audience_of_tags_without_any_tag_is_refused_rather_than_everybody() {
        assert_eq!(
            problems_of(&tags(&[], &[])),
            ["target_audience.include_tags"]
        );
        assert!(problems_of(&tags(&[], &[3])).is_empty());
    }

    #[test]
    fn a_tag_cannot_be_on_both_sides() {
        assert_eq!(
            problems_of(&tags(&[1, 2], &[2])),
            ["target_audience.include_tags[1]"]
        );
    }

    #[test]
    fn the_document_of_the_contract_is_understood() {
        let audience: Audience =
            serde_json::from_str(r#"{"type":"tags","include_tags":[1,2],"exclude_tags":[3]}"#)
                .unwrap();
        assert_eq!(audience, tags(&[1, 2], &[3]));
        assert!(serde_json::from_str::<Audience>(r#"{"type":"everyone"}"#).is_err());
    }

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
            Utc.with_ymd_and_hms(2026, 3, 3, 16, 0, 0).unwrap()
        );
        assert_eq!(
            window.from,
            Utc.with_ymd_and_hms(2026, 2, 8, 16, 0, 0).unwrap()
        );
    }
}
