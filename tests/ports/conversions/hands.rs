//! Conversions go with the recipients they are of, before anybody looks at them again.

use super::count;
use super::rows::{kept, send};
use crate::merges::{Pair, pair};
use crate::pms_stays::{put, synced};
use crate::samples::{at, begin, campaign, commit, number};
use crm_campaigns::Audience;
use crm_database::Database;
use crm_kernel::{Actor, MemberId};

crate::contract!(
    conversions_go_with_their_recipients,
    of_two_who_both_got_it_one_is_counted_and_then_two_again,
    a_guest_who_is_deleted_leaves_what_they_booked,
);

async fn whose(db: &Database) -> MemberId {
    MemberId::new(number(db, "SELECT MAX(member_id) FROM conversions").await)
}

async fn conversions_go_with_their_recipients(db: Database) {
    let Pair {
        members,
        typed,
        friend,
        ..
    } = pair(&db).await;
    let id = campaign(&db, Audience::All).await.id();
    send(&db, id, friend, at(-660)).await;
    put(&db, &[synced(friend, "1")], at(0)).await;
    let counting = count(&db, 30);
    counting.count_marked().await.unwrap();
    let before = kept(&db).await;
    let merged = members.merge(&Actor::System, typed, friend).await.unwrap();
    assert_eq!(whose(&db).await, typed);
    counting.count_marked().await.unwrap();
    assert_eq!(kept(&db).await, before);
    let id = merged.merge_id;
    members.undo_merge(&Actor::System, id).await.unwrap();
    assert_eq!(whose(&db).await, friend);
    // One by one, whoever comes first.
    for _ in 0..2 {
        counting.count_some(1).await.unwrap();
        assert_eq!(kept(&db).await, before);
    }
}

async fn of_two_who_both_got_it_one_is_counted_and_then_two_again(db: Database) {
    let Pair {
        members,
        typed,
        friend,
        ..
    } = pair(&db).await;
    let id = campaign(&db, Audience::All).await.id();
    for (n, member) in [typed, friend].into_iter().enumerate() {
        send(&db, id, member, at(-660)).await;
        put(&db, &[synced(member, &n.to_string())], at(0)).await;
    }
    let counting = count(&db, 30);
    counting.count_marked().await.unwrap();
    let two = kept(&db).await;
    assert_eq!(two.campaigns[&id.get()], [2, 0, 3_600_000, 2, 6]);
    let merged = members.merge(&Actor::System, typed, friend).await.unwrap();
    counting.count_marked().await.unwrap();
    let one = kept(&db).await;
    assert_eq!(one.campaigns[&id.get()], [1, 0, 3_600_000, 2, 6]);
    let merge = merged.merge_id;
    members.undo_merge(&Actor::System, merge).await.unwrap();
    for _ in 0..2 {
        counting.count_some(1).await.unwrap();
    }
    assert_eq!(kept(&db).await, two);
}

async fn a_guest_who_is_deleted_leaves_what_they_booked(db: Database) {
    let Pair { friend, .. } = pair(&db).await;
    let id = campaign(&db, Audience::All).await.id();
    send(&db, id, friend, at(-660)).await;
    put(&db, &[synced(friend, "1")], at(0)).await;
    let counting = count(&db, 30);
    counting.count_marked().await.unwrap();
    let before = kept(&db).await;
    assert_eq!(before.booked.len(), 1);
    let mut tx = begin(&db).await;
    assert!(tx.members().delete(friend).await.unwrap());
    commit(tx).await;
    let nobody = "SELECT COUNT(*) FROM conversions WHERE member_id IS NULL";
    assert_eq!(number(&db, nobody).await, 1);
    counting.recount_all().await.unwrap();
    assert_eq!(kept(&db).await, before);
}
