//! Which guest of the hotel's own system is which member.

use crate::samples::{Store, at, begin, commit, friend, friends};
use crm_database::Database;
use crm_kernel::{MemberId, StoreError};
use crm_members::{GuestCode, GuestLink, LinkState, Member, PmsFacts};
use std::time::Duration;

mod on_databases {
    use super::*;

    crate::contract!(
        whoever_asks_for_the_same_link_waits,
        asking_for_guests_nobody_knows_holds_nobody_up,
    );
}

crate::contract_on_every_store!(
    a_link_is_read_back_as_it_was_written,
    whoever_turned_out_to_be_a_guest_is_found_by_them,
    links_come_in_the_order_of_their_codes_and_capitals_count,
    a_link_takes_the_place_of_the_one_before,
    a_link_needs_a_member_who_is_there,
    thousands_are_linked_at_once,
    members_come_in_the_order_of_their_ids,
    a_deleted_member_leaves_a_link_to_nobody,
);

pub fn code(text: &str) -> GuestCode {
    GuestCode::parse(text).unwrap()
}

pub fn linked(text: &str, member: MemberId) -> GuestLink {
    GuestLink {
        code: code(text),
        state: LinkState::Linked,
        member: Some(member),
        is_decided: false,
        updated_at: Some(at(0)),
        facts: PmsFacts {
            visits: Some(8),
            vip: Some(true),
        },
        merged_into: None,
    }
}

pub fn in_state(text: &str, state: LinkState) -> GuestLink {
    GuestLink {
        code: code(text),
        state,
        member: None,
        is_decided: false,
        updated_at: None,
        facts: PmsFacts::default(),
        merged_into: None,
    }
}

pub async fn put_links(store: &impl Store, links: &[GuestLink]) {
    let mut tx = begin(store).await;
    tx.pms().put_links(links).await.unwrap();
    commit(tx).await;
}

pub async fn links(store: &impl Store, codes: &[&str]) -> Vec<GuestLink> {
    let codes: Vec<GuestCode> = codes.iter().map(|text| code(text)).collect();
    let mut tx = begin(store).await;
    tx.pms().links(&codes).await.unwrap()
}

async fn a_link_is_read_back_as_it_was_written(store: impl Store) {
    let member = friend(&store, "U1", at(0)).await;
    let decided = GuestLink {
        is_decided: true,
        ..in_state("G2", LinkState::Ignored)
    };
    let said_no = GuestLink {
        facts: PmsFacts {
            visits: Some(0),
            vip: Some(false),
        },
        ..in_state("G3", LinkState::Review)
    };
    let became_another = GuestLink {
        merged_into: Some(code("G2")),
        ..linked("G5", member)
    };
    let all = [
        linked("客人 😀 1", member),
        became_another,
        decided,
        said_no,
        in_state("G4", LinkState::Erased),
    ];
    put_links(&store, &all).await;
    for link in all {
        assert_eq!(links(&store, &[link.code.as_str()]).await, [link]);
    }
}

async fn whoever_turned_out_to_be_a_guest_is_found_by_them(store: impl Store) {
    let member = friend(&store, "U1", at(0)).await;
    let became = |text: &str, target: &str| GuestLink {
        merged_into: Some(code(target)),
        ..linked(text, member)
    };
    let all = [
        became("G1", "G3"),
        became("G2", "G3"),
        became("G3", "G4"),
        became("g5", "g3"),
        linked("G4", member),
    ];
    put_links(&store, &all).await;
    let mut tx = begin(&store).await;
    let targets = [code("G3"), code("nobody")];
    let found = tx.pms().merged_into(&targets).await.unwrap();
    assert_eq!(found, [code("G1"), code("G2")]);
    assert_eq!(tx.pms().merged_into(&[]).await.unwrap(), []);
}

async fn links_come_in_the_order_of_their_codes_and_capitals_count(store: impl Store) {
    let member = friend(&store, "U1", at(0)).await;
    let all = ["b", "B", "a10", "a9"].map(|code| linked(code, member));
    put_links(&store, &all).await;
    let found = links(&store, &["b", "a9", "nobody", "B", "a10", "a9", "A9"]).await;
    let codes: Vec<&str> = found.iter().map(|link| link.code.as_str()).collect();
    assert_eq!(codes, ["B", "a10", "a9", "b"]);
    assert_eq!(links(&store, &[]).await, []);
}

