mod amount;
mod check;
mod facts;
mod named;
mod read;
mod resolve;
mod rule;
mod selection;
mod trigger;

pub use amount::Amount;
use check::MAX_DEPTH;
pub use facts::{CampaignFacts, MemberFacts, StayFacts};
use named::places;
use resolve::Today;
pub use rule::{
    Bounds, CampaignRule, Deed, Gender, Known, RfmRule, Rule, Source, StaysRule, TagsRule,
};
pub use selection::{CampaignTest, RfmTest, Selection, Span, StaysTest, Test};
pub use trigger::TriggerCondition;

use chrono::{DateTime, Utc};
use crm_kernel::{CampaignId, HotelTime, Problems, TagId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The field of a campaign in which its audience stands.
const FIELD: &str = "target_audience";
/// The field of an audience in which its rule stands.
const RULE: &str = "target_audience.rule";
/// Most tags one list may name; keeps the query that answers it bounded.
const MAX_TAGS: usize = 50;

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
    /// Those of whom the rule is true.
    Rules {
        /// The rule.
        rule: Rule,
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
        once_each(self.named_tags())
    }

    /// Every campaign named, once each, in ascending order.
    #[must_use]
    pub fn campaigns(&self) -> Vec<CampaignId> {
        once_each(self.named_campaigns())
    }

    /// The field in which a tag is named, for error messages.
    #[must_use]
    pub fn field_of(&self, tag: TagId) -> String {
        field_in(self.named_tags(), tag)
    }

    /// The field in which a campaign is named, for error messages.
    #[must_use]
    pub fn field_of_campaign(&self, campaign: CampaignId) -> String {
        field_in(self.named_campaigns(), campaign)
    }

    fn named_tags(&self) -> Vec<(TagId, String)> {
        match self {
            Self::All => Vec::new(),
            Self::Tags {
                include_tags,
                exclude_tags,
                ..
            } => {
                let mut named = places(include_tags, "target_audience.include_tags");
                named.extend(places(exclude_tags, "target_audience.exclude_tags"));
                named
            }
            Self::Rules { rule } => rule.tags(RULE),
        }
    }

    fn named_campaigns(&self) -> Vec<(CampaignId, String)> {
        match self {
            Self::All | Self::Tags { .. } => Vec::new(),
            Self::Rules { rule } => rule.campaigns(RULE),
        }
    }

    /// Who that is at `now`, with what must be true at the moment of sending.
    #[must_use]
    pub fn selection(
        &self,
        trigger: Option<&TriggerCondition>,
        now: DateTime<Utc>,
        hotel: HotelTime,
    ) -> Selection {
        let selection = match self {
            Self::All => Selection::everybody(),
            Self::Tags {
                include_tags,
                exclude_tags,
                include_mode,
            } => Selection::new(wearing(include_tags, exclude_tags, *include_mode)),
            Self::Rules { rule } => Selection::new(rule.at(Today::new(now, hotel))),
        };
        match trigger {
            Some(trigger) => selection.who_followed(trigger.window(now, hotel)),
            None => selection,
        }
    }

    /// Notes what is wrong with the condition itself; whether its tags exist is another question.
    pub(crate) fn check(&self, problems: &mut Problems) {
        let (include_tags, exclude_tags) = match self {
            Self::All => return,
            Self::Rules { rule } => return rule.check(RULE, problems),
            Self::Tags {
                include_tags,
                exclude_tags,
                ..
            } => (include_tags, exclude_tags),
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

fn once_each<Id: Ord>(named: Vec<(Id, String)>) -> Vec<Id> {
    let ids: BTreeSet<Id> = named.into_iter().map(|(id, _)| id).collect();
    ids.into_iter().collect()
}

fn field_in<Id: Copy + PartialEq>(named: Vec<(Id, String)>, wanted: Id) -> String {
    let mut named = named.into_iter();
    let found = named.find(|(id, _)| *id == wanted);
    found.map_or_else(|| FIELD.to_owned(), |(_, field)| field)
}

fn wearing(include: &[TagId], exclude: &[TagId], mode: IncludeMode) -> Test {
    let mut tests = Vec::new();
    match mode {
        IncludeMode::All => tests.extend(include.iter().map(|tag| Test::WearsAny(vec![*tag]))),
        IncludeMode::Any if !include.is_empty() => tests.push(Test::WearsAny(include.to_vec())),
        IncludeMode::Any => {}
    }
    if !exclude.is_empty() {
        tests.push(Test::Not(Box::new(Test::WearsAny(exclude.to_vec()))));
    }
    Test::All(tests)
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
