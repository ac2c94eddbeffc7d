//! Stays that the hotel's own system knows.

use crate::pms_links::code;
use crate::samples::{Store, at, begin, commit, friend, friends, number};
use chrono::{DateTime, NaiveDate, Utc};
use crm_database::Database;
use crm_kernel::{MemberId, PageRequest, StoreError};
use crm_members::{KnownStay, MemberQueries, NewStay, PmsStatus, StaySource, SyncedStay};

mod on_databases {
    use super::*;

    crate::contract!(
        what_was_stored_before_keeps_its_birth_and_its_id,
        what_came_to_nothing_leaves_the_list_and_the_sums_at_once,
    );
}

crate::contract_on_every_store!(
    a_synced_stay_is_read_back_as_it_was_written,
    the_same_stays_once_more_change_nothing,
    a_stay_of_staff_is_known_as_theirs,
    order_numbers_are_told_apart_by_their_capitals,
    a_synced_stay_needs_a_member,
    stays_follow_their_guest,
    thousands_are_stored_at_once,
);

pub fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 9, day).unwrap()
}

pub fn synced(member: MemberId, order_number: &str) -> SyncedStay {
    SyncedStay {
        member,
        guest_code: Some(code("G1")),
        order_number: order_number.into(),
        room_type: Some("商務雙人房".into()),
        amount_minor: 1_800_000,
        check_in_date: day(15),
        check_out_date: day(18),
        nights: 3,
        status: PmsStatus::CheckedOut,
        booked_at: Some(at(-600)),
        updated_at: at(-5),
    }
}

pub async fn put(store: &impl Store, stays: &[SyncedStay], at: DateTime<Utc>) {
    let mut tx = begin(store).await;
    tx.pms().put_stays(stays, at).await.unwrap();
    commit(tx).await;
}

async fn known(store: &impl Store, numbers: &[&str]) -> Vec<KnownStay> {
    let numbers: Vec<String> = numbers.iter().map(|n| (*n).to_owned()).collect();
    let mut tx = begin(store).await;
    tx.pms().stays(&numbers).await.unwrap()
}

fn from_pms(stay: SyncedStay) -> KnownStay {
    KnownStay {
        stay,
        source: StaySource::Pms,
    }
}

async fn a_synced_stay_is_read_back_as_it_was_written(store: impl Store) {
    let member = friend(&store, "U1", at(0)).await;
    let mut stays: Vec<SyncedStay> = PmsStatus::ALL
        .iter()
        .map(|status| SyncedStay {
            status: *status,
            ..synced(member, status.as_str())
        })
        .collect();
    stays.push(SyncedStay {
        guest_code: None,
        room_type: None,
        booked_at: None,
        amount_minor: 0,
        check_out_date: day(15),
        nights: 0,
        ..synced(member, "00708801-2")
    });
    put(&store, &stays, at(0)).await;
    for stay in stays {
        let number = stay.order_number.clone();
        assert_eq!(known(&store, &[&number]).await, [from_pms(stay)]);
    }
    assert_eq!(known(&store, &["nobody's"]).await, []);
    assert_eq!(known(&store, &[]).await, []);
}

async fn the_same_stays_once_more_change_nothing(store: impl Store) {
    let all = friends(&store, 2).await;
    let first = [synced(all[0], "OD1"), synced(all[0], "OD2")];
    put(&store, &first, at(0)).await;
    put(&store, &first, at(1)).await;
    let found = known(&store, &["OD2", "OD1", "OD1"]).await;
    assert_eq!(found, first.clone().map(from_pms));
    // In place of what stands there, whoever's it was.
    let later = SyncedStay {
        status: PmsStatus::Cancelled,
        room_type: None,
        ..synced(all[1], "OD1")
    };
    let new = synced(all[1], "OD0");
    put(&store, &[later.clone(), new.clone()], at(2)).await;
    let found = known(&store, &["OD0", "OD1", "OD2"]).await;
    let [_, second] = first;
    assert_eq!(found, [new, later, second].map(from_pms));
}

async fn what_was_stored_before_keeps_its_birth_and_its_id(db: Database) {
    let member = friend(&db, "U1", at(0)).await;
    put(&db, &[synced(member, "OD1")], at(0)).await;
    let before = db.stays(member, ONE).await.unwrap().items;
    let later = SyncedStay {
        amount_minor: 5,
        ..synced(member, "OD1")
    };
    put(&db, &[synced(member, "OD0"), later], at(7)).await;
    let after = db.stays(member, ONE).await.unwrap().items;
    assert_eq!((after.len(), after[1].id), (2, before[0].id));
    assert_eq!((after[1].created_at, after[1].amount_minor), (at(0), 5));
    assert_eq!(after[0].created_at, at(7));
    let fresh = "SELECT COUNT(DISTINCT synced_at) FROM consumption_records";
    assert_eq!(number(&db, fresh).await, 1);
}

const ONE: PageRequest = crate::pms_runs::ONE;

