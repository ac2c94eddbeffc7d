//! What several API processes know of each other's requests.

use crm_database::{Database, KeptSlot};

crate::contract!(
    of_many_who_claim_a_slot_one_has_it,
    an_answer_is_kept_for_whoever_asks_again,
    a_slot_given_back_is_free_and_one_with_an_answer_is_not,
    a_slot_claimed_long_ago_is_free_again,
    every_request_is_counted_however_many_come_at_once,
    a_minute_begins_with_its_first_request,
    what_is_old_is_forgotten,
);

const NOW: i64 = 1_790_000_000_000;
const MINUTE: i64 = 60_000;

fn taken(request_hash: &str) -> KeptSlot {
    KeptSlot::Taken {
        request_hash: request_hash.into(),
        claimed_at: NOW,
    }
}

async fn claim(db: &Database, slot: &str, hash: &str) -> KeptSlot {
    db.claim_slot(slot, hash, NOW, NOW - MINUTE).await.unwrap()
}

async fn of_many_who_claim_a_slot_one_has_it(db: Database) {
    let hashes: Vec<String> = (0..12).map(|i| format!("hash {i}")).collect();
    let racers = hashes.iter().map(|hash| claim(&db, "slot", hash));
    let results = futures::future::join_all(racers).await;
    let winners: Vec<&String> = hashes
        .iter()
        .zip(&results)
        .filter(|(_, result)| **result == KeptSlot::Ours)
        .map(|(hash, _)| hash)
        .collect();
    let [winner] = winners[..] else {
        panic!("{} winners", winners.len())
    };
    for result in results {
        assert!(result == KeptSlot::Ours || result == taken(winner));
    }
    assert_eq!(claim(&db, "another", "x").await, KeptSlot::Ours);
    assert_eq!(
        claim(&db, "Slot", "x").await,
        KeptSlot::Ours,
        "capitals count"
    );
}

async fn an_answer_is_kept_for_whoever_asks_again(db: Database) {
    assert_eq!(claim(&db, "slot", "a").await, KeptSlot::Ours);
    let body = format!("sealed 𠮷 {}", "x".repeat(200_000));
    db.keep_answer("slot", 201, Some("/api/v1/members/1"), &body)
        .await
        .unwrap();
    for hash in ["a", "b"] {
        let kept = KeptSlot::Ended {
            request_hash: "a".into(),
            status: 201,
            location: Some("/api/v1/members/1".into()),
            body: body.clone(),
        };
        assert_eq!(claim(&db, "slot", hash).await, kept);
    }
}

async fn a_slot_given_back_is_free_and_one_with_an_answer_is_not(db: Database) {
    assert_eq!(claim(&db, "slot", "a").await, KeptSlot::Ours);
    assert_eq!(claim(&db, "slot", "b").await, taken("a"));
    db.free_slot("slot").await.unwrap();
    assert_eq!(claim(&db, "slot", "b").await, KeptSlot::Ours);
    db.keep_answer("slot", 200, None, "").await.unwrap();
    db.free_slot("slot").await.unwrap();
    assert!(matches!(
        claim(&db, "slot", "c").await,
        KeptSlot::Ended {
            status: 200,
            location: None,
            ..
        }
    ));
    db.free_slot("nobody's").await.unwrap();
}

async fn a_slot_claimed_long_ago_is_free_again(db: Database) {
    assert_eq!(claim(&db, "slot", "a").await, KeptSlot::Ours);
    let later = |by| db.claim_slot("slot", "b", NOW + by, NOW + by - MINUTE);
    assert_eq!(later(MINUTE).await.unwrap(), taken("a"));
    let racers = (0..12).map(|_| later(MINUTE + 1));
    let results = futures::future::join_all(racers).await;
    let winners = results.into_iter().filter(|result| {
        let result = result.as_ref().unwrap();
        *result == KeptSlot::Ours
    });
    assert_eq!(winners.count(), 1);
}

async fn every_request_is_counted_however_many_come_at_once(db: Database) {
    let racers = (0..40).map(|i| {
        let db = db.clone();
        async move {
            let counted = if i % 4 == 3 { "user:2" } else { "user:1" };
            db.count_request(counted, NOW).await.unwrap()
        }
    });
    for (since, hits) in futures::future::join_all(racers).await {
        assert_eq!(since, NOW);
        assert!((1..=30).contains(&hits));
    }
    assert_eq!(db.count_request("user:1", NOW).await.unwrap(), (NOW, 31));
    assert_eq!(db.count_request("user:2", NOW).await.unwrap(), (NOW, 11));
}

async fn a_minute_begins_with_its_first_request(db: Database) {
    let count = async |now| db.count_request("user:1", now).await.unwrap();
    assert_eq!(count(NOW).await, (NOW, 1));
    assert_eq!(count(NOW + MINUTE - 1).await, (NOW, 2));
    assert_eq!(count(NOW + MINUTE).await, (NOW + MINUTE, 1));
    assert_eq!(count(NOW + MINUTE + 5).await, (NOW + MINUTE, 2));
    // A clock that was put back does not lock anybody out.
    assert_eq!(count(NOW).await, (NOW, 1));
    assert_eq!(count(NOW).await, (NOW, 2));
}

async fn what_is_old_is_forgotten(db: Database) {
    for (slot, claimed) in [("old", NOW - 2), ("new", NOW)] {
        db.claim_slot(slot, "a", claimed, 0).await.unwrap();
        db.keep_answer(slot, 200, None, "body").await.unwrap();
        db.count_request(slot, claimed).await.unwrap();
    }
    assert_eq!(db.forget_requests(NOW - 1, NOW - 1).await.unwrap(), 2);
    assert_eq!(db.forget_requests(NOW - 1, NOW - 1).await.unwrap(), 0);
    assert_eq!(claim(&db, "old", "b").await, KeptSlot::Ours);
    assert!(matches!(
        claim(&db, "new", "b").await,
        KeptSlot::Ended { .. }
    ));
    assert_eq!(db.count_request("new", NOW).await.unwrap(), (NOW, 2));
}
