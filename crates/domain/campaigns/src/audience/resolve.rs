//! What a rule means at one moment.

use super::{Amount, Bounds, CampaignTest, RfmTest, Rule, Span, StaysTest, TagsRule, Test};
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use crm_kernel::HotelTime;

/// The moment, and what the hotel calls a day.
#[derive(Clone, Copy)]
pub(super) struct Today {
    day: NaiveDate,
    hotel: HotelTime,
}

impl Today {
    pub(super) fn new(now: DateTime<Utc>, hotel: HotelTime) -> Self {
        Self {
            day: hotel.day_of(now),
            hotel,
        }
    }

    fn back(self, days: u32) -> NaiveDate {
        let days = Days::new(u64::from(days));
        self.day.checked_sub_days(days).unwrap_or(NaiveDate::MIN)
    }

    fn ahead(self, days: u32) -> NaiveDate {
        let days = Days::new(u64::from(days));
        self.day.checked_add_days(days).unwrap_or(NaiveDate::MAX)
    }

    /// The moments of the days that lie so far back.
    pub(super) fn span(self, ago: &Bounds<u32>) -> Span {
        Span {
            from: ago.to.map(|days| self.start_of(days)),
            until: ago.from.map(|days| self.hotel.end_of(self.back(days))),
        }
    }

    fn start_of(self, days_ago: u32) -> DateTime<Utc> {
        self.hotel.start_of(self.back(days_ago))
    }

    /// Birthdays of those who are so old.
    fn born(self, years: &Bounds<u32>) -> Bounds<NaiveDate> {
        let birthday = |age: u32| {
            let months = Months::new(age.saturating_mul(12));
            self.day
                .checked_sub_months(months)
                .unwrap_or(NaiveDate::MIN)
        };
        Bounds {
            from: years.to.map(|age| {
                let too_old = birthday(age.saturating_add(1));
                too_old.succ_opt().unwrap_or(too_old)
            }),
            to: years.from.map(birthday),
        }
    }

    fn months_ahead(self, months: &Bounds<u32>) -> Vec<u32> {
        let this = self.day.month0();
        let mut named: Vec<u32> = (months.from.unwrap_or(0)..=months.to.unwrap_or(11).min(11))
            .map(|ahead| (this + ahead) % 12 + 1)
            .collect();
        named.sort_unstable();
        named
    }
}

impl Rule {
    pub(super) fn at(&self, today: Today) -> Test {
        let each = |rules: &[Self]| rules.iter().map(|rule| rule.at(today)).collect();
        match self {
            Self::All(rules) => Test::All(each(rules)),
            Self::Any(rules) => Test::Any(each(rules)),
            Self::Not(rule) => Test::Not(Box::new(rule.at(today))),
            Self::Gender(genders) => Test::Gender(genders.clone()),
            Self::Known(what) => Test::Known(*what),
            Self::BirthdayMonth(months) => Test::BirthdayMonth(months.clone()),
            Self::BirthdayMonthsAhead(ahead) => Test::BirthdayMonth(today.months_ahead(ahead)),
            Self::Age(years) => Test::Born(today.born(years)),
            Self::Source(sources) => Test::Source(sources.clone()),
            Self::CreatedDaysAgo(days) => Test::Created(today.span(days)),
            Self::FriendDays(days) => Test::Followed(today.span(days)),
            Self::LastInteractionDaysAgo(days) => Test::Interacted(today.span(days)),
            Self::Tags(tags) => wears(tags),
            Self::Stays(stays) => Test::Stays(StaysTest {
                not_before: stays.within_days.map(|days| today.back(days)),
                room_types: stays.room_types.clone(),
                nights: stays.nights,
                count: stays.count.unwrap_or(Bounds {
                    from: Some(1),
                    to: None,
                }),
                amount_minor: stays.amount.map(|amount| Bounds {
                    from: amount.from.map(Amount::minor),
                    to: amount.to.map(Amount::minor),
                }),
                last_check_out: stays.last_check_out_days_ago.map(|ago| Bounds {
                    from: ago.to.map(|days| today.back(days)),
                    to: Some(today.back(ago.from.unwrap_or(0))),
                }),
            }),
            Self::CheckInDaysAhead(ahead) => Test::Expected(Bounds {
                from: Some(today.ahead(ahead.from.unwrap_or(0))),
                to: ahead.to.map(|days| today.ahead(days)),
            }),
            Self::Campaign(campaign) => Test::Campaign(CampaignTest {
                any_of: campaign.any_of.clone(),
                since: campaign.within_days.map(|days| today.start_of(days)),
                did: campaign.did,
            }),
            Self::Rfm(rfm) => Test::Rfm(RfmTest {
                recency: scores(rfm.recency),
                frequency: scores(rfm.frequency),
                money: scores(rfm.money),
                segment: rfm.segment,
            }),
        }
    }
}

