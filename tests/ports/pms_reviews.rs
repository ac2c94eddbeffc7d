//! What a person must decide about guests of the hotel's own system.

use crate::messages::staff;
use crate::pms_links::{code, in_state, linked, links, put_links};
use crate::pms_runs::{ONE, run_of};
use crate::pms_stays::{day, put, synced};
use crate::samples::{Store, at, begin, commit, friend, friends};
use chrono::{DateTime, Utc};
use crm_database::Database;
use crm_kernel::{MemberId, PageRequest, ReviewId, StoreError, SyncRunId};
use crm_members::{
    KeptGuest, KeptStay, LinkState, NewReview, PmsKind, PmsQueries, PmsStatus, Review,
    ReviewDecision, ReviewReason, ReviewStatus, ReviewSubject,
};

mod on_databases {
    use super::*;

    crate::contract!(
        somebody_who_is_there_decides,
        open_reviews_are_listed_the_longest_waiting_first,
        decided_reviews_are_listed_the_latest_first,
        a_review_shows_who_it_may_be_and_what_waits,
        of_many_who_ask_at_once_one_review_comes,
    );
}

crate::contract_on_every_store!(
    a_review_is_read_back_as_it_was_asked,
    asking_again_brings_an_open_review_up_to_date,
    thousands_are_asked_about_at_once,
    what_was_decided_stays_and_a_new_question_is_a_new_review,
    a_review_names_only_whom_there_is,
    a_settled_review_forgets_what_the_row_said,
    the_reviews_of_subjects_come_in_the_order_of_their_keys,
    waiting_stays_are_taken_once_in_the_order_of_their_numbers,
    a_waiting_stay_gives_way_to_a_newer_one_alone,
    an_erased_member_is_nobodys_guest,
    reviews_about_an_erased_member_alone_are_settled,
    a_deleted_member_is_no_candidate_and_no_decision,
);

fn kept(text: &str) -> KeptGuest {
    KeptGuest {
        code: Some(code(text)),
        last_name: Some("王".into()),
        first_name: Some("小明 😀".into()),
        gender: Some("male".into()),
        birthday: Some(day(1)),
        email: Some("wang@example.com".into()),
        phone: Some("+886912345678".into()),
        id_number: Some("sealed".into()),
        id_index: Some("index".into()),
        accepts_marketing: Some(false),
        visits: Some(8),
        vip: Some(true),
        updated_at: at(-3),
    }
}

fn emptied(text: &str) -> KeptGuest {
    KeptGuest {
        last_name: None,
        first_name: None,
        gender: None,
        birthday: None,
        email: None,
        phone: None,
        id_number: None,
        id_index: None,
        accepts_marketing: None,
        visits: None,
        vip: None,
        ..kept(text)
    }
}

pub fn of_guest(text: &str) -> ReviewSubject {
    ReviewSubject::Guest(code(text))
}

pub fn about(text: &str, run: SyncRunId, candidates: &[MemberId]) -> NewReview {
    NewReview {
        subject: of_guest(text),
        reason: ReviewReason::SeveralMembers,
        guest: kept(text),
        candidates: candidates.to_vec(),
        run,
        at: at(0),
    }
}

pub async fn ask(store: &impl Store, review: &NewReview) -> ReviewId {
    let mut tx = begin(store).await;
    let id = tx.pms().ask(review).await.unwrap();
    commit(tx).await;
    id
}

pub async fn review(store: &impl Store, id: ReviewId) -> Review {
    let mut tx = begin(store).await;
    tx.pms().review(id).await.unwrap().unwrap()
}

pub async fn decide(
    store: &impl Store,
    id: ReviewId,
    decision: ReviewDecision,
    when: DateTime<Utc>,
) {
    let mut tx = begin(store).await;
    let mut review = tx.pms().review(id).await.unwrap().unwrap();
    review.status = ReviewStatus::Decided;
    review.decision = Some(decision);
    review.decided_member = match decision {
        ReviewDecision::Member(id) => Some(id),
        _ => None,
    };
    review.decided_at = Some(when);
    tx.pms().settle_review(&review).await.unwrap();
    commit(tx).await;
}

