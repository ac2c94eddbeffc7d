//! What a rule may be: bounded in every way, and naming something in every list.

use super::named::lists;
use super::{Amount, Bounds, CampaignRule, RfmRule, Rule, StaysRule, TagsRule};
use crm_kernel::{Problems, RfmScores};

/// Most brackets around a leaf, the leaf included.
pub(super) const MAX_DEPTH: usize = 8;
/// Most leaves of one rule.
const MAX_LEAVES: usize = 100;
/// Most entries of one list.
const MAX_ENTRIES: usize = 50;
/// Furthest day that may be spoken of (about a hundred years).
const MAX_DAYS: u32 = 36_500;
/// Longest kind of room (document 000 §3.2.13).
const MAX_ROOM_TYPE: usize = 100;

impl Rule {
    /// Notes what is wrong with it; whether its tags and campaigns exist is another question.
    pub(super) fn check(&self, path: &str, problems: &mut Problems) {
        let mut leaves = 0;
        self.visit(path, 1, &mut |rule, path, depth| {
            if depth == MAX_DEPTH + 1 {
                problems.add(path, "is more than 8 levels deep");
            }
            match rule {
                Self::All(rules) if rules.is_empty() => {
                    problems.add(format!("{path}.all"), "must not be empty");
                }
                Self::Any(rules) if rules.is_empty() => {
                    problems.add(format!("{path}.any"), "must not be empty");
                }
                Self::All(_) | Self::Any(_) | Self::Not(_) => {}
                leaf => {
                    leaves += 1;
                    leaf.check_leaf(path, problems);
                }
            }
        });
        problems.check(leaves <= MAX_LEAVES, path, "at most 100 conditions");
    }

    fn check_leaf(&self, path: &str, problems: &mut Problems) {
        let mut sheet = Sheet { path, problems };
        match self {
            Self::All(_) | Self::Any(_) | Self::Not(_) | Self::Known(_) => {}
            Self::Gender(words) => sheet.list("gender", words),
            Self::Source(words) => sheet.list("source", words),
            Self::BirthdayMonth(months) => {
                sheet.list("birthday_month", months);
                sheet.each("birthday_month", months, |month| {
                    (!(1..=12).contains(month)).then_some("must be from 1 to 12")
                });
            }
            Self::BirthdayMonthsAhead(months) => {
                sheet.bounds("birthday_months_ahead", Some(months), 11, "at most 11");
            }
            Self::Age(years) => sheet.bounds("age", Some(years), 150, "at most 150"),
            Self::CreatedDaysAgo(days) => sheet.days("created_days_ago", Some(days)),
            Self::FriendDays(days) => sheet.days("friend_days", Some(days)),
            Self::LastInteractionDaysAgo(days) => {
                sheet.days("last_interaction_days_ago", Some(days));
            }
            Self::CheckInDaysAhead(days) => sheet.days("check_in_days_ahead", Some(days)),
            Self::Tags(tags) => sheet.tags(tags),
            Self::Stays(stays) => sheet.stays(stays),
            Self::Campaign(campaign) => sheet.campaign(campaign),
            Self::Rfm(rfm) => sheet.rfm(rfm),
        }
    }
}

/// Where problems of one leaf are noted.
struct Sheet<'a> {
    path: &'a str,
    problems: &'a mut Problems,
}

