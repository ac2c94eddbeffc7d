//! How a rule looks on the wire. The domain reads and writes it; these types describe it.
#![expect(
    dead_code,
    reason = "nobody makes one: they are the description of a document"
)]

use crate::http::wire::{Money, Segment};
use utoipa::ToSchema;

/// A bracketed condition on one member: an object with exactly one key. At most 8 levels deep,
/// with at most 100 leaves and 50 entries in a list. What is not known of a member is not true
/// of them, so `not` means everybody else. Days are hotel days; 0 days ago is today.
#[derive(ToSchema)]
#[schema(
    rename_all = "snake_case",
    example = json!({"all": [
        {"stays": {"count": {"from": 2}, "last_check_out_days_ago": {"from": 180, "to": 365}}},
        {"not": {"campaign": {"any_of": [12], "did": "clicked"}}}
    ]})
)]
pub(crate) enum AudienceRule {
    /// Every one of these.
    #[schema(no_recursion)]
    All(Vec<AudienceRule>),
    /// At least one of these.
    #[schema(no_recursion)]
    Any(Vec<AudienceRule>),
    /// Not this.
    #[schema(no_recursion)]
    Not(Box<AudienceRule>),
    /// Is of one of these genders.
    Gender(Vec<RuleGender>),
    /// This is known of them.
    Known(RuleKnown),
    /// Was born in one of these months, 1 to 12.
    BirthdayMonth(Vec<u32>),
    /// Has a birthday in a month so far from now, at most 11: 0 is this month, 1 the next.
    BirthdayMonthsAhead(NumberBounds),
    /// Is so many years old, at most 150.
    Age(NumberBounds),
    /// Came from one of these first.
    Source(Vec<RuleSource>),
    /// Is in the CRM since so many days ago.
    CreatedDaysAgo(NumberBounds),
    /// Followed the account so many days ago.
    FriendDays(NumberBounds),
    /// Did something for the last time so many days ago.
    LastInteractionDaysAgo(NumberBounds),
    /// Wears tags, or does not.
    Tags(RuleTags),
    /// Has stayed; cancelled, missed and merely booked stays do not count.
    Stays(RuleStays),
    /// Is expected in so many days.
    CheckInDaysAhead(NumberBounds),
    /// Got a campaign, opened it or clicked in it.
    Campaign(RuleCampaign),
    /// How they compare with all guests who have stayed, as it was last worked out.
    Rfm(RuleRfm),
}

/// From one whole number to another, both included; at least one of them. Days are at most 36500.
#[derive(ToSchema)]
#[schema(example = json!({"from": 180, "to": 365}))]
pub(crate) struct NumberBounds {
    #[schema(required = false)]
    from: u32,
    #[schema(required = false)]
    to: u32,
}

/// From one amount to another, both included; at least one of them.
#[derive(ToSchema)]
#[schema(example = json!({"from": 20000}))]
pub(crate) struct AmountBounds {
    #[schema(required = false)]
    from: Money,
    #[schema(required = false)]
    to: Money,
}

/// Gender as the guest or the hotel's records state it.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum RuleGender {
    Male,
    Female,
    Other,
}

/// Where a member came from first.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum RuleSource {
    Line,
    Crm,
    System,
}

/// Something that is known of a member or not.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum RuleKnown {
    FirstName,
    LastName,
    Gender,
    Birthday,
    Email,
    Phone,
    LastInteraction,
}

/// At least one list; every list that is given must hold.
#[derive(ToSchema)]
#[schema(example = json!({"any_of": [1, 2], "none_of": [3]}))]
pub(crate) struct RuleTags {
    /// Wears at least one of these.
    #[schema(required = false)]
    any_of: Vec<i64>,
    /// Wears all of these.
    #[schema(required = false)]
    all_of: Vec<i64>,
    /// Wears none of these.
    #[schema(required = false)]
    none_of: Vec<i64>,
}

