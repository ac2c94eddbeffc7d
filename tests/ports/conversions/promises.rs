use super::rows::{kept, run, send, stay_id};
use super::{conversions_on, count};
use crate::merges::{Pair, pair};
use crate::pms_links::code;
use crate::pms_stays::{put, synced};
use crate::samples::{at, begin, campaign, commit, friends, friends_named, number};
use crm_campaigns::Audience;
use crm_database::Database;
use crm_kernel::{Actor, CampaignId, MemberId};
use crm_members::{PmsStatus, SyncedStay};
use std::time::Duration;

crate::contract!(
    whoever_changes_stays_marks_their_guests,
    what_is_not_committed_marks_nobody,
    a_mark_written_while_others_are_worked_off_stays,
    work_that_is_cut_off_is_done_again_and_counted_once,
    nobody_who_changes_stays_waits_for_whoever_counts,
    whoever_counts_meanwhile_waits,
    a_stay_that_is_cancelled_takes_its_conversion_away,
    a_recount_mends_what_was_wrong_and_a_look_finds_it,
);

async fn marked(db: &Database) -> Vec<MemberId> {
    let mut tx = conversions_on(db).await;
    let found = tx.conversions().marked(100).await.unwrap();
    let mut members: Vec<MemberId> = found.iter().map(|mark| mark.member).collect();
    tx.conversions().unmark(&found).await.unwrap();
    tx.commit().await.unwrap();
    members.sort_unstable();
    members.dedup();
    members
}

async fn whoever_changes_stays_marks_their_guests(db: Database) {
    let Pair {
        members,
        typed,
        friend,
        ..
    } = pair(&db).await;
    let all = friends_named(&db, "V", 3).await;
    put(&db, &[synced(all[0], "1"), synced(all[1], "2")], at(0)).await;
    assert_eq!(marked(&db).await, [all[0], all[1]]);
    // Whose it was, and whose it is.
    put(&db, &[synced(all[2], "1")], at(0)).await;
    assert_eq!(marked(&db).await, [all[0], all[2]]);
    let untold = SyncedStay {
        booked_at: None,
        ..synced(all[0], "3")
    };
    put(&db, std::slice::from_ref(&untold), at(0)).await;
    assert_eq!(marked(&db).await, [], "nobody knows when it was booked");
    put(&db, &[synced(all[0], "3")], at(0)).await;
    assert_eq!(marked(&db).await, [all[0]]);
    put(&db, &[untold], at(0)).await;
    assert_eq!(marked(&db).await, [all[0]]);

    let mut tx = begin(&db).await;
    tx.pms().move_stays(&code("G1"), all[2]).await.unwrap();
    commit(tx).await;
    assert_eq!(marked(&db).await, [all[1], all[2]]);
    let mut tx = begin(&db).await;
    tx.pms().move_stays(&code("G1"), all[2]).await.unwrap();
    commit(tx).await;
    assert_eq!(marked(&db).await, []);

    let merged = members.merge(&Actor::System, typed, friend).await.unwrap();
    assert_eq!(marked(&db).await, [typed]);
    let id = merged.merge_id;
    members.undo_merge(&Actor::System, id).await.unwrap();
    assert_eq!(marked(&db).await, [typed, friend]);
}

async fn what_is_not_committed_marks_nobody(db: Database) {
    let all = friends(&db, 1).await;
    let mut tx = begin(&db).await;
    let stays = [synced(all[0], "1")];
    tx.pms().put_stays(&stays, at(0)).await.unwrap();
    drop(tx);
    assert_eq!(marked(&db).await, []);
}

async fn a_mark_written_while_others_are_worked_off_stays(db: Database) {
    let all = friends(&db, 2).await;
    put(&db, &[synced(all[0], "1")], at(0)).await;
    let mut tx = conversions_on(&db).await;
    let taken = tx.conversions().marked(100).await.unwrap();
    assert_eq!(taken.len(), 1);
    let meanwhile = SyncedStay {
        amount_minor: 5,
        ..synced(all[0], "1")
    };
    if db.is_mysql() {
        put(&db, std::slice::from_ref(&meanwhile), at(0)).await;
    }
    tx.conversions().unmark(&taken).await.unwrap();
    tx.commit().await.unwrap();
    if !db.is_mysql() {
        put(&db, &[meanwhile], at(0)).await;
    }
    assert_eq!(marked(&db).await, [all[0]]);
}

/// A campaign sent to one guest an hour before they booked a stay.
async fn sent_and_booked(db: &Database) -> (CampaignId, MemberId) {
    let member = friends(db, 1).await[0];
    let id = campaign(db, Audience::All).await.id();
    send(db, id, member, at(-660)).await;
    put(db, &[synced(member, "1")], at(0)).await;
    (id, member)
}