impl Sheet<'_> {
    fn check(&mut self, ok: bool, field: &str, message: &str) {
        let field = format!("{}.{field}", self.path);
        self.problems.check(ok, &field, message);
    }

    fn list<T>(&mut self, field: &str, entries: &[T]) {
        self.check(!entries.is_empty(), field, "must not be empty");
        self.check(entries.len() <= MAX_ENTRIES, field, "at most 50 entries");
    }

    fn each<T>(&mut self, field: &str, entries: &[T], wrong: fn(&T) -> Option<&'static str>) {
        for (place, entry) in entries.iter().enumerate() {
            if let Some(message) = wrong(entry) {
                self.check(false, &format!("{field}[{place}]"), message);
            }
        }
    }

    fn bounds<T: Copy + PartialOrd>(
        &mut self,
        field: &str,
        bounds: Option<&Bounds<T>>,
        most: T,
        message: &str,
    ) {
        let Some(Bounds { from, to }) = bounds else {
            return;
        };
        self.check(
            from.is_some() || to.is_some(),
            field,
            "name from, to or both",
        );
        for (end, value) in [("from", from), ("to", to)] {
            let is_small = value.as_ref().is_none_or(|value| *value <= most);
            self.check(is_small, &format!("{field}.{end}"), message);
        }
        let in_order = from.as_ref().zip(to.as_ref()).is_none_or(|(a, b)| a <= b);
        self.check(in_order, field, "from must not be after to");
    }

    fn days(&mut self, field: &str, bounds: Option<&Bounds<u32>>) {
        self.bounds(field, bounds, MAX_DAYS, "at most 36500 days");
    }

    fn within(&mut self, field: &str, days: Option<u32>) {
        let is_near = days.is_none_or(|days| days <= MAX_DAYS);
        self.check(is_near, field, "at most 36500 days");
    }

    fn tags(&mut self, tags: &TagsRule) {
        self.check(
            lists(tags).next().is_some(),
            "tags",
            "name any_of, all_of or none_of",
        );
        for (name, ids) in lists(tags) {
            self.list(&format!("tags.{name}"), ids);
        }
    }

    fn stays(&mut self, stays: &StaysRule) {
        self.within("stays.within_days", stays.within_days);
        if let Some(kinds) = &stays.room_types {
            self.list("stays.room_types", kinds);
            self.each("stays.room_types", kinds, |kind| {
                let length = kind.chars().count();
                (!(1..=MAX_ROOM_TYPE).contains(&length)).then_some("must have 1 to 100 characters")
            });
        }
        self.bounds("stays.nights", stays.nights.as_ref(), 1_000, "at most 1000");
        self.bounds("stays.count", stays.count.as_ref(), 10_000, "at most 10000");
        let largest = Amount::of_minor(Amount::MAX_MINOR);
        self.bounds(
            "stays.amount",
            stays.amount.as_ref(),
            largest,
            "is too large",
        );
        self.days(
            "stays.last_check_out_days_ago",
            stays.last_check_out_days_ago.as_ref(),
        );
    }

    fn campaign(&mut self, campaign: &CampaignRule) {
        self.within("campaign.within_days", campaign.within_days);
        self.check(
            campaign.any_of.is_some() || campaign.within_days.is_some(),
            "campaign",
            "name any_of, within_days or both",
        );
        if let Some(ids) = &campaign.any_of {
            self.list("campaign.any_of", ids);
        }
    }

    fn rfm(&mut self, rfm: &RfmRule) {
        self.check(
            *rfm != RfmRule::default(),
            "rfm",
            "name segment, recency, frequency or money",
        );
        let (least, most) = (*RfmScores::RANGE.start(), *RfmScores::RANGE.end());
        for (name, bounds) in [
            ("rfm.recency", &rfm.recency),
            ("rfm.frequency", &rfm.frequency),
            ("rfm.money", &rfm.money),
        ] {
            let told = "must be from 1 to 5";
            self.bounds(name, bounds.as_ref(), u32::from(most), told);
            let ends = bounds.map(|bounds| [("from", bounds.from), ("to", bounds.to)]);
            for (end, value) in ends.into_iter().flatten() {
                let is_large = value.is_none_or(|value| value >= u32::from(least));
                self.check(is_large, &format!("{name}.{end}"), told);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Audience;
    use crm_kernel::Problems;
    use serde_json::{Value, json};

    fn at_fault(rule: &Value) -> Vec<String> {
        let mut problems = Problems::default();
        let audience = json!({"type": "rules", "rule": rule});
        let audience: Audience = serde_json::from_value(audience).unwrap();
        audience.check(&mut problems);
        let found = problems.into_result().err().unwrap_or_default();
        found.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn what_makes_no_sense_is_told_by_its_path() {
        let too_many: Vec<u32> = (1..=51).collect();
        for (rule, path) in [
            (json!({"all": []}), ".all"),
            (json!({"not": {"any": []}}), ".not.any"),
            (
                json!({"all": [{"known": "email"}, {"stays": {"count": {"from": 10_001}}}]}),
                ".all[1].stays.count.from",
            ),
            (json!({"stays": {"count": {}}}), ".stays.count"),
            (
                json!({"stays": {"nights": {"from": 3, "to": 2}}}),
                ".stays.nights",
            ),
            (
                json!({"stays": {"room_types": ["雙人房", ""]}}),
                ".stays.room_types[1]",
            ),
            (
                json!({"stays": {"within_days": 36_501}}),
                ".stays.within_days",
            ),
            (json!({"any": [{"age": {"to": 151}}]}), ".any[0].age.to"),
            (json!({"birthday_month": [1, 13]}), ".birthday_month[1]"),
            (
                json!({"birthday_months_ahead": {"to": 12}}),
                ".birthday_months_ahead.to",
            ),
            (json!({"gender": []}), ".gender"),
            (json!({"tags": {}}), ".tags"),
            (json!({"tags": {"none_of": []}}), ".tags.none_of"),
            (json!({"tags": {"any_of": too_many}}), ".tags.any_of"),
            (json!({"campaign": {"did": "got"}}), ".campaign"),
            (
                json!({"campaign": {"any_of": [], "did": "got"}}),
                ".campaign.any_of",
            ),
            (json!({"rfm": {}}), ".rfm"),
            (json!({"rfm": {"recency": {}}}), ".rfm.recency"),
            (
                json!({"rfm": {"recency": {"from": 5, "to": 4}}}),
                ".rfm.recency",
            ),
            (
                json!({"rfm": {"segment": "new", "money": {"to": 6}}}),
                ".rfm.money.to",
            ),
            (
                json!({"rfm": {"frequency": {"from": 0}}}),
                ".rfm.frequency.from",
            ),
        ] {
            let path = format!("target_audience.rule{path}");
            assert_eq!(at_fault(&rule), [path], "{rule}");
        }
    }

    #[test]
    fn a_rule_has_at_most_a_hundred_leaves() {
        let leaves = |n| json!({"any": vec![json!({"known": "email"}); n]});
        assert!(at_fault(&leaves(100)).is_empty());
        assert_eq!(at_fault(&leaves(101)), ["target_audience.rule"]);
    }
}