/// `within_days`, `room_types` and `nights` say which stays are looked at, the others what those
/// together must come to. Without any of them: has stayed at least once.
#[derive(ToSchema)]
#[schema(example = json!({"within_days": 730, "count": {"from": 2}, "amount": {"from": 20000}}))]
pub(crate) struct RuleStays {
    /// Only stays that ended at most so many days ago, or have not ended.
    #[schema(required = false)]
    within_days: u32,
    /// Only stays in one of these kinds of room, spelled exactly so.
    #[schema(required = false)]
    room_types: Vec<String>,
    /// Only stays of so many nights, at most 1000.
    #[schema(required = false)]
    nights: NumberBounds,
    /// How many there are, at most 10000; without it, at least one.
    #[schema(required = false)]
    count: NumberBounds,
    /// What was paid for all of them together.
    #[schema(required = false)]
    amount: AmountBounds,
    /// How many days ago the last one ended; one that has not ended is never days ago.
    #[schema(required = false)]
    last_check_out_days_ago: NumberBounds,
}

/// Names campaigns, a time, or both.
#[derive(ToSchema)]
#[schema(example = json!({"any_of": [12], "did": "clicked"}))]
pub(crate) struct RuleCampaign {
    /// With one of these; without it, with any campaign.
    #[schema(required = false)]
    any_of: Vec<i64>,
    /// At most so many days ago.
    #[schema(required = false)]
    within_days: u32,
    /// What.
    did: RuleDeed,
}

/// At least one of these; everything that is given must hold. Scores are from 1 to 5. Whoever has
/// never stayed has none.
#[derive(ToSchema)]
#[schema(example = json!({"recency": {"from": 4, "to": 5}, "frequency": {"from": 4}}))]
pub(crate) struct RuleRfm {
    /// How lately they stayed; 5 is latest.
    #[schema(required = false)]
    recency: NumberBounds,
    /// How often; 5 is most often.
    #[schema(required = false)]
    frequency: NumberBounds,
    /// For how much; 5 is most.
    #[schema(required = false)]
    money: NumberBounds,
    /// What such guests are called.
    #[schema(required = false)]
    segment: Segment,
}

/// How far a campaign came with a member: it was sent to them, they are known to have opened it
/// (whoever clicked has), they tapped something in it.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum RuleDeed {
    Got,
    Opened,
    Clicked,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crm_campaigns::Rule;
    use serde_json::{Value, json};
    use std::collections::BTreeSet;
    use utoipa::PartialSchema;

    fn described<T: PartialSchema>() -> Value {
        serde_json::to_value(T::schema()).unwrap()
    }

    fn keys(object: &Value) -> BTreeSet<String> {
        object.as_object().unwrap().keys().cloned().collect()
    }

    /// The keys that the domain says it knows when it meets another.
    fn known_where(nobody: Value) -> BTreeSet<String> {
        let error = serde_json::from_value::<Rule>(nobody).unwrap_err();
        let told = error.to_string();
        let (_, known) = told.split_once("expected ").unwrap();
        known
            .split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn every_key_of_a_rule_is_described_and_none_that_it_does_not_have() {
        let brackets_and_leaves: BTreeSet<String> = described::<AudienceRule>()["oneOf"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|one| keys(&one["properties"]))
            .collect();
        assert_eq!(brackets_and_leaves, known_where(json!({"nobody": 1})));
        for (leaf, described) in [
            ("tags", described::<RuleTags>()),
            ("stays", described::<RuleStays>()),
            ("campaign", described::<RuleCampaign>()),
            ("rfm", described::<RuleRfm>()),
            ("age", described::<NumberBounds>()),
        ] {
            let known = known_where(json!({leaf: {"nobody": 1}}));
            assert_eq!(keys(&described["properties"]), known, "{leaf}");
        }
    }

    #[test]
    fn every_word_of_a_rule_is_described() {
        for (wrong, described) in [
            (json!({"gender": ["x"]}), described::<RuleGender>()),
            (json!({"known": "x"}), described::<RuleKnown>()),
            (json!({"source": ["x"]}), described::<RuleSource>()),
            (json!({"campaign": {"did": "x"}}), described::<RuleDeed>()),
            (json!({"rfm": {"segment": "x"}}), described::<Segment>()),
        ] {
            let words = described["enum"].as_array().unwrap();
            let words = words.iter().map(|word| word.as_str().unwrap().to_owned());
            assert_eq!(words.collect::<BTreeSet<_>>(), known_where(wrong));
        }
    }
}
