//! How the databases read reports: along an index, and never the rows that figures count.

use chrono::{DateTime, NaiveDate, Utc};
use crm_database::Database;
use sea_orm::ConnectionTrait;

crate::contract!(reports_are_read_along_an_index);

/// 6,000 figures of four names over a thousand days, and 1,000 campaigns, one a day.
async fn years(db: &Database) {
    let (day, when) = if db.is_mysql() {
        (
            "DATE('2024-01-01') + INTERVAL MOD(n, 1000) DAY",
            "'2024-01-01 04:00:00' + INTERVAL n DAY",
        )
    } else {
        (
            "date('2024-01-01', (n % 1000) || ' days')",
            "strftime('%Y-%m-%dT%H:%M:%S.000000+00:00', '2024-01-01 04:00:00', n || ' days')",
        )
    };
    let n = "(SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 1 AS n FROM digits a, digits b, \
             digits c, digits e WHERE e.d < 6) numbers";
    let digits: Vec<String> = (0..10).map(|d| format!("({d})")).collect();
    let analyze = if db.is_mysql() {
        "ANALYZE TABLE daily_figures, monthly_figures, campaigns"
    } else {
        "ANALYZE"
    };
    for statement in [
        "CREATE TABLE digits (d INT)".to_owned(),
        format!("INSERT INTO digits VALUES {}", digits.join(", ")),
        format!(
            "INSERT INTO daily_figures (name, subject, day, part, n) SELECT \
             CASE n % 4 WHEN 0 THEN 'campaign_sent' WHEN 1 THEN 'messages_sent' \
             WHEN 2 THEN 'tag_triggered' ELSE 'follows' END, n % 10, {day}, n, n FROM {n}"
        ),
        format!(
            "INSERT INTO monthly_figures (name, month, subject, n) SELECT \
             CASE n % 2 WHEN 0 THEN 'rule_fired' ELSE 'tag_triggered' END, {day}, n, n FROM {n}"
        ),
        format!(
            "INSERT INTO message_templates (id, type, created_at) \
             SELECT 1, 'text', {when} FROM {n} WHERE n = 1"
        ),
        format!(
            "INSERT INTO campaigns (id, title, template_id, target_audience, sent_at, shown_at, \
             status, created_at) SELECT n, 'x', 1, '{{}}', {when}, {when}, 'sent', {when} \
             FROM {n} WHERE n <= 1000"
        ),
        analyze.to_owned(),
    ] {
        db.pool().execute_unprepared(&statement).await.unwrap();
    }
}

async fn reports_are_read_along_an_index(db: Database) {
    years(&db).await;
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let moment = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let plans = db
        .explain_reports(
            (day("2025-01-01"), day("2025-01-30")),
            (
                moment("2024-12-31T16:00:00Z"),
                moment("2025-01-30T16:00:00Z"),
            ),
        )
        .await
        .unwrap();
    for steps in plans {
        assert!(!steps.is_empty());
        for step in &steps {
            // What MySQL makes of the sums per subject is small and read whole.
            let tables = ["daily_figures", "monthly_figures", "campaigns"];
            let table = tables.iter().any(|table| step.contains(table));
            let reads_all = if db.is_mysql() {
                table && step.contains(" ALL")
            } else {
                tables
                    .iter()
                    .any(|table| step.starts_with(&format!("SCAN {table}")))
            };
            assert!(!reads_all, "{steps:?}");
        }
        let rows_counted = ["recipients", "messages", "replies", "trigger_logs"];
        let reads_rows = |step: &String| rows_counted.iter().any(|name| step.contains(name));
        assert!(!steps.iter().any(reads_rows), "{steps:?}");
    }
}
