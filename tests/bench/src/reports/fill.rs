//! A year of campaigns, taps and answers, with few statements.

use super::{CAMPAIGNS, Failed};
use crate::arguments::Arguments;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

/// Tags that guests trigger.
const TAGS: u64 = 200;
/// Rules that answer them.
const RULES: u64 = 200;
/// Noon of the last day, at the hotel.
const NOON: &str = "2026-10-31 04:00:00";

/// Campaigns of one day after the other, each to as many members, with opens and clicks in the
/// days after.
pub async fn campaigns(pool: &DatabaseConnection, arguments: &Arguments) -> Result<(), Failed> {
    let backend = pool.get_database_backend();
    let run = async |text: String| {
        pool.execute_raw(Statement::from_string(backend, text))
            .await
    };
    let now = moment(backend, NOON, "0");
    run(format!(
        "INSERT INTO message_templates (id, type, name, created_at) \
         VALUES (1, 'text', 'bench', {now})"
    ))
    .await?;
    let each = arguments.recipients / CAMPAIGNS;
    for number in 1..=CAMPAIGNS {
        // From 365 days before the last day on.
        let days = i64::try_from(number * 365 / CAMPAIGNS)? - 365;
        let sent = moment(backend, NOON, &format!("{}", days * 24));
        run(format!(
            "INSERT INTO campaigns (id, title, template_id, target_audience, sent_at, finished_at, \
             shown_at, status, recipient_count, sent_count, opened_count, clicked_count, created_at) \
             VALUES ({number}, 'campaign {number}', 1, '{{\"type\":\"all\"}}', {sent}, {sent}, {sent}, \
             'sent', {each}, {each}, {}, {}, {sent})",
            each / 2,
            each / 5
        ))
        .await?;
        let from = number * each % arguments.members.max(each).saturating_sub(each).max(1);
        let later = |every: u64| {
            let at = moment(backend, NOON, &format!("{} + m.id % 96", days * 24));
            format!("CASE WHEN m.id % {every} = 0 THEN {at} END")
        };
        run(format!(
            "INSERT INTO campaign_recipients (campaign_id, member_id, batch_number, status, \
             sent_at, opened_at, clicked_at) SELECT {number}, m.id, m.id / 500, 'sent', {sent}, {}, {} \
             FROM members m WHERE m.id > {from} AND m.id <= {from} + {each}",
            later(2),
            later(5)
        ))
        .await?;
    }
    Ok(())
}

/// Tags that a hundredth of the members triggered each, and rules that answered a two-hundredth of
/// them each, over the same year.
pub async fn taps_and_answers(pool: &DatabaseConnection) -> Result<(), Failed> {
    let backend = pool.get_database_backend();
    let run = async |text: String| {
        pool.execute_raw(Statement::from_string(backend, text))
            .await
    };
    let now = moment(backend, NOON, "0");
    // Another hour for each member, all over the year.
    let then = moment(backend, NOON, "-(m.id * 7919 % 8760)");
    for tag in 1_001..1_001 + TAGS {
        run(format!(
            "INSERT INTO tags (id, kind, name, name_key, source, trigger_count, created_at) \
             VALUES ({tag}, 'interaction', 'tag {tag}', 'tag {tag}', 'manual', 0, {now})"
        ))
        .await?;
        let key = match backend {
            DbBackend::MySql => format!("CONCAT('{tag}:', m.id)"),
            _ => format!("'{tag}:' || m.id"),
        };
        run(format!(
            "INSERT INTO tag_trigger_logs (member_id, tag_id, tag_name, trigger_source, \
             triggered_at, once_key) SELECT m.id, {tag}, 'tag {tag}', 'button', {then}, {key} \
             FROM members m WHERE m.id % 100 = {}",
            tag % 100
        ))
        .await?;
    }
    for rule in 1..=RULES {
        run(format!(
            "INSERT INTO auto_responses (id, name, trigger_type, content, messages, created_at) \
             VALUES ({rule}, 'rule {rule}', 'keyword', 'yes', '[]', {now})"
        ))
        .await?;
        run(format!(
            "INSERT INTO replies (event_id, member_id, auto_response_id, retry_key, words, \
             message_ids, status, created_at) SELECT {rule} * 1000000000 + m.id, m.id, {rule}, '', \
             '[]', '[]', CASE m.id % 7 WHEN 0 THEN 'failed' ELSE 'sent' END, {then} \
             FROM members m WHERE m.id % 200 = {}",
            rule % 200
        ))
        .await?;
    }
    Ok(())
}

/// A moment so many hours after another, in the words of the database.
fn moment(backend: DbBackend, base: &str, hours: &str) -> String {
    match backend {
        DbBackend::MySql => format!("DATE_ADD('{base}', INTERVAL {hours} HOUR)"),
        _ => format!("strftime('%Y-%m-%dT%H:%M:%S.000000+00:00', '{base}', ({hours}) || ' hours')"),
    }
}
