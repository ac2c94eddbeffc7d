//! Reading a rule. Written by hand because it must end: a bracket too many is refused before it
//! is followed, and a second key in an object is refused instead of dropped.

use super::{MAX_DEPTH, Rule};
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Key {
    All,
    Any,
    Not,
    Gender,
    Known,
    BirthdayMonth,
    BirthdayMonthsAhead,
    Age,
    Source,
    CreatedDaysAgo,
    FriendDays,
    LastInteractionDaysAgo,
    Tags,
    Stays,
    CheckInDaysAhead,
    Campaign,
    Rfm,
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        One { depth: 1 }.deserialize(deserializer)
    }
}

/// A rule, so deep in brackets.
#[derive(Clone, Copy)]
struct One {
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for One {
    type Value = Rule;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Rule, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for One {
    type Value = Rule;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with one key")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Rule, A::Error> {
        if self.depth > MAX_DEPTH {
            return Err(A::Error::custom("is more than 8 levels deep"));
        }
        let deeper = Self {
            depth: self.depth + 1,
        };
        let rule = match map.next_key::<Key>()? {
            None => return Err(A::Error::custom("must have exactly one key")),
            Some(Key::All) => Rule::All(map.next_value_seed(Many(deeper))?),
            Some(Key::Any) => Rule::Any(map.next_value_seed(Many(deeper))?),
            Some(Key::Not) => Rule::Not(Box::new(map.next_value_seed(deeper)?)),
            Some(leaf) => read_leaf(&leaf, &mut map)?,
        };
        if map.next_key::<IgnoredAny>()?.is_some() {
            return Err(A::Error::custom("must have exactly one key"));
        }
        Ok(rule)
    }
}

fn read_leaf<'de, A: MapAccess<'de>>(key: &Key, map: &mut A) -> Result<Rule, A::Error> {
    Ok(match key {
        Key::All | Key::Any | Key::Not => return Err(A::Error::custom("is a bracket")),
        Key::Gender => Rule::Gender(map.next_value()?),
        Key::Known => Rule::Known(map.next_value()?),
        Key::BirthdayMonth => Rule::BirthdayMonth(map.next_value()?),
        Key::BirthdayMonthsAhead => Rule::BirthdayMonthsAhead(map.next_value()?),
        Key::Age => Rule::Age(map.next_value()?),
        Key::Source => Rule::Source(map.next_value()?),
        Key::CreatedDaysAgo => Rule::CreatedDaysAgo(map.next_value()?),
        Key::FriendDays => Rule::FriendDays(map.next_value()?),
        Key::LastInteractionDaysAgo => Rule::LastInteractionDaysAgo(map.next_value()?),
        Key::Tags => Rule::Tags(map.next_value()?),
        Key::Stays => Rule::Stays(map.next_value()?),
        Key::CheckInDaysAhead => Rule::CheckInDaysAhead(map.next_value()?),
        Key::Campaign => Rule::Campaign(map.next_value()?),
        Key::Rfm => Rule::Rfm(map.next_value()?),
    })
}

/// The rules in a bracket.
struct Many(One);

impl<'de> DeserializeSeed<'de> for Many {
    type Value = Vec<Rule>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<Rule>, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Many {
    type Value = Vec<Rule>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rules")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<Rule>, A::Error> {
        let mut rules = Vec::new();
        while let Some(rule) = seq.next_element_seed(self.0)? {
            rules.push(rule);
        }
        Ok(rules)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn refusal(rule: Value) -> String {
        serde_json::from_value::<Rule>(rule)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn every_leaf_and_bracket_is_written_as_it_is_read() {
        let rule = json!({"all": [
            {"any": [{"gender": ["female", "other"]}, {"not": {"known": "birthday"}}]},
            {"birthday_month": [5, 12]},
            {"birthday_months_ahead": {"from": 0, "to": 1}},
            {"age": {"from": 30}},
            {"source": ["line", "crm", "system"]},
            {"created_days_ago": {"to": 30}},
            {"friend_days": {"from": 7, "to": 29}},
            {"last_interaction_days_ago": {"to": 90}},
            {"tags": {"any_of": [1], "all_of": [2, 3], "none_of": [4]}},
            {"stays": {"within_days": 730, "room_types": ["商務雙人房"], "nights": {"from": 2},
                "count": {"from": 2}, "amount": {"from": 20000.5},
                "last_check_out_days_ago": {"from": 180, "to": 365}}},
            {"check_in_days_ahead": {"to": 14}},
            {"campaign": {"any_of": [12], "within_days": 30, "did": "clicked"}},
            {"rfm": {"recency": {"from": 4, "to": 5}, "frequency": {"from": 4},
                "money": {"from": 1}, "segment": "champions"}}
        ]});
        let read: Rule = serde_json::from_value(rule.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), rule);
    }

    #[test]
    fn an_object_has_one_key_neither_none_nor_two() {
        let one = "must have exactly one key";
        assert_eq!(refusal(json!({})), one);
        assert_eq!(refusal(json!({"known": "email", "source": ["line"]})), one);
        let twice = r#"{"known": "email", "known": "phone"}"#;
        let error = serde_json::from_str::<Rule>(twice).unwrap_err();
        assert!(error.to_string().starts_with(one), "{error}");
    }

    #[test]
    fn brackets_are_followed_eight_levels_and_no_further() {
        let nested = |levels: usize| {
            (1..levels).fold(json!({"known": "email"}), |inner, _| json!({"not": inner}))
        };
        assert!(serde_json::from_value::<Rule>(nested(8)).is_ok());
        assert_eq!(refusal(nested(9)), "is more than 8 levels deep");
        let endless = r#"{"not":"#.repeat(100_000);
        assert!(serde_json::from_str::<Rule>(&endless).is_err());
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for rule in [
            json!({"vip": true}),
            json!({"stays": {"times": 2}}),
            json!({"stays": null}),
            json!({"stays": {"count": {"from": -1}}}),
            json!({"campaign": {"any_of": [1]}}),
            json!({"campaign": {"any_of": [1], "did": "loved"}}),
            json!({"gender": "male"}),
            json!({"rfm": {"segment": "冠軍客"}}),
            json!({"rfm": {"recency": 5}}),
            json!({"all": {"known": "email"}}),
            json!([{"known": "email"}]),
            json!("known"),
        ] {
            assert!(
                serde_json::from_value::<Rule>(rule.clone()).is_err(),
                "{rule}"
            );
        }
    }
}
