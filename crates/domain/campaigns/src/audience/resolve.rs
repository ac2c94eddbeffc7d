//! What a rule means at one moment.

use super::{Amount, Bounds, CampaignTest, Rule, Span, StaysTest, TagsRule, Test};
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
        }
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
