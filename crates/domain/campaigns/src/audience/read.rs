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
