//! How the databases answer the lists of what the hotel's own system says: by an index.

use crate::pms_links::code;
use crm_database::Database;
use crm_kernel::{MemberId, PageRequest, SyncRunId};
use crm_members::{PmsKind, ReviewStatus, SyncStatus};
use sea_orm::ConnectionTrait;

crate::contract!(
    every_list_of_runs_and_reviews_goes_along_its_index,
    stays_go_along_an_index
);

/// 4,000 runs, faults and reviews, of each status a good share; 100 members with 60 stays each.
async fn many(db: &Database) {
    let (when, day, text) = if db.is_mysql() {
        (
            "'2026-01-01 00:00:00' + INTERVAL n SECOND",
            "DATE('2026-01-01') + INTERVAL MOD(n, 300) DAY",
            "CONCAT('x', n)",
        )
    } else {
        (
            "strftime('%Y-%m-%dT%H:%M:%S+00:00', 1767225600 + n, 'unixepoch')",
            "date(1767225600 + (n % 300) * 86400, 'unixepoch')",
            "'x' || n",
        )
    };
    let n = "(SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 1 AS n FROM digits a, digits b, \
             digits c, digits e WHERE e.d < 6) numbers";
    let digits: Vec<String> = (0..10).map(|d| format!("({d})")).collect();
    let analyze = if db.is_mysql() {
        "ANALYZE TABLE pms_runs, pms_run_faults, pms_reviews, consumption_records"
    } else {
        "ANALYZE"
    };
    for statement in [
        "CREATE TABLE digits (d INT)".to_owned(),
        format!("INSERT INTO digits VALUES {}", digits.join(", ")),
        format!(
            "INSERT INTO pms_runs (id, kind, mode, status, created_at) SELECT n, \
             CASE WHEN n % 2 = 0 THEN 'members' ELSE 'consumption_records' END, 'incremental', \
             CASE WHEN n % 5 = 0 THEN 'failed' ELSE 'completed' END, {when} FROM {n} \
             WHERE n <= 4000"
        ),
        format!(
            "INSERT INTO pms_run_faults (run_id, row_number_in_run, row_key, field, reason, \
             is_warning) SELECT n % 10 + 1, n, 'k', 'f', 'r', FALSE FROM {n} WHERE n <= 4000"
        ),
        format!(
            "INSERT INTO pms_reviews (subject, open_key, status, reason, guest, run_id, asked_at, \
             decided_at) SELECT {text}, CASE WHEN n % 2 = 0 THEN {text} END, \
             CASE WHEN n % 2 = 0 THEN 'open' WHEN n % 3 = 0 THEN 'settled' ELSE 'decided' END, \
             'other_name', '{{}}', 1, {when}, {when} FROM {n} WHERE n <= 4000"
        ),
        format!(
            "INSERT INTO members (id, source, accept_marketing, created_at) \
             SELECT n, 'crm', TRUE, {when} FROM {n} WHERE n <= 100"
        ),
        format!(
            "INSERT INTO consumption_records (member_id, order_number, amount_minor, \
             check_in_date, source, pms_status, created_at, pms_guest_code) SELECT n % 100 + 1, \
             {text}, 100, {day}, 'pms', CASE WHEN n % 7 = 0 THEN 'cancelled' \
             ELSE 'checked_out' END, {when}, {text} FROM {n}"
        ),
        analyze.to_owned(),
    ] {
        db.pool().execute_unprepared(&statement).await.unwrap();
    }
}

fn goes_along(steps: &[String], index: &str) {
    let sorts = |s: &String| s.contains("TEMP B-TREE") || s.contains("filesort");
    assert!(
        steps.iter().all(|step| step.contains(index)),
        "{index} {steps:?}"
    );
    assert!(!steps.iter().any(sorts), "{index} {steps:?}");
}

async fn every_list_of_runs_and_reviews_goes_along_its_index(db: Database) {
    many(&db).await;
    let (members, failed) = (Some(PmsKind::Members), Some(SyncStatus::Failed));
    for page in [1, 10] {
        let page = PageRequest::new(page, 20).unwrap();
        let all = if db.is_mysql() {
            "PRIMARY"
        } else {
            "SCAN pms_runs"
        };
        for (kind, status, index) in [
            (None, None, all),
            (members, None, "ix_pms_runs_kind"),
            (None, failed, "ix_pms_runs_status"),
            (members, failed, "ix_pms_runs_kind_status"),
        ] {
            goes_along(
                &db.explain_pms_runs(kind, status, page).await.unwrap(),
                index,
            );
        }
        let steps = db
            .explain_pms_faults(SyncRunId::new(3), page)
            .await
            .unwrap();
        goes_along(&steps, "ix_pms_run_faults_run");
        for (status, index) in [
            (ReviewStatus::Open, "ix_pms_reviews_asked"),
            (ReviewStatus::Decided, "ix_pms_reviews_decided"),
            (ReviewStatus::Settled, "ix_pms_reviews_decided"),
        ] {
            goes_along(&db.explain_pms_reviews(status, page).await.unwrap(), index);
        }
    }
}

async fn stays_go_along_an_index(db: Database) {
    many(&db).await;
    let page = PageRequest::new(1, 20).unwrap();
    let steps = db.explain_stays(MemberId::new(7), page).await.unwrap();
    assert!(
        steps[0].contains("ix_consumption_records_member"),
        "{steps:?}"
    );
    goes_along(&steps, "ix_consumption_records_");
    let steps = db
        .explain_moved_stays(&code("x7"), MemberId::new(9))
        .await
        .unwrap();
    assert!(
        steps[0].contains("ix_consumption_records_guest"),
        "{steps:?}"
    );
}
