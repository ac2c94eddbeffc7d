//! Who an audience is, as SQL: the one text from which both the plan and the estimate are made.

mod leaves;

use crate::sql::{Sql, sql};
use crm_campaigns::{Selection, SkipReason, Test};

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
        leaf => leaves::condition(leaf),
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