async fn a_link_takes_the_place_of_the_one_before(store: impl Store) {
    let member = friend(&store, "U1", at(0)).await;
    put_links(&store, &[linked("G1", member), linked("G2", member)]).await;
    let later = GuestLink {
        is_decided: true,
        ..in_state("G1", LinkState::Ignored)
    };
    put_links(&store, &[later.clone(), in_state("G3", LinkState::Review)]).await;
    let found = links(&store, &["G1", "G2", "G3"]).await;
    let review = in_state("G3", LinkState::Review);
    assert_eq!(found, [later, linked("G2", member), review]);
}

async fn a_link_needs_a_member_who_is_there(store: impl Store) {
    let mut tx = begin(&store).await;
    let nobody = linked("G1", MemberId::new(999_999));
    let refused = tx.pms().put_links(&[nobody]).await;
    assert!(matches!(refused, Err(StoreError::Reference)));
}

async fn thousands_are_linked_at_once(store: impl Store) {
    let member = friend(&store, "U1", at(0)).await;
    let all: Vec<GuestLink> = (0..4_500)
        .map(|n| linked(&format!("G{n:05}"), member))
        .collect();
    put_links(&store, &all).await;
    put_links(&store, &all).await;
    let codes: Vec<GuestCode> = all.iter().rev().map(|link| link.code.clone()).collect();
    let mut tx = begin(&store).await;
    assert!(tx.pms().links(&codes).await.unwrap() == all);
}

async fn members_come_in_the_order_of_their_ids(store: impl Store) {
    let all = friends(&store, 3).await;
    let mut tx = begin(&store).await;
    let ids = [all[2], MemberId::new(999_999), all[0], all[2]];
    let found = tx.pms().members(&ids).await.unwrap();
    let ids: Vec<MemberId> = found.iter().map(Member::id).collect();
    assert_eq!(ids, [all[0], all[2]]);
    let uid = found[1].line().map(|line| line.uid.clone());
    assert_eq!(
        tx.members()
            .find(all[2])
            .await
            .unwrap()
            .unwrap()
            .line()
            .map(|l| l.uid.clone()),
        uid
    );
    assert!(tx.pms().members(&[]).await.unwrap().is_empty());
}

async fn a_deleted_member_leaves_a_link_to_nobody(store: impl Store) {
    let member = friend(&store, "U1", at(0)).await;
    put_links(&store, &[linked("G1", member)]).await;
    let mut tx = begin(&store).await;
    assert!(tx.members().delete(member).await.unwrap());
    commit(tx).await;
    assert_eq!(links(&store, &["G1"]).await[0].member, None);
}

async fn whoever_asks_for_the_same_link_waits(db: Database) {
    put_links(
        &db,
        &[
            in_state("G1", LinkState::Review),
            in_state("G2", LinkState::Review),
        ],
    )
    .await;
    let mut first = begin(&db).await;
    first.pms().links(&[code("G1")]).await.unwrap();
    let other = db.clone();
    let second = tokio::spawn(async move { links(&other, &["G1"]).await });
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert!(!second.is_finished(), "the second did not wait");
    let ignored = in_state("G1", LinkState::Ignored);
    first
        .pms()
        .put_links(std::slice::from_ref(&ignored))
        .await
        .unwrap();
    commit(first).await;
    assert_eq!(second.await.unwrap(), [ignored]);
}

async fn asking_for_guests_nobody_knows_holds_nobody_up(db: Database) {
    if !db.is_mysql() {
        return;
    }
    put_links(
        &db,
        &[
            in_state("G1", LinkState::Review),
            in_state("G9", LinkState::Review),
        ],
    )
    .await;
    let mut first = begin(&db).await;
    let mut second = begin(&db).await;
    assert!(
        first
            .pms()
            .links(&[code("G3"), code("G5")])
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        second
            .pms()
            .links(&[code("G4"), code("G5")])
            .await
            .unwrap()
            .is_empty()
    );
    // Either would wait for the other's gap, and the other for its.
    first
        .pms()
        .put_links(&[in_state("G3", LinkState::Review)])
        .await
        .unwrap();
    second
        .pms()
        .put_links(&[in_state("G4", LinkState::Review)])
        .await
        .unwrap();
    first
        .pms()
        .put_links(&[in_state("G2", LinkState::Review)])
        .await
        .unwrap();
    commit(first).await;
    commit(second).await;
    assert_eq!(links(&db, &["G2", "G3", "G4"]).await.len(), 3);
}
