//! Lists of recipients: complete, in order, and along an index however many there are.

use crate::samples::{at, begin, campaign, commit, number};
use crm_campaigns::RecipientRow;
use crm_campaigns::{
    Audience, BatchMode, CampaignQueries, NewBatch, RecipientFilter, RecipientStatus,
};
use crm_database::Database;
use crm_kernel::{CampaignId, Page, PageRequest};
use sea_orm::ConnectionTrait;
use std::collections::BTreeSet;
use uuid::Uuid;

crate::contract!(
    every_filter_finds_all_it_is_for_page_by_page_and_nobody_twice,
    every_list_goes_along_its_index_and_sorts_nothing,
    far_pages_are_empty_and_the_last_one_is_not,
);

const EVERYBODY: i64 = 6_400;

/// 64 batches of 100. Of 0–9: accepted; 10, 11: failed; 12: unknown; 13, 14: cancelled; 15: being
/// sent; the others untried. In each batch members 1 and 2 were settled alone: sent in those
/// tried, else opted out, and failed. Everybody in batch 0 opened it, half of them tapped.
async fn mixed(db: &Database) -> CampaignId {
    let id = campaign(db, Audience::All).await.id();
    let mut tx = begin(db).await;
    let batch = |number| NewBatch {
        number,
        size: 100,
        retry_key: Uuid::from_u128(u128::try_from(number).unwrap()),
    };
    let batches: Vec<NewBatch> = (0..64).map(batch).collect();
    tx.batches()
        .insert(id, BatchMode::Bulk, &batches)
        .await
        .unwrap();
    let mut planned = tx.campaigns().get(id).await.unwrap();
    planned.freeze("{}".into(), EVERYBODY, 0, at(0));
    planned.settle(987 + 10, 297 + 64, 54 + 196, at(9));
    tx.campaigns().update(&planned).await.unwrap();
    commit(tx).await;
    let campaign = id.get();
    let div = if db.is_mysql() { "DIV" } else { "/" };
    let digits: Vec<String> = (0..10).map(|d| format!("({d})")).collect();
    let when = "'2026-09-24 02:20:00'";
    for statement in [
        "CREATE TABLE digits (d INT)".to_owned(),
        format!("INSERT INTO digits VALUES {}", digits.join(", ")),
        format!(
            "INSERT INTO members (id, source, accept_marketing, created_at) \
             SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 1, 'line', TRUE, {when} \
             FROM digits a, digits b, digits c, digits e \
             WHERE a.d + 10 * b.d + 100 * c.d + 1000 * e.d < {EVERYBODY}"
        ),
        format!(
            "INSERT INTO campaign_recipients (campaign_id, member_id, batch_number, status) \
             SELECT {campaign}, id, (id - 1) {div} 100, 'pending' FROM members ORDER BY id"
        ),
        format!(
            "UPDATE campaign_recipients SET status = 'sent', sent_at = {when} \
             WHERE member_id % 100 = 1 AND batch_number < 10"
        ),
        "UPDATE campaign_recipients SET status = 'skipped', reason = 'opted_out' \
         WHERE member_id % 100 = 1 AND batch_number >= 10"
            .to_owned(),
        "UPDATE campaign_recipients SET status = 'failed', reason = 'render_error' \
         WHERE member_id % 100 = 2"
            .to_owned(),
        format!(
            "UPDATE campaign_recipients SET opened_at = {when} \
             WHERE batch_number = 0 OR batch_number = 10"
        ),
        format!("UPDATE campaign_recipients SET clicked_at = {when} WHERE member_id <= 50"),
        format!(
            "UPDATE campaign_batches SET state = 'accepted', finished_at = {when} WHERE number < 10"
        ),
        "UPDATE campaign_batches SET state = 'failed', reason = 'line_rejected' \
         WHERE number IN (10, 11)"
            .to_owned(),
        "UPDATE campaign_batches SET state = 'unknown', reason = 'outcome_unknown' \
         WHERE number = 12"
            .to_owned(),
        "UPDATE campaign_batches SET state = 'cancelled', reason = 'cancelled' \
         WHERE number IN (13, 14)"
            .to_owned(),
        "UPDATE campaign_batches SET state = 'sending' WHERE number = 15".to_owned(),
        if db.is_mysql() {
            "ANALYZE TABLE campaign_recipients, campaign_batches".to_owned()
        } else {
            "ANALYZE".to_owned()
        },
    ] {
        db.pool().execute_unprepared(&statement).await.unwrap();
    }
    id
}