fn open(id: ReviewId, new: NewReview) -> Review {
    Review {
        id,
        new,
        status: ReviewStatus::Open,
        decision: None,
        decided_member: None,
        decided_by: None,
        decided_at: None,
    }
}

fn waiting(number: &str, minute: i64) -> KeptStay {
    KeptStay {
        order_number: number.into(),
        room_type: Some("商務雙人房".into()),
        amount_minor: 1_800_000,
        check_in_date: day(15),
        check_out_date: day(18),
        status: PmsStatus::Booked,
        booked_at: Some(at(-9)),
        updated_at: at(minute),
        guest: kept("G1"),
    }
}

async fn keep(store: &impl Store, stays: &[(ReviewSubject, KeptStay)]) {
    let mut tx = begin(store).await;
    tx.pms().keep_waiting(stays).await.unwrap();
    commit(tx).await;
}

async fn take(store: &impl Store, subject: &ReviewSubject, limit: u32) -> Vec<KeptStay> {
    let mut tx = begin(store).await;
    let taken = tx.pms().take_waiting(subject, limit).await.unwrap();
    commit(tx).await;
    taken
}

async fn a_review_is_read_back_as_it_was_asked(store: impl Store) {
    let all = friends(&store, 2).await;
    let run = run_of(&store, PmsKind::Members).await;
    let of_stay = NewReview {
        subject: ReviewSubject::Stay("單號 1".into()),
        candidates: Vec::new(),
        guest: KeptGuest {
            code: None,
            ..emptied("G2")
        },
        ..about("G2", run, &[])
    };
    for new in [about("G1", run, &all), of_stay] {
        let id = ask(&store, &new).await;
        assert_eq!(review(&store, id).await, open(id, new));
    }
    for reason in ReviewReason::ALL {
        let new = NewReview {
            reason,
            ..about(reason.as_str(), run, &all[..1])
        };
        let id = ask(&store, &new).await;
        assert_eq!(review(&store, id).await.new.reason, reason);
    }
    let mut tx = begin(&store).await;
    assert_eq!(tx.pms().review(999_999.into()).await.unwrap(), None);
}

async fn asking_again_brings_an_open_review_up_to_date(store: impl Store) {
    let all = friends(&store, 3).await;
    let run = run_of(&store, PmsKind::Members).await;
    let id = ask(&store, &about("G1", run, &all[..2])).await;
    let other = ask(&store, &about("g1", run, &all[..2])).await;
    let later = run_of(&store, PmsKind::Members).await;
    let again = NewReview {
        reason: ReviewReason::OtherName,
        guest: KeptGuest {
            phone: None,
            ..kept("G1")
        },
        candidates: all[1..].to_vec(),
        run: later,
        at: at(60),
        ..about("G1", run, &[])
    };
    for _ in 0..2 {
        assert_eq!(ask(&store, &again).await, id);
        // Not when it was first asked.
        let expected = NewReview {
            at: at(0),
            ..again.clone()
        };
        assert_eq!(review(&store, id).await, open(id, expected));
    }
    assert_eq!(
        review(&store, other).await,
        open(other, about("g1", run, &all[..2]))
    );
}

async fn thousands_are_asked_about_at_once(store: impl Store) {
    let all = friends(&store, 2).await;
    let run = run_of(&store, PmsKind::Members).await;
    let known = ask(&store, &about("G00007", run, &all)).await;
    let mut many: Vec<NewReview> = (0..2_300)
        .map(|n| about(&format!("G{n:05}"), run, &all[..n % 3]))
        .collect();
    many.reverse();
    let mut tx = begin(&store).await;
    let ids = tx.pms().ask_many(&many).await.unwrap();
    assert!(tx.pms().ask_many(&[]).await.unwrap().is_empty());
    commit(tx).await;
    assert!(ids.contains(&known));
    let subjects: Vec<ReviewSubject> = many.iter().map(|new| new.subject.clone()).collect();
    let mut tx = begin(&store).await;
    let mut found = tx.pms().reviews_of(&subjects).await.unwrap();
    found.reverse();
    let asked: Vec<Review> = ids
        .into_iter()
        .zip(many)
        .map(|(id, new)| open(id, new))
        .collect();
    assert!(found == asked);
}