/// Both ends open where nothing is asked.
fn scores(bounds: Option<Bounds<u32>>) -> Bounds<u8> {
    let score = |n: u32| u8::try_from(n).unwrap_or(u8::MAX);
    let bounds = bounds.unwrap_or_default();
    Bounds {
        from: bounds.from.map(score),
        to: bounds.to.map(score),
    }
}

fn wears(tags: &TagsRule) -> Test {
    let mut tests = Vec::new();
    tests.extend(tags.any_of.clone().map(Test::WearsAny));
    let each = tags.all_of.iter().flatten();
    tests.extend(each.map(|tag| Test::WearsAny(vec![*tag])));
    let none = tags.none_of.clone().map(Test::WearsAny);
    tests.extend(none.map(|worn| Test::Not(Box::new(worn))));
    Test::All(tests)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Audience;
    use chrono::TimeZone;
    use serde_json::{Value, json};

    /// 10 March 2026, half an hour after midnight in Taipei.
    fn now() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 3, 9, 16, 30, 0).unwrap()
    }

    fn test(rule: &Value) -> Test {
        let rule = json!({"type": "rules", "rule": rule});
        let audience: Audience = serde_json::from_value(rule).unwrap();
        let hotel = HotelTime::new(chrono_tz::Asia::Taipei);
        audience.selection(None, now(), hotel).test().clone()
    }

    fn midnight(month: u32, day: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, month, day, 16, 0, 0).unwrap() - Days::new(1)
    }

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn days_ago_are_whole_hotel_days_and_an_open_end_stays_open() {
        let span = Test::Interacted(Span {
            from: Some(midnight(2, 8)),
            until: Some(midnight(3, 4)),
        });
        let leaf = "last_interaction_days_ago";
        assert_eq!(test(&json!({leaf: {"from": 7, "to": 30}})), span);
        let within = Test::Created(Span {
            from: Some(midnight(3, 10)),
            until: None,
        });
        assert_eq!(test(&json!({"created_days_ago": {"to": 0}})), within);
    }

    #[test]
    fn an_age_changes_on_the_birthday() {
        let born = Test::Born(Bounds {
            from: Some(day(1980, 3, 11)),
            to: Some(day(1996, 3, 10)),
        });
        assert_eq!(test(&json!({"age": {"from": 30, "to": 45}})), born);
    }

    #[test]
    fn months_ahead_go_on_in_january() {
        let months = |rule: &Value| match test(rule) {
            Test::BirthdayMonth(months) => months,
            other => vec![u32::MAX; format!("{other:?}").len()],
        };
        let ahead = "birthday_months_ahead";
        assert_eq!(months(&json!({ahead: {"from": 0, "to": 0}})), [3]);
        assert_eq!(months(&json!({ahead: {"from": 9, "to": 10}})), [1, 12]);
    }

    #[test]
    fn whoever_names_no_number_of_stays_means_at_least_one() {
        let stays = |rule: &Value| match test(rule) {
            Test::Stays(stays) => Some(stays),
            _ => None,
        };
        let bare = stays(&json!({"stays": {}})).unwrap();
        assert_eq!((bare.count.from, bare.count.to), (Some(1), None));
        let ended = json!({"stays": {"last_check_out_days_ago": {"to": 30}}});
        let last = stays(&ended).unwrap().last_check_out.unwrap();
        // Today at the latest: who is still here has not left.
        assert_eq!(last.from, Some(day(2026, 2, 8)));
        assert_eq!(last.to, Some(day(2026, 3, 10)));
    }

    #[test]
    fn a_stay_to_come_begins_today_at_the_earliest() {
        let expected = Test::Expected(Bounds {
            from: Some(day(2026, 3, 10)),
            to: Some(day(2026, 3, 24)),
        });
        assert_eq!(test(&json!({"check_in_days_ahead": {"to": 14}})), expected);
    }

    #[test]
    fn a_selection_can_be_kept_as_a_document() {
        let rule = json!({"all": [{"stays": {"amount": {"from": 99.5}}}, {"age": {"to": 30}},
            {"campaign": {"within_days": 7, "did": "got"}},
            {"rfm": {"segment": "at_risk", "money": {"from": 4}}}]});
        let selection = crate::Selection::new(test(&rule));
        let kept = serde_json::to_string(&selection).unwrap();
        let read: crate::Selection = serde_json::from_str(&kept).unwrap();
        assert_eq!(read, selection);
    }
}