fn filter(status: Option<RecipientStatus>, reason: Option<&str>) -> RecipientFilter {
    RecipientFilter {
        status,
        reason: reason.map(str::to_owned),
    }
}

/// Every filter, and how many there are.
fn filters() -> Vec<(RecipientFilter, u64)> {
    use RecipientStatus as S;
    vec![
        (filter(None, None), 6_400),
        (filter(Some(S::Sent), None), 10 * 99),
        (filter(Some(S::Pending), None), 49 * 98),
        (filter(Some(S::Failed), None), 64 + 3 * 98),
        (filter(Some(S::Skipped), None), 54 + 2 * 98),
        (filter(Some(S::Opened), None), 99),
        (filter(Some(S::Clicked), None), 49),
        (filter(None, Some("opted_out")), 54),
        (filter(None, Some("render_error")), 64),
        (filter(None, Some("line_rejected")), 2 * 98),
        (filter(Some(S::Failed), Some("outcome_unknown")), 98),
        (filter(Some(S::Skipped), Some("cancelled")), 2 * 98),
        (filter(Some(S::Skipped), Some("render_error")), 0),
        (filter(Some(S::Sent), Some("cancelled")), 0),
        (filter(None, Some("blocked")), 0),
    ]
}

async fn page(
    db: &Database,
    id: CampaignId,
    filter: &RecipientFilter,
    number: u64,
    size: u64,
) -> Page<RecipientRow> {
    let page = PageRequest::new(number, size).unwrap();
    db.recipients(id, filter, page).await.unwrap()
}

fn fits(row: &RecipientRow, filter: &RecipientFilter) -> bool {
    use RecipientStatus as S;
    let status = match filter.status {
        None => true,
        Some(S::Sent) => matches!(row.status, S::Sent | S::Opened | S::Clicked),
        Some(S::Opened) => matches!(row.status, S::Opened | S::Clicked),
        Some(other) => row.status == other,
    };
    status && (filter.reason.is_none() || row.reason == filter.reason)
}

async fn every_filter_finds_all_it_is_for_page_by_page_and_nobody_twice(db: Database) {
    let id = mixed(&db).await;
    for (filter, expected) in filters() {
        let mut seen = BTreeSet::new();
        for number in 1.. {
            let page = page(&db, id, &filter, number, 97).await;
            assert_eq!(page.total, expected, "{filter:?}");
            if page.items.is_empty() {
                break;
            }
            for row in page.items {
                assert!(fits(&row, &filter), "{filter:?} {row:?}");
                let member = row.member.unwrap().id;
                assert!(seen.insert(member), "{filter:?}: {member} twice");
            }
        }
        assert_eq!(seen.len() as u64, expected, "{filter:?}");
    }
    let first = page(&db, id, &filter(None, None), 1, 3).await.items;
    let last = page(&db, id, &filter(None, None), 2_133, 3).await.items;
    let ids = |rows: Vec<RecipientRow>| -> Vec<i64> {
        let members = rows.into_iter().map(|row| row.member.unwrap().id.get());
        members.collect()
    };
    assert_eq!(
        (ids(first), ids(last)),
        (vec![1, 2, 3], vec![6_397, 6_398, 6_399])
    );
}

async fn every_list_goes_along_its_index_and_sorts_nothing(db: Database) {
    let id = mixed(&db).await;
    for (filter, _) in filters() {
        let page = PageRequest::new(2, 20).unwrap();
        let steps = db.explain_recipients(id, &filter, page).await.unwrap();
        for step in &steps {
            let sorts = step.contains("TEMP B-TREE") || step.contains("filesort");
            let reads_all = ["r ALL", "b ALL"].iter().any(|all| step.starts_with(all))
                || (step.starts_with("SCAN") && !step.contains("INDEX"));
            assert!(!sorts && !reads_all, "{filter:?} {steps:?}");
        }
    }
}

async fn far_pages_are_empty_and_the_last_one_is_not(db: Database) {
    let id = mixed(&db).await;
    for (filter, total) in filters() {
        let last = total.div_ceil(20).max(1);
        let left = total - (last - 1) * 20;
        assert_eq!(
            page(&db, id, &filter, last, 20).await.items.len() as u64,
            left
        );
        for beyond in [last + 1, PageRequest::MAX_PAGE] {
            let beyond = page(&db, id, &filter, beyond, 20).await;
            assert_eq!((beyond.items.len(), beyond.total), (0, total));
        }
    }
    assert_eq!(
        number(&db, "SELECT COUNT(*) FROM campaign_recipients").await,
        EVERYBODY
    );
}
