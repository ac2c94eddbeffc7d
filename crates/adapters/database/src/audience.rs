//! Who an audience is, as SQL: the one text from which both the plan and the estimate are made.

use crate::dialect::marks;
use crate::sql::{Sql, sql};
use crm_campaigns::{Audience, FollowedBetween, IncludeMode, SkipReason};
use crm_kernel::TagId;

/// The gate (`crm_campaigns::gate`) for a member `m` with a LINE account: NULL lets them pass.
/// A contract test holds it to the function.
pub(crate) fn gate() -> String {
    format!(
        "CASE WHEN m.line_state IS NULL OR m.line_state <> 'following' THEN '{}' \
         WHEN NOT m.accept_marketing THEN '{}' END",
        SkipReason::Blocked.as_str(),
        SkipReason::OptedOut.as_str()
    )
}

/// The condition on a member `m` to belong to the audience, whether or not they have LINE.
pub(crate) fn belongs(audience: &Audience, followed: Option<FollowedBetween>) -> Sql {
    let mut condition = sql("1 = 1");
    if let Audience::Tags {
        include_tags,
        exclude_tags,
        include_mode,
    } = audience
    {
        match include_mode {
            IncludeMode::All => {
                for tag in unique(include_tags) {
                    condition = condition.then(" AND ").join(wears_any("EXISTS", &[tag]));
                }
            }
            IncludeMode::Any if !include_tags.is_empty() => {
                let tags = unique(include_tags);
                condition = condition.then(" AND ").join(wears_any("EXISTS", &tags));
            }
            IncludeMode::Any => {}
        }
        if !exclude_tags.is_empty() {
            let tags = unique(exclude_tags);
            condition = condition.then(" AND ").join(wears_any("NOT EXISTS", &tags));
        }
    }
    if let Some(FollowedBetween { from, until }) = followed {
        condition = condition
            .then(" AND m.followed_at >= ? AND m.followed_at < ?")
            .bind(from)
            .bind(until);
    }
    condition
}

fn wears_any(exists: &str, tags: &[TagId]) -> Sql {
    sql(format!(
        "{exists} (SELECT 1 FROM member_tag_relations r WHERE r.member_id = m.id \
         AND r.tag_id IN ({}))",
        marks(tags.len())
    ))
    .bind_all(tags.iter().map(|t| t.get()))
}

fn unique(tags: &[TagId]) -> Vec<TagId> {
    let mut tags = tags.to_vec();
    tags.sort_unstable();
    tags.dedup();
    tags
}

/// Members of the audience who can be planned, with what the gate says of them.
pub(crate) fn planned(audience: &Audience, followed: Option<FollowedBetween>) -> Sql {
    sql(format!(
        "SELECT m.id AS id, {} AS reason FROM members m WHERE m.line_uid IS NOT NULL AND ",
        gate()
    ))
    .join(belongs(audience, followed))
}