async fn what_was_decided_stays_and_a_new_question_is_a_new_review(store: impl Store) {
    let all = friends(&store, 2).await;
    let run = run_of(&store, PmsKind::Members).await;
    let first = ask(&store, &about("G1", run, &all)).await;
    decide(&store, first, ReviewDecision::Ignore, at(5)).await;
    let second = ask(&store, &about("G1", run, &all[..1])).await;
    assert_ne!(first, second);
    let decided = review(&store, first).await;
    assert_eq!(
        (decided.status, decided.new.candidates),
        (ReviewStatus::Decided, all)
    );
    assert_eq!(decided.decided_at, Some(at(5)));
    let mut tx = begin(&store).await;
    let last = tx.pms().reviews_of(&[of_guest("G1")]).await.unwrap();
    assert_eq!(last.iter().map(|r| r.id).collect::<Vec<_>>(), [second]);
    assert_eq!(last[0].status, ReviewStatus::Open);
}

async fn a_review_names_only_whom_there_is(store: impl Store) {
    let run = run_of(&store, PmsKind::Members).await;
    let nobody = MemberId::new(999_999);
    for wrong in [
        about("G1", run, &[nobody]),
        about("G1", 999_999.into(), &[]),
    ] {
        let mut tx = begin(&store).await;
        let refused = tx.pms().ask(&wrong).await;
        assert!(matches!(refused, Err(StoreError::Reference)));
    }
    let id = ask(&store, &about("G1", run, &[])).await;
    let mut tx = begin(&store).await;
    let found = tx.pms().review(id).await.unwrap().unwrap();
    let of_nobody = Review {
        status: ReviewStatus::Decided,
        decision: Some(ReviewDecision::Member(nobody)),
        decided_member: Some(nobody),
        ..found.clone()
    };
    let gone = Review {
        id: 999_999.into(),
        ..found
    };
    for wrong in [of_nobody, gone] {
        let refused = tx.pms().settle_review(&wrong).await;
        assert!(matches!(refused, Err(StoreError::Reference)));
    }
}

async fn a_settled_review_forgets_what_the_row_said(store: impl Store) {
    let all = friends(&store, 2).await;
    let run = run_of(&store, PmsKind::Members).await;
    for (guest, decision, member) in [
        ("G1", Some(ReviewDecision::Member(all[1])), Some(all[1])),
        ("G2", Some(ReviewDecision::New), Some(all[0])),
        ("G3", Some(ReviewDecision::Ignore), None),
        ("G4", None, None),
    ] {
        let new = about(guest, run, &all);
        let id = ask(&store, &new).await;
        let status = if decision.is_some() {
            ReviewStatus::Decided
        } else {
            ReviewStatus::Settled
        };
        let settled = Review {
            status,
            decision,
            decided_member: member,
            decided_at: Some(at(9)),
            ..open(id, new.clone())
        };
        let mut tx = begin(&store).await;
        tx.pms().settle_review(&settled).await.unwrap();
        commit(tx).await;
        let expected = Review {
            new: NewReview {
                guest: emptied(guest),
                ..new
            },
            ..settled
        };
        assert_eq!(review(&store, id).await, expected);
    }
}

