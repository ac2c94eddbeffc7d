//! How the databases find scores: by a key, whoever asks.

use super::rfm;
use crate::samples::at;
use crm_campaigns::{Audience, Bounds, RfmRule, Rule};
use crm_database::Database;
use crm_kernel::{HotelTime, RfmSegment};
use sea_orm::ConnectionTrait;

crate::contract!(everything_about_scores_goes_along_an_index);

/// 2,000 guests with three stays each, and 2,000 others.
async fn many(db: &Database) {
    let (when, day, text) = if db.is_mysql() {
        (
            "'2026-01-01 00:00:00'",
            "DATE('2026-01-01') + INTERVAL MOD(n, 300) DAY",
            "CONCAT('x', n)",
        )
    } else {
        (
            "'2026-01-01T00:00:00+00:00'",
            "date(1767225600 + (n % 300) * 86400, 'unixepoch')",
            "'x' || n",
        )
    };
    let n = "(SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 1 AS n FROM digits a, digits b, \
             digits c, digits e WHERE e.d < 6) numbers";
    let digits: Vec<String> = (0..10).map(|d| format!("({d})")).collect();
    let analyze = if db.is_mysql() {
        "ANALYZE TABLE members, consumption_records, member_rfm, rfm_cells"
    } else {
        "ANALYZE"
    };
    for statement in [
        "CREATE TABLE digits (d INT)".to_owned(),
        format!("INSERT INTO digits VALUES {}", digits.join(", ")),
        format!(
            "INSERT INTO members (id, line_uid, source, accept_marketing, created_at) \
             SELECT n, {text}, 'line', TRUE, {when} FROM {n} WHERE n <= 4000"
        ),
        format!(
            "INSERT INTO consumption_records (member_id, order_number, amount_minor, \
             check_out_date, source, pms_status, created_at) SELECT n % 2000 + 1, {text}, \
             n * 100, {day}, 'pms', 'checked_out', {when} FROM {n}"
        ),
    ] {
        db.pool().execute_unprepared(&statement).await.unwrap();
    }
    rfm(db).in_stretches_of(500).grade().await.unwrap();
    db.pool().execute_unprepared(analyze).await.unwrap();
}

async fn everything_about_scores_goes_along_an_index(db: Database) {
    many(&db).await;
    let steps = db.explain_scores().await.unwrap();
    let scans = |step: &&String| {
        step.contains(" ALL ") || (step.starts_with("SCAN") && !step.contains("INDEX"))
    };
    let scanned: Vec<&String> = steps.iter().filter(scans).collect();
    assert!(scanned.is_empty(), "{steps:?}");

    for rule in [
        RfmRule {
            recency: Some(Bounds {
                from: Some(5),
                to: Some(5),
            }),
            ..RfmRule::default()
        },
        RfmRule {
            segment: Some(RfmSegment::AtRisk),
            ..RfmRule::default()
        },
    ] {
        let audience = Audience::Rules {
            rule: Rule::Rfm(rule),
        };
        let hotel = HotelTime::new(chrono_tz::Asia::Taipei);
        let selection = audience.selection(None, at(0), hotel);
        let steps = db.explain_audience(&selection).await.unwrap();
        let of_scores = steps.iter().find(|step| is_of_scores(&db, step)).unwrap();
        assert!(by_key(&db, of_scores), "{steps:?}");
    }
    let steps = db.explain_grid().await.unwrap();
    assert!(
        steps.iter().all(|step| !step.contains("member")),
        "{steps:?}"
    );
}

fn is_of_scores(db: &Database, step: &str) -> bool {
    step.starts_with(if db.is_mysql() { "g " } else { "SEARCH g " }) || step.starts_with("SCAN g")
}

/// Whether the step finds scores by the key: of one member, or of the range.
fn by_key(db: &Database, step: &str) -> bool {
    if db.is_mysql() {
        ["g eq_ref PRIMARY", "g ref PRIMARY", "g range PRIMARY"]
            .iter()
            .any(|way| step.starts_with(way))
    } else {
        step.contains("member_id=? AND generation=?")
    }
}
