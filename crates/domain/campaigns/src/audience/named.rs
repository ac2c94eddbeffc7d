//! What a rule names, and where in it.

use super::{Rule, TagsRule};
use crm_kernel::{CampaignId, TagId};

impl Rule {
    /// Shows every part of it, from the outside in, with its path and depth.
    pub(super) fn visit(&self, path: &str, depth: usize, see: &mut dyn FnMut(&Self, &str, usize)) {
        see(self, path, depth);
        match self {
            Self::All(rules) | Self::Any(rules) => {
                let word = if matches!(self, Self::All(_)) {
                    "all"
                } else {
                    "any"
                };
                for (place, rule) in rules.iter().enumerate() {
                    rule.visit(&format!("{path}.{word}[{place}]"), depth + 1, see);
                }
            }
            Self::Not(rule) => rule.visit(&format!("{path}.not"), depth + 1, see),
            _ => {}
        }
    }

    /// Every tag named, with the field that names it.
    pub(super) fn tags(&self, path: &str) -> Vec<(TagId, String)> {
        let mut found = Vec::new();
        self.visit(path, 1, &mut |rule, path, _| {
            if let Self::Tags(tags) = rule {
                for (name, ids) in lists(tags) {
                    found.extend(places(ids, &format!("{path}.tags.{name}")));
                }
            }
        });
        found
    }

    /// Every campaign named, with the field that names it.
    pub(super) fn campaigns(&self, path: &str) -> Vec<(CampaignId, String)> {
        let mut found = Vec::new();
        self.visit(path, 1, &mut |rule, path, _| {
            if let Self::Campaign(campaign) = rule {
                let ids = campaign.any_of.as_deref().unwrap_or_default();
                found.extend(places(ids, &format!("{path}.campaign.any_of")));
            }
        });
        found
    }
}

/// The lists of tags that are given, each with its name.
pub(super) fn lists(tags: &TagsRule) -> impl Iterator<Item = (&'static str, &[TagId])> {
    [
        ("any_of", &tags.any_of),
        ("all_of", &tags.all_of),
        ("none_of", &tags.none_of),
    ]
    .into_iter()
    .filter_map(|(name, ids)| Some((name, ids.as_deref()?)))
}

/// The entries of a list, each with its field.
pub(super) fn places<Id: Copy>(ids: &[Id], list: &str) -> Vec<(Id, String)> {
    let named = |(place, id): (usize, &Id)| (*id, format!("{list}[{place}]"));
    ids.iter().enumerate().map(named).collect()
}

#[cfg(test)]
mod tests {
    use crate::Audience;
    use crm_kernel::{CampaignId, TagId};
    use serde_json::json;

    #[test]
    fn tags_and_campaigns_are_named_with_their_place() {
        let rule = json!({"type": "rules", "rule": {"all": [
            {"tags": {"any_of": [7, 5], "none_of": [9]}},
            {"not": {"campaign": {"any_of": [3, 5], "did": "got"}}}
        ]}});
        let rule: Audience = serde_json::from_value(rule).unwrap();
        assert_eq!(rule.tags(), [5, 7, 9].map(TagId::new));
        assert_eq!(rule.campaigns(), [3, 5].map(CampaignId::new));
        let place = |rest: &str| format!("target_audience.rule.all{rest}");
        assert_eq!(rule.field_of(TagId::new(9)), place("[0].tags.none_of[0]"));
        assert_eq!(
            rule.field_of_campaign(CampaignId::new(5)),
            place("[1].not.campaign.any_of[1]")
        );
    }
}