async fn somebody_who_is_there_decides(db: Database) {
    let mei = staff(&db, "mei", None).await;
    let run = run_of(&db, PmsKind::Members).await;
    let id = ask(&db, &about("G1", run, &[])).await;
    let mut tx = begin(&db).await;
    let mut decided = tx.pms().review(id).await.unwrap().unwrap();
    decided.status = ReviewStatus::Decided;
    decided.decision = Some(ReviewDecision::New);
    decided.decided_by = Some(999_999.into());
    let refused = tx.pms().settle_review(&decided).await;
    assert!(matches!(refused, Err(StoreError::Reference)));
    decided.decided_by = Some(mei);
    tx.pms().settle_review(&decided).await.unwrap();
    commit(tx).await;
    assert_eq!(review(&db, id).await.decided_by, Some(mei));
}

async fn the_reviews_of_subjects_come_in_the_order_of_their_keys(store: impl Store) {
    let run = run_of(&store, PmsKind::Members).await;
    for guest in ["b", "a10", "B", "a9"] {
        ask(&store, &about(guest, run, &[])).await;
    }
    let stay = ReviewSubject::Stay("a9".into());
    let of_stay = NewReview {
        subject: stay.clone(),
        ..about("b", run, &[])
    };
    ask(&store, &of_stay).await;
    let asked = [
        of_guest("b"),
        stay,
        of_guest("nobody"),
        of_guest("a9"),
        of_guest("B"),
    ];
    let mut tx = begin(&store).await;
    let found = tx.pms().reviews_of(&asked).await.unwrap();
    let keys: Vec<String> = found.iter().map(|r| r.new.subject.key()).collect();
    assert_eq!(keys, ["guest B", "guest a9", "guest b", "stay a9"]);
    assert!(tx.pms().reviews_of(&[]).await.unwrap().is_empty());
}

async fn waiting_stays_are_taken_once_in_the_order_of_their_numbers(store: impl Store) {
    let (one, other) = (of_guest("G1"), of_guest("G2"));
    let stays: Vec<(ReviewSubject, KeptStay)> = ["3", "1", "2"]
        .map(|number| (one.clone(), waiting(number, 0)))
        .into_iter()
        .chain([(other.clone(), waiting("4", 0))])
        .collect();
    keep(&store, &stays).await;
    assert!(take(&store, &of_guest("g1"), 9).await.is_empty());
    assert_eq!(
        take(&store, &one, 2).await,
        [waiting("1", 0), waiting("2", 0)]
    );
    assert_eq!(take(&store, &one, 2).await, [waiting("3", 0)]);
    assert!(take(&store, &one, 2).await.is_empty());
    assert_eq!(take(&store, &other, 2).await, [waiting("4", 0)]);
    let many: Vec<(ReviewSubject, KeptStay)> = (0..2_500)
        .map(|n| (one.clone(), waiting(&format!("{n:05}"), 0)))
        .collect();
    keep(&store, &many).await;
    assert_eq!(take(&store, &one, 9_999).await.len(), 2_500);
}

async fn a_waiting_stay_gives_way_to_a_newer_one_alone(store: impl Store) {
    let (one, other) = (of_guest("G1"), of_guest("G2"));
    keep(&store, &[(one.clone(), waiting("1", 5))]).await;
    keep(&store, &[(other.clone(), waiting("1", 4))]).await;
    assert!(take(&store, &other, 9).await.is_empty());
    keep(&store, &[(other.clone(), waiting("1", 6))]).await;
    assert!(take(&store, &one, 9).await.is_empty());
    assert_eq!(take(&store, &other, 9).await, [waiting("1", 6)]);
}

