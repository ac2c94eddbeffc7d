use crate::samples::{Store, at, begin, commit};
use crm_accounts::{AuditFilter, AuditQueries, AuditRow};
use crm_database::Database;
use crm_kernel::{Actor, AuditEntry, PageRequest, UserId};
use serde_json::{Value, json};

crate::contract!(
    an_entry_lands_with_its_unit_of_work_or_not_at_all,
    the_log_forgets_what_a_guest_was_like_and_keeps_who_did_what,
    thousands_of_entries_come_in_their_order,
    the_newest_entry_comes_first_and_every_filter_narrows,
);

const MEI: Actor = Actor::User { id: UserId::new(7) };

fn entry(second: i64, action: &'static str, subject: &'static str, id: i64) -> AuditEntry {
    AuditEntry::new(&MEI, at(second), action, subject, id)
}

async fn record(db: &impl Store, entries: impl IntoIterator<Item = AuditEntry>) {
    let mut tx = begin(db).await;
    let entries = entries.into_iter().collect();
    tx.audit().record_many(entries).await.unwrap();
    commit(tx).await;
}

async fn read(db: &Database, filter: AuditFilter) -> Vec<AuditRow> {
    let page = PageRequest::new(1, 100).unwrap();
    let found = db.list(&filter, page).await.unwrap();
    assert_eq!(found.total, found.items.len() as u64);
    found.items
}

async fn an_entry_lands_with_its_unit_of_work_or_not_at_all(db: Database) {
    let mut tx = begin(&db).await;
    tx.audit()
        .record(entry(0, "tag.created", "tag", 1))
        .await
        .unwrap();
    drop(tx);
    assert_eq!(read(&db, AuditFilter::default()).await, []);
    record(&db, [entry(0, "tag.created", "tag", 1)]).await;
    assert_eq!(read(&db, AuditFilter::default()).await.len(), 1);
}

async fn the_log_forgets_what_a_guest_was_like_and_keeps_who_did_what(db: Database) {
    let mine = entry(0, "member.updated", "member", 3).with("phone", "0912-345-678");
    let other = entry(1, "member.updated", "member", 4).with("phone", "0987-654-321");
    record(&db, [mine, other]).await;
    let mut tx = begin(&db).await;
    tx.audit().forget("member", 3).await.unwrap();
    commit(tx).await;
    let rows = read(&db, AuditFilter::default()).await;
    assert_eq!(
        Value::from(rows[0].after.clone()),
        json!({"phone": "0987-654-321"})
    );
    assert!(rows[1].after.is_empty());
    assert_eq!(rows[1].user.as_ref().unwrap().id, UserId::new(7));
}

async fn thousands_of_entries_come_in_their_order(db: Database) {
    record(&db, []).await;
    let many = (0..2_500).map(|n| entry(0, "member.updated", "member", n).with("n", n));
    record(&db, many).await;
    let page = PageRequest::new(25, 100).unwrap();
    let last = db.list(&AuditFilter::default(), page).await.unwrap();
    assert_eq!(last.total, 2_500);
    let ids: Vec<i64> = last.items.iter().filter_map(|row| row.subject_id).collect();
    assert_eq!(ids, (0..100).rev().collect::<Vec<i64>>());
    assert_eq!(last.items[99].after["n"], json!(0));
}

async fn the_newest_entry_comes_first_and_every_filter_narrows(db: Database) {
    record(
        &db,
        [
            entry(0, "tag.created", "tag", 1),
            entry(5, "tag.updated", "tag", 1),
            entry(5, "tag.updated", "tag", 2),
            AuditEntry::new(&Actor::System, at(9), "campaign.sent", "campaign", 1),
        ],
    )
    .await;
    let ids = |rows: Vec<AuditRow>| rows.iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(ids(read(&db, AuditFilter::default()).await), [4, 3, 2, 1]);
    let filters = [
        (
            AuditFilter {
                user: Some(UserId::new(7)),
                ..AuditFilter::default()
            },
            vec![3, 2, 1],
        ),
        (
            AuditFilter {
                action: Some("tag.updated".into()),
                ..AuditFilter::default()
            },
            vec![3, 2],
        ),
        (
            AuditFilter {
                subject: Some("tag".into()),
                subject_id: Some(1),
                ..AuditFilter::default()
            },
            vec![2, 1],
        ),
        (
            AuditFilter {
                from: Some(at(5)),
                before: Some(at(9)),
                ..AuditFilter::default()
            },
            vec![3, 2],
        ),
    ];
    for (filter, wanted) in filters {
        assert_eq!(ids(read(&db, filter).await), wanted);
    }
}
