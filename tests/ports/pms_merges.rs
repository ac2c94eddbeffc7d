//! Guests of the hotel's own system when two members become one, and two again.

use crate::merges::{DeskStore, Pair, pair};
use crate::pms_links::{code, in_state, linked, links, put_links};
use crate::pms_reviews::{about, ask, decide, review};
use crate::pms_runs::run_of;
use crate::pms_stays::{put, synced};
use crate::samples::{at, begin, friend, members, number, tags};
use crm_database::Database;
use crm_kernel::{Actor, MemberId};
use crm_members::{GuestLink, LinkState, PmsKind, ReviewDecision, ReviewStatus};
use crm_messages::Messages;
use crm_tests::MovedClock;
use crm_workflows::Erasure;
use std::sync::Arc;

mod on_databases {
    use super::*;

    crate::contract!(whoever_is_erased_does_not_come_back_as_a_guest);
}

crate::contract_on_every_store!(
    guests_become_the_kept_member_and_themselves_again,
    whoever_is_parted_from_the_guest_they_became_follows_no_more,
    reviews_ask_about_the_kept_member_and_about_both_again,
);

async fn whose(store: &impl DeskStore, numbers: &[&str]) -> Vec<MemberId> {
    let numbers: Vec<String> = numbers.iter().map(|n| (*n).to_owned()).collect();
    let mut tx = begin(store).await;
    let stays = tx.pms().stays(&numbers).await.unwrap();
    stays.into_iter().map(|known| known.stay.member).collect()
}

async fn guests_become_the_kept_member_and_themselves_again(store: impl DeskStore) {
    let Pair {
        members,
        typed: kept,
        friend: from,
        ..
    } = pair(&store).await;
    let ignored = in_state("G3", LinkState::Ignored);
    put_links(
        &store,
        &[linked("G1", from), linked("G2", kept), ignored.clone()],
    )
    .await;
    put(&store, &[synced(from, "1")], at(0)).await;
    let merged = members.merge(&Actor::System, kept, from).await.unwrap();
    let codes = ["G1", "G2", "G3"];
    let one = [linked("G1", kept), linked("G2", kept), ignored.clone()];
    assert_eq!(links(&store, &codes).await, one);
    // The guest stays once more before they part.
    put(&store, &[synced(kept, "2")], at(1)).await;
    assert_eq!(whose(&store, &["1", "2"]).await, [kept, kept]);
    members
        .undo_merge(&Actor::System, merged.merge_id)
        .await
        .unwrap();
    let two = [linked("G1", from), linked("G2", kept), ignored];
    assert_eq!(links(&store, &codes).await, two);
    assert_eq!(whose(&store, &["1", "2"]).await, [from, from]);
}

async fn whoever_is_parted_from_the_guest_they_became_follows_no_more(store: impl DeskStore) {
    let Pair {
        members,
        typed: kept,
        friend: from,
        ..
    } = pair(&store).await;
    let became = |text: &str, member, target: &str| GuestLink {
        merged_into: Some(code(target)),
        ..linked(text, member)
    };
    let all = [
        became("G1", from, "G2"),
        linked("G2", kept),
        became("G3", kept, "G4"),
        linked("G4", from),
        became("G5", from, "G4"),
        became("G6", kept, "G2"),
    ];
    put_links(&store, &all).await;
    let merged = members.merge(&Actor::System, kept, from).await.unwrap();
    let undone = members.undo_merge(&Actor::System, merged.merge_id).await;
    undone.unwrap();
    let [_, second, _, fourth, fifth, sixth] = all;
    let expected = [
        linked("G1", from),
        second,
        linked("G3", kept),
        fourth,
        fifth,
        sixth,
    ];
    let codes = ["G1", "G2", "G3", "G4", "G5", "G6"];
    assert_eq!(links(&store, &codes).await, expected);
}

async fn reviews_ask_about_the_kept_member_and_about_both_again(store: impl DeskStore) {
    let Pair {
        members,
        typed: kept,
        friend: from,
        ..
    } = pair(&store).await;
    let other = friend(&store, "U2", at(0)).await;
    let run = run_of(&store, PmsKind::Members).await;
    let mut both = [kept, from];
    both.sort_unstable();
    let of_both = ask(&store, &about("G1", run, &both)).await;
    let of_one = ask(&store, &about("G2", run, &[from, other])).await;
    let decided = ask(&store, &about("G3", run, &[from])).await;
    decide(&store, decided, ReviewDecision::Member(from), at(5)).await;
    let merged = members.merge(&Actor::System, kept, from).await.unwrap();
    assert_eq!(review(&store, of_both).await.new.candidates, [kept]);
    let mut expected = [kept, other];
    expected.sort_unstable();
    assert_eq!(review(&store, of_one).await.new.candidates, expected);
    let decision = review(&store, decided).await.decision;
    assert_eq!(decision, Some(ReviewDecision::Member(kept)));
    members
        .undo_merge(&Actor::System, merged.merge_id)
        .await
        .unwrap();
    assert_eq!(review(&store, of_both).await.new.candidates, both);
    assert_eq!(review(&store, of_one).await.new.candidates, [from, other]);
    let decision = review(&store, decided).await.decision;
    assert_eq!(decision, Some(ReviewDecision::Member(from)));
}

async fn whoever_is_erased_does_not_come_back_as_a_guest(db: Database) {
    let member = friend(&db, "U1", at(0)).await;
    let run = run_of(&db, PmsKind::Members).await;
    put_links(&db, &[linked("G1", member)]).await;
    put(&db, &[synced(member, "1")], at(0)).await;
    let asked = ask(&db, &about("G2", run, &[member])).await;
    let store = Arc::new(db.clone());
    let clock = Arc::new(MovedClock::default());
    let messages = Messages::new(store.clone(), store.clone(), clock);
    let erasure = Erasure::new(store, members(&db), tags(&db), messages);
    erasure.erase(&Actor::System, member).await.unwrap();
    let link = links(&db, &["G1"]).await.remove(0);
    assert_eq!((link.state, link.member), (LinkState::Erased, None));
    assert_eq!(link.facts.visits, None);
    let settled = review(&db, asked).await;
    assert_eq!(settled.status, ReviewStatus::Settled);
    assert_eq!(settled.new.guest.phone, None);
    let stays = "SELECT COUNT(*) FROM consumption_records";
    assert_eq!(number(&db, stays).await, 0);
}