async fn an_erased_member_is_nobodys_guest(store: impl Store) {
    let all = friends(&store, 2).await;
    let run = run_of(&store, PmsKind::Members).await;
    let review_of = in_state("G3", LinkState::Review);
    put_links(
        &store,
        &[
            linked("G1", all[0]),
            linked("G2", all[1]),
            review_of.clone(),
        ],
    )
    .await;
    // Their link is in doubt, and somebody else may be meant as well.
    let doubted = ask(&store, &about("G1", run, &all)).await;
    let other = ask(&store, &about("G3", run, &all)).await;
    keep(
        &store,
        &[
            (of_guest("G1"), waiting("1", 0)),
            (of_guest("G3"), waiting("2", 0)),
        ],
    )
    .await;
    let mut tx = begin(&store).await;
    tx.pms().forget_member(all[0]).await.unwrap();
    assert!(tx.members().delete(all[0]).await.unwrap());
    commit(tx).await;
    let erased = crm_members::GuestLink {
        updated_at: Some(at(0)),
        ..in_state("G1", LinkState::Erased)
    };
    let found = links(&store, &["G1", "G2", "G3"]).await;
    assert_eq!(found, [erased, linked("G2", all[1]), review_of]);
    let settled = review(&store, doubted).await;
    assert_eq!(settled.status, ReviewStatus::Settled);
    assert_eq!(settled.new.guest, emptied("G1"));
    // Whoever else was in question still is.
    let still = review(&store, other).await;
    assert_eq!(
        (still.status, still.new.guest),
        (ReviewStatus::Open, kept("G3"))
    );
    assert_eq!(still.new.candidates, [all[1]]);
    assert!(take(&store, &of_guest("G1"), 9).await.is_empty());
    assert_eq!(take(&store, &of_guest("G3"), 9).await.len(), 1);
}

async fn reviews_about_an_erased_member_alone_are_settled(store: impl Store) {
    let member = friend(&store, "U1", at(0)).await;
    let run = run_of(&store, PmsKind::Members).await;
    put_links(
        &store,
        &[
            in_state("G1", LinkState::Review),
            in_state("G2", LinkState::Ignored),
        ],
    )
    .await;
    let stay = ReviewSubject::Stay("9".into());
    let of_stay = NewReview {
        subject: stay.clone(),
        ..about("G9", run, &[member])
    };
    let alone = [
        ask(&store, &about("G1", run, &[member])).await,
        ask(&store, &of_stay).await,
    ];
    keep(
        &store,
        &[
            (of_guest("G1"), waiting("1", 0)),
            (stay.clone(), waiting("9", 0)),
        ],
    )
    .await;
    let mut tx = begin(&store).await;
    tx.pms().forget_member(member).await.unwrap();
    tx.pms().forget_member(member).await.unwrap();
    commit(tx).await;
    for id in alone {
        let review = review(&store, id).await;
        assert_eq!(review.status, ReviewStatus::Settled);
        assert_eq!(review.new.guest.phone, None);
    }
    assert!(take(&store, &of_guest("G1"), 9).await.is_empty());
    assert!(take(&store, &stay, 9).await.is_empty());
    // The guest is as unknown as before; what was decided stays.
    let left = links(&store, &["G1", "G2"]).await;
    assert_eq!(left, [in_state("G2", LinkState::Ignored)]);
    let again = ask(&store, &about("G1", run, &[])).await;
    assert_ne!(again, alone[0]);
}

async fn a_deleted_member_is_no_candidate_and_no_decision(store: impl Store) {
    let all = friends(&store, 2).await;
    let run = run_of(&store, PmsKind::Members).await;
    let open = ask(&store, &about("G1", run, &all)).await;
    let decided = ask(&store, &about("G2", run, &all)).await;
    decide(&store, decided, ReviewDecision::Member(all[0]), at(5)).await;
    let found = review(&store, decided).await;
    assert_eq!(found.decision, Some(ReviewDecision::Member(all[0])));
    let mut tx = begin(&store).await;
    assert!(tx.members().delete(all[0]).await.unwrap());
    commit(tx).await;
    assert_eq!(review(&store, open).await.new.candidates, [all[1]]);
    let found = review(&store, decided).await;
    assert_eq!(
        (found.status, found.decision, found.decided_member),
        (ReviewStatus::Decided, None, None)
    );
}

async fn listed(db: &Database, status: ReviewStatus, page: PageRequest) -> (u64, Vec<ReviewId>) {
    let list = db.reviews(status, page).await.unwrap();
    let ids = list.items.into_iter().map(|row| row.review.id);
    (list.total, ids.collect())
}

