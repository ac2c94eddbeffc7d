//! How the databases answer what is asked of many guests at once: by an index.

use crm_database::Database;
use sea_orm::ConnectionTrait;

crate::contract!(every_statement_goes_along_an_index);

/// 3,000 guests with two stays each, two campaigns to all of them, one in ten booked.
async fn many(db: &Database) {
    let (when, order, analyze) = if db.is_mysql() {
        (
            "'2026-01-01 00:00:00' + INTERVAL n SECOND",
            "CONCAT('x', n)",
            "ANALYZE TABLE members, consumption_records, campaign_recipients, campaign_batches, \
             conversions, conversion_stays",
        )
    } else {
        (
            "strftime('%Y-%m-%dT%H:%M:%S+00:00', 1767225600 + n, 'unixepoch')",
            "'x' || n",
            "ANALYZE",
        )
    };
    let n = "(SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 1 AS n FROM digits a, digits b, \
             digits c, digits e WHERE e.d < 6) numbers";
    let digits: Vec<String> = (0..10).map(|d| format!("({d})")).collect();
    for statement in [
        "CREATE TABLE digits (d INT)".to_owned(),
        format!("INSERT INTO digits VALUES {}", digits.join(", ")),
        format!(
            "INSERT INTO members (id, source, accept_marketing, created_at) \
             SELECT n, 'crm', TRUE, {when} FROM {n} WHERE n <= 3000"
        ),
        format!(
            "INSERT INTO consumption_records (member_id, order_number, amount_minor, source, \
             created_at, booked_at, pms_guest_code) SELECT (n - 1) % 3000 + 1, {order}, 100, \
             'pms', {when}, {when}, {order} FROM {n}"
        ),
        "INSERT INTO message_templates (id, type, created_at) \
         VALUES (1, 'text', '2026-01-01 00:00:00')"
            .to_owned(),
        format!(
            "INSERT INTO campaigns (id, title, template_id, target_audience, shown_at, status, \
             created_at) SELECT n, 'c', 1, '{{}}', {when}, 'sent', {when} FROM {n} WHERE n <= 2"
        ),
        format!(
            "INSERT INTO campaign_batches (campaign_id, number, mode, state, size, retry_key, \
             finished_at) SELECT n % 2 + 1, n, 'bulk', 'accepted', 1, 'k', {when} FROM {n}"
        ),
        format!(
            "INSERT INTO campaign_recipients (id, campaign_id, member_id, batch_number, status) \
             SELECT n, (n - 1) % 2 + 1, (n - 1) / 2 + 1, n, 'pending' FROM {n} WHERE n % 2 = 1"
        ),
        format!(
            "INSERT INTO conversions (recipient_id, campaign_id, member_id, booked_at, \
             had_clicked) SELECT n, 1, n, {when}, FALSE FROM {n} WHERE n % 10 = 0"
        ),
        "INSERT INTO conversion_stays (recipient_id, stay_id, campaign_id, booked_at, \
         amount_minor, nights) SELECT recipient_id, recipient_id, 1, booked_at, 100, 1 \
         FROM conversions"
            .to_owned(),
        analyze.to_owned(),
    ] {
        db.pool().execute_unprepared(&statement).await.unwrap();
    }
}

async fn every_statement_goes_along_an_index(db: Database) {
    many(&db).await;
    let reads_all = |step: &String| {
        if db.is_mysql() {
            step.split(' ').nth(1) == Some("ALL") && !step.starts_with('<')
        } else {
            ["c", "s", "r", "b", "consumption_records", "conversions"]
                .iter()
                .any(|table| *step == format!("SCAN {table}"))
        }
    };
    let late = chrono::DateTime::from_timestamp(1_767_225_600 + 5_990, 0).unwrap();
    for steps in db.explain_conversions(late).await.unwrap() {
        assert!(!steps.is_empty());
        assert!(!steps.iter().any(reads_all), "{steps:?}");
    }
}