async fn work_that_is_cut_off_is_done_again_and_counted_once(db: Database) {
    let (id, _) = sent_and_booked(&db).await;
    let counting = count(&db, 30);
    let mut tx = conversions_on(&db).await;
    let taken = tx.conversions().marked(100).await.unwrap();
    let members: Vec<MemberId> = taken.iter().map(|mark| mark.member).collect();
    let histories = tx.conversions().histories(&members).await.unwrap();
    assert_eq!((histories[0].sends.len(), histories[0].stays.len()), (1, 1));
    tx.conversions().unmark(&taken).await.unwrap();
    drop(tx);
    assert_eq!(kept(&db).await.booked, []);
    assert_eq!(counting.count_marked().await.unwrap(), 1);
    assert_eq!(counting.count_marked().await.unwrap(), 0);
    let once = kept(&db).await;
    assert_eq!(once.campaigns[&id.get()], [1, 0, 1_800_000, 1, 3]);
    // The same page again, and everybody again.
    put(&db, &[synced(friends_of(&db).await, "1")], at(0)).await;
    counting.recheck().await.unwrap();
    counting.recount_all().await.unwrap();
    assert_eq!(kept(&db).await, once);
}

async fn friends_of(db: &Database) -> MemberId {
    MemberId::new(number(db, "SELECT MIN(id) FROM members").await)
}

/// Not on SQLite, where every writer waits for the one before.
async fn nobody_who_changes_stays_waits_for_whoever_counts(db: Database) {
    if !db.is_mysql() {
        return;
    }
    let (_, member) = sent_and_booked(&db).await;
    let mut counting = conversions_on(&db).await;
    let taken = counting.conversions().marked(100).await.unwrap();
    let histories = counting.conversions().histories(&[member]).await;
    assert_eq!(histories.unwrap().len(), 1);
    counting.conversions().unmark(&taken).await.unwrap();
    let page = [synced(member, "1"), synced(member, "2")];
    let brought = put(&db, &page, at(0));
    let in_time = tokio::time::timeout(Duration::from_secs(2), brought).await;
    assert!(in_time.is_ok());
    counting.commit().await.unwrap();
}

async fn whoever_counts_meanwhile_waits(db: Database) {
    if !db.is_mysql() {
        return;
    }
    sent_and_booked(&db).await;
    let mut first = conversions_on(&db).await;
    first.conversions().marked(100).await.unwrap();
    let counting = count(&db, 30);
    let second = counting.count_marked();
    tokio::pin!(second);
    let waited = tokio::time::timeout(Duration::from_millis(300), &mut second).await;
    assert!(waited.is_err());
    drop(first);
    assert_eq!(second.await.unwrap(), 1);
    assert_eq!(kept(&db).await.booked.len(), 1);
}

async fn a_stay_that_is_cancelled_takes_its_conversion_away(db: Database) {
    let (id, member) = sent_and_booked(&db).await;
    let counting = count(&db, 30);
    counting.count_marked().await.unwrap();
    let there = kept(&db).await;
    assert_eq!(there.booked[0].stays[0].0, stay_id(&db, "1").await.get());
    for status in PmsStatus::ALL {
        let stay = SyncedStay {
            status,
            ..synced(member, "1")
        };
        put(&db, &[stay], at(0)).await;
        counting.count_marked().await.unwrap();
        let stands = matches!(
            status,
            PmsStatus::Booked | PmsStatus::InHouse | PmsStatus::CheckedOut
        );
        let now = kept(&db).await;
        assert_eq!(now.campaigns.contains_key(&id.get()), stands, "{status:?}");
        assert_eq!(now == there, stands, "{status:?}");
        assert_eq!(now.booked.is_empty(), !stands, "{status:?}");
    }
}

async fn a_recount_mends_what_was_wrong_and_a_look_finds_it(db: Database) {
    sent_and_booked(&db).await;
    let counting = count(&db, 30);
    counting.count_marked().await.unwrap();
    let right = kept(&db).await;
    assert_eq!(counting.conversions_differ().await.unwrap(), 0);
    for wrong in [
        "UPDATE conversions SET had_clicked = TRUE",
        "UPDATE conversion_stays SET amount_minor = 1",
        "UPDATE campaigns SET revenue_nights = 77",
        "UPDATE campaigns SET converted_count = 0",
    ] {
        run(&db, wrong, []).await;
        let before = kept(&db).await;
        assert!(counting.conversions_differ().await.unwrap() > 0, "{wrong}");
        assert_eq!(kept(&db).await, before, "a look writes nothing");
        counting.recount_all().await.unwrap();
        assert_eq!(counting.conversions_differ().await.unwrap(), 0, "{wrong}");
        let mended = kept(&db).await;
        assert_eq!(
            (mended.booked, mended.campaigns),
            (right.booked.clone(), right.campaigns.clone())
        );
    }
}