async fn open_reviews_are_listed_the_longest_waiting_first(db: Database) {
    let run = run_of(&db, PmsKind::Members).await;
    let mut ids = Vec::new();
    for (guest, minute) in [("G1", 5), ("G2", 1), ("G3", 5), ("G4", 9)] {
        let new = NewReview {
            at: at(minute),
            ..about(guest, run, &[])
        };
        ids.push(ask(&db, &new).await);
    }
    decide(&db, ids[3], ReviewDecision::New, at(10)).await;
    let expected = vec![ids[1], ids[0], ids[2]];
    assert_eq!(listed(&db, ReviewStatus::Open, ONE).await, (3, expected));
    assert_eq!(db.open_reviews().await.unwrap(), 3);
    let second = PageRequest::new(2, 2).unwrap();
    assert_eq!(
        listed(&db, ReviewStatus::Open, second).await,
        (3, vec![ids[2]])
    );
    assert_eq!(listed(&db, ReviewStatus::Settled, ONE).await, (0, vec![]));
}

async fn decided_reviews_are_listed_the_latest_first(db: Database) {
    let run = run_of(&db, PmsKind::Members).await;
    let mut ids = Vec::new();
    for (guest, minute) in [("G1", 5), ("G2", 9), ("G3", 5)] {
        let id = ask(&db, &about(guest, run, &[])).await;
        decide(&db, id, ReviewDecision::Ignore, at(minute)).await;
        ids.push(id);
    }
    let expected = vec![ids[1], ids[2], ids[0]];
    assert_eq!(listed(&db, ReviewStatus::Decided, ONE).await, (3, expected));
}

async fn a_review_shows_who_it_may_be_and_what_waits(db: Database) {
    let all = friends(&db, 3).await;
    let run = run_of(&db, PmsKind::Members).await;
    let id = ask(&db, &about("G1", run, &all[..2])).await;
    let other = ask(&db, &about("G2", run, &all[2..])).await;
    let cancelled = crm_members::SyncedStay {
        status: PmsStatus::Cancelled,
        ..synced(all[1], "3")
    };
    put(
        &db,
        &[synced(all[1], "1"), synced(all[1], "2"), cancelled],
        at(0),
    )
    .await;
    keep(
        &db,
        &[
            (of_guest("G1"), waiting("7", 0)),
            (of_guest("G1"), waiting("8", 0)),
        ],
    )
    .await;
    let row = PmsQueries::review(&db, id).await.unwrap().unwrap();
    assert_eq!(row.review, review(&db, id).await);
    let who: Vec<(MemberId, u64)> = row
        .candidates
        .iter()
        .map(|c| (c.member_id, c.stays))
        .collect();
    assert_eq!(who, [(all[0], 0), (all[1], 2)]);
    assert!(row.is_open());
    assert_eq!(row.waiting_stays, 2);
    let list = db.reviews(ReviewStatus::Open, ONE).await.unwrap();
    assert_eq!(list.items[0], row);
    assert_eq!(
        (list.items[1].review.id, list.items[1].waiting_stays),
        (other, 0)
    );
    assert_eq!(list.items[1].candidates[0].member_id, all[2]);
    assert_eq!(PmsQueries::review(&db, 999_999.into()).await.unwrap(), None);
}

async fn of_many_who_ask_at_once_one_review_comes(db: Database) {
    let all = friends(&db, 2).await;
    let run = run_of(&db, PmsKind::Members).await;
    let racers = (0..12).map(|_| {
        let (db, new) = (db.clone(), about("G1", run, &all));
        tokio::spawn(async move {
            let mut tx = begin(&db).await;
            let asked = tx.pms().ask(&new).await;
            if asked.is_ok() {
                commit(tx).await;
            }
            asked
        })
    });
    let mut ids = Vec::new();
    for racer in racers.collect::<Vec<_>>() {
        match racer.await.unwrap() {
            Ok(id) => ids.push(id),
            Err(StoreError::Busy(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert_eq!(db.open_reviews().await.unwrap(), 1);
}