async fn a_stay_of_staff_is_known_as_theirs(store: impl Store) {
    let member = friend(&store, "U1", at(0)).await;
    let mut tx = begin(&store).await;
    let typed = NewStay {
        member,
        order_number: "WI1".into(),
        room_type: None,
        amount_minor: 900,
        check_in_date: None,
        check_out_date: None,
        nights: None,
        source: StaySource::Manual,
        pms_status: None,
        booked_at: None,
        created_at: at(0),
    };
    tx.members().insert_stay(&typed).await.unwrap();
    commit(tx).await;
    let found = known(&store, &["WI1"]).await;
    assert_eq!(found[0].source, StaySource::Manual);
    assert_eq!(found[0].stay.member, member);
    assert_eq!(found[0].stay.updated_at, DateTime::<Utc>::MIN_UTC);
    assert_eq!(found[0].stay.status, PmsStatus::Unknown);
    assert_eq!(found[0].stay.check_in_date, at(0).date_naive());
}

async fn order_numbers_are_told_apart_by_their_capitals(store: impl Store) {
    let member = friend(&store, "U1", at(0)).await;
    put(
        &store,
        &[synced(member, "od1"), synced(member, "OD1")],
        at(0),
    )
    .await;
    let found = known(&store, &["od1", "OD1", "Od1"]).await;
    let numbers: Vec<&str> = found.iter().map(|k| k.stay.order_number.as_str()).collect();
    assert_eq!(numbers, ["OD1", "od1"]);
}

async fn a_synced_stay_needs_a_member(store: impl Store) {
    let mut tx = begin(&store).await;
    let nobody = synced(MemberId::new(999_999), "OD1");
    let refused = tx.pms().put_stays(&[nobody], at(0)).await;
    assert!(matches!(refused, Err(StoreError::Reference)));
}

async fn stays_follow_their_guest(store: impl Store) {
    let all = friends(&store, 2).await;
    let others = SyncedStay {
        guest_code: Some(code("g1")),
        ..synced(all[0], "OD3")
    };
    let nobodys = SyncedStay {
        guest_code: None,
        ..synced(all[0], "OD4")
    };
    let there = synced(all[1], "OD2");
    let stays = [synced(all[0], "OD1"), there, others, nobodys];
    put(&store, &stays, at(0)).await;
    let mut tx = begin(&store).await;
    let moved = tx.pms().move_stays(&code("G1"), all[1]).await.unwrap();
    assert_eq!(moved, 1);
    let again = tx.pms().move_stays(&code("G1"), all[1]).await.unwrap();
    assert_eq!(again, 0);
    let nobody = tx
        .pms()
        .move_stays(&code("G9"), MemberId::new(999_999))
        .await;
    assert!(matches!(nobody, Err(StoreError::Reference)));
    commit(tx).await;
    let found = known(&store, &["OD1", "OD2", "OD3", "OD4"]).await;
    let whose: Vec<MemberId> = found.iter().map(|k| k.stay.member).collect();
    assert_eq!(whose, [all[1], all[1], all[0], all[0]]);
}

async fn what_came_to_nothing_leaves_the_list_and_the_sums_at_once(db: Database) {
    let member = friend(&db, "U1", at(0)).await;
    let with = |status: PmsStatus| SyncedStay {
        status,
        ..synced(member, status.as_str())
    };
    put(&db, &PmsStatus::ALL.map(with), at(0)).await;
    let list = db.stays(member, ONE).await.unwrap();
    assert_eq!(list.total, 3);
    let mut listed: Vec<String> = list.items.into_iter().map(|s| s.order_number).collect();
    listed.sort_unstable();
    assert_eq!(listed, ["booked", "checked_out", "in_house"]);
    let detail = db.detail(member).await.unwrap().unwrap();
    let summary = detail.consumption_summary;
    assert_eq!((summary.total_amount, summary.total_orders), (3_600_000, 2));
    // Called off after the guest had come.
    let gone = SyncedStay {
        status: PmsStatus::Cancelled,
        ..with(PmsStatus::CheckedOut)
    };
    put(&db, &[gone], at(1)).await;
    assert_eq!(db.stays(member, ONE).await.unwrap().total, 2);
    let detail = db.detail(member).await.unwrap().unwrap();
    assert_eq!(detail.consumption_summary.total_amount, 1_800_000);
}

async fn thousands_are_stored_at_once(store: impl Store) {
    let members = friends(&store, 20).await;
    let stays: Vec<SyncedStay> = (0..2_500)
        .map(|n| synced(members[n % 20], &format!("OD{n:04}")))
        .collect();
    let numbers: Vec<String> = stays.iter().map(|s| s.order_number.clone()).collect();
    put(&store, &stays, at(0)).await;
    let mut tx = begin(&store).await;
    let found = tx.pms().stays(&numbers).await.unwrap();
    assert!(found == stays.into_iter().map(from_pms).collect::<Vec<_>>());
}
