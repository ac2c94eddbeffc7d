//! Who an audience is, as SQL: the one text from which both the plan and the estimate are made.

use crate::dialect::marks;
use crate::sql::{Sql, sql};
use crm_campaigns::{Selection, SkipReason, Span, Test};
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

/// The condition on a member `m` to belong to the selection, whether or not they have LINE.
pub(crate) fn belongs(selection: &Selection) -> Sql {
    condition(selection.test())
}

/// Members of the selection who can be planned, with what the gate says of them. More conditions
/// on `m` may be added to the end.
pub(crate) fn planned(selection: &Selection) -> Sql {
    sql(format!(
        "SELECT m.id AS id, {} AS reason FROM members m WHERE m.line_uid IS NOT NULL AND ",
        gate()
    ))
    .join(belongs(selection))
}

/// A test as a condition that is true or false, never NULL.
fn condition(test: &Test) -> Sql {
    match test {
        Test::All(tests) => joined(tests, " AND ", "1 = 1"),
        Test::Any(tests) => joined(tests, " OR ", "1 = 0"),
        Test::Not(test) => sql("NOT ").join(condition(test)),
        Test::WearsAny(tags) => wears_any(tags),
        Test::Followed(span) => in_span("m.followed_at", span),
    }
}

fn joined(tests: &[Test], word: &str, of_none: &str) -> Sql {
    let mut all = sql("(");
    for (place, test) in tests.iter().enumerate() {
        all = all
            .then(if place == 0 { "" } else { word })
            .join(condition(test));
    }
    all.then(if tests.is_empty() { of_none } else { "" })
        .then(")")
}

fn in_span(column: &str, span: &Span) -> Sql {
    let mut text = sql(format!("({column} IS NOT NULL"));
    if let Some(from) = span.from {
        text = text.then(&format!(" AND {column} >= ?")).bind(from);
    }
    if let Some(until) = span.until {
        text = text.then(&format!(" AND {column} < ?")).bind(until);
    }
    text.then(")")
}

fn wears_any(tags: &[TagId]) -> Sql {
    let mut tags = tags.to_vec();
    tags.sort_unstable();
    tags.dedup();
    sql(format!(
        "EXISTS (SELECT 1 FROM member_tag_relations r WHERE r.member_id = m.id \
         AND r.tag_id IN ({}))",
        marks(tags.len())
    ))
    .bind_all(tags.iter().map(|t| t.get()))
}

/// The reason of that stored name.
pub(crate) fn reason(name: &str) -> Option<SkipReason> {
    [
        SkipReason::NoLine,
        SkipReason::Blocked,
        SkipReason::OptedOut,
        SkipReason::Cancelled,
        SkipReason::Erased,
    ]
    .into_iter()
    .find(|r| r.as_str() == name)
}
