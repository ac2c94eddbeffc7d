use super::rule::AudienceRule;
use crate::http::problem::ApiError;
use crate::http::wire::IncludeMode;
use crm_campaigns::{Audience, Rule, TriggerCondition};
use crm_kernel::TagId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Everybody, by tags, or by a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AudienceType {
    /// Every member with a LINE account.
    All,
    /// Those who wear the included tags and none of the excluded ones.
    Tags,
    /// Those of whom the rule is true.
    Rules,
}

/// Who a campaign is for.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"type": "tags", "include_tags": [1, 2], "exclude_tags": [3]}))]
pub(crate) struct TargetAudience {
    #[serde(rename = "type")]
    kind: AudienceType,
    /// Tags to wear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    include_tags: Option<Vec<i64>>,
    /// Tags that keep a member out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exclude_tags: Option<Vec<i64>>,
    /// Whether all of the included tags must be worn (the default) or any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    include_mode: Option<IncludeMode>,
    /// What must be true of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<AudienceRule>)]
    rule: Option<Rule>,
}

impl TryFrom<TargetAudience> for Audience {
    type Error = ApiError;

    fn try_from(target: TargetAudience) -> Result<Self, ApiError> {
        let ids = |tags: Option<Vec<i64>>| -> Vec<TagId> {
            tags.unwrap_or_default()
                .into_iter()
                .map(TagId::new)
                .collect()
        };
        let include_tags = ids(target.include_tags);
        let exclude_tags = ids(target.exclude_tags);
        match (target.kind, target.rule) {
            (AudienceType::All | AudienceType::Tags, Some(_)) => Err(only_for("rules", "rule")),
            // Whoever names tags means those, not everybody of whom the rule is true.
            (AudienceType::Rules, _) if !include_tags.is_empty() => {
                Err(only_for("tags", "include_tags"))
            }
            (AudienceType::Rules, _) if !exclude_tags.is_empty() => {
                Err(only_for("tags", "exclude_tags"))
            }
            (AudienceType::Rules, None) => Err(ApiError::invalid_field(
                "target_audience.rule",
                "is required",
            )),
            (AudienceType::Rules, Some(rule)) => Ok(Self::Rules { rule }),
            (AudienceType::Tags, None) if include_tags.is_empty() && exclude_tags.is_empty() => {
                Err(ApiError::invalid_field(
                    "target_audience.include_tags",
                    "name at least one tag to include or exclude",
                ))
            }
            (AudienceType::Tags, None) => Ok(Self::Tags {
                include_tags,
                exclude_tags,
                include_mode: target.include_mode.map(Into::into).unwrap_or_default(),
            }),
            // Whoever names tags does not mean everybody.
            (AudienceType::All, None) if !include_tags.is_empty() => {
                Err(only_for("tags", "include_tags"))
            }
            (AudienceType::All, None) if !exclude_tags.is_empty() => {
                Err(only_for("tags", "exclude_tags"))
            }
            (AudienceType::All, None) => Ok(Self::All),
        }
    }
}

fn only_for(kind: &str, field: &str) -> ApiError {
    ApiError::invalid_field(
        format!("target_audience.{field}"),
        format!("is possible for an audience of type {kind} only"),
    )
}

impl From<&Audience> for TargetAudience {
    fn from(audience: &Audience) -> Self {
        let ids = |tags: &[TagId]| Some(tags.iter().map(|tag| tag.get()).collect());
        let of_kind = |kind| Self {
            kind,
            include_tags: None,
            exclude_tags: None,
            include_mode: None,
            rule: None,
        };
        match audience {
            Audience::All => of_kind(AudienceType::All),
            Audience::Rules { rule } => Self {
                rule: Some(rule.clone()),
                ..of_kind(AudienceType::Rules)
            },
            Audience::Tags {
                include_tags,
                exclude_tags,
                include_mode,
            } => Self {
                include_tags: ids(include_tags),
                exclude_tags: ids(exclude_tags),
                include_mode: Some((*include_mode).into()),
                ..of_kind(AudienceType::Tags)
            },
        }
    }
}

/// The one sort of condition there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ConditionType {
    /// A friend for so many hotel days.
    FriendDays,
}

/// What must be true of a member at the moment of sending.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"type": "friend_days", "days_range": [7, 29]}))]
pub(crate) struct Condition {
    #[serde(rename = "type")]
    kind: ConditionType,
    /// First and last day, both included.
    days_range: [u32; 2],
}

impl From<Condition> for TriggerCondition {
    fn from(condition: Condition) -> Self {
        match condition.kind {
            ConditionType::FriendDays => Self::FriendDays {
                days_range: condition.days_range,
            },
        }
    }
}

impl From<&TriggerCondition> for Condition {
    fn from(condition: &TriggerCondition) -> Self {
        let TriggerCondition::FriendDays { days_range } = condition;
        Self {
            kind: ConditionType::FriendDays,
            days_range: *days_range,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn audience(wire: Value) -> Result<Audience, String> {
        let target: TargetAudience = serde_json::from_value(wire).map_err(|e| e.to_string())?;
        Audience::try_from(target).map_err(|error| error.field_names())
    }

    #[test]
    fn an_audience_by_tags_names_some_and_one_of_all_names_none() {
        let by_tags = "target_audience.include_tags";
        assert_eq!(audience(json!({"type": "tags"})), Err(by_tags.into()));
        assert_eq!(
            audience(json!({"type": "tags", "include_tags": []})),
            Err(by_tags.into())
        );
        assert_eq!(
            audience(json!({"type": "all", "include_tags": [1]})),
            Err(by_tags.into())
        );
        assert_eq!(
            audience(json!({"type": "all", "include_tags": [], "exclude_tags": null})),
            Ok(Audience::All)
        );
    }

    #[test]
    fn a_rule_stands_in_an_audience_of_rules_and_alone() {
        let rule = json!({"known": "email"});
        let field = "target_audience.rule";
        for wrong in [
            json!({"type": "rules"}),
            json!({"type": "all", "rule": rule}),
            json!({"type": "tags", "include_tags": [1], "rule": rule}),
        ] {
            assert_eq!(audience(wrong.clone()), Err(field.into()), "{wrong}");
        }
        let both = json!({"type": "rules", "rule": rule, "exclude_tags": [1]});
        assert_eq!(audience(both), Err("target_audience.exclude_tags".into()));
        let wire = json!({"type": "rules", "rule": rule});
        let read = audience(wire.clone()).unwrap();
        let written = serde_json::to_value(TargetAudience::from(&read));
        assert_eq!(written.unwrap(), wire);
    }

    #[test]
    fn it_is_written_as_it_is_read() {
        let wire = json!({
            "type": "tags", "include_tags": [1, 2], "exclude_tags": [3], "include_mode": "any"
        });
        let read = audience(wire.clone()).unwrap();
        assert_eq!(
            serde_json::to_value(TargetAudience::from(&read)).unwrap(),
            wire
        );
        let all = TargetAudience::from(&Audience::All);
        assert_eq!(serde_json::to_value(all).unwrap(), json!({"type": "all"}));
    }
}
