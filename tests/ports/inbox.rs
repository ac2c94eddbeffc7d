//! Events put down by many at once.

use crate::samples::{at, begin, commit};
use crm_database::{Database, GroupedInbox};
use crm_kernel::{JobQueue, Lane, Lease, PageRequest};
use crm_workflows::{
    EventFilter, EventInbox, EventStatus, HandleInboundEvents, InboundEvent, InboundQueries, What,
};
use serde_json::json;
use std::collections::BTreeSet;

crate::contract!(
    events_of_many_deliveries_are_stored_once_each_with_a_job_for_each_guest,
    two_processes_that_store_the_same_events_store_them_once,
    a_thousand_events_in_one_delivery_are_stored,
    nothing_is_done_for_what_is_only_kept,
    events_that_nobody_goes_on_with_are_found,
    old_events_go_and_dead_ones_stay,
);

fn event(id: &str, uid: &str) -> InboundEvent {
    InboundEvent {
        id: id.into(),
        line_uid: Some(uid.into()),
        at: at(0),
        reply_token: None,
        redelivered: false,
        what: What::Follow { unblocked: false },
        raw: json!({}),
    }
}

async fn count(db: &Database, status: Option<EventStatus>) -> u64 {
    let filter = EventFilter { status, kind: None };
    let page = PageRequest::new(1, 1).unwrap();
    let list = InboundQueries::list(db, &filter, page).await.unwrap();
    list.total
}

/// The guests of all jobs, each as often as there is a job for them.
async fn guests_with_jobs(db: &Database) -> Vec<String> {
    let lease = Lease {
        token: "t".into(),
        until: at(60),
    };
    let jobs = db.claim(Lane::Interactive, 1_000, &lease, at(60)).await;
    let mut guests = Vec::new();
    for job in jobs.unwrap() {
        let job: HandleInboundEvents = serde_json::from_value(job.payload).unwrap();
        for id in job.event_ids {
            let mut tx = begin(db).await;
            guests.push(tx.inbound().guest_of(id).await.unwrap().unwrap());
        }
    }
    guests.sort();
    guests
}

async fn events_of_many_deliveries_are_stored_once_each_with_a_job_for_each_guest(db: Database) {
    let inbox = GroupedInbox::new(db.clone());
    let deliveries = (0..64).map(|n| {
        let inbox = inbox.clone();
        async move {
            let guest = format!("U{}", n % 8);
            // The second of each is delivered again by the next.
            let own = event(&format!("{n}"), &guest);
            let shared = event(&format!("shared-{}", n / 2), "shared");
            inbox.store(vec![own, shared], at(1)).await.unwrap()
        }
    });
    let new: usize = futures::future::join_all(deliveries).await.iter().sum();
    assert_eq!(new, 64 + 32);
    assert_eq!(count(&db, Some(EventStatus::Waiting)).await, 96);
    let guests: BTreeSet<String> = guests_with_jobs(&db).await.into_iter().collect();
    assert_eq!(guests.len(), 9);
}

async fn two_processes_that_store_the_same_events_store_them_once(db: Database) {
    let events: Vec<InboundEvent> = (0..200).map(|n| event(&format!("{n}"), "U1")).collect();
    let (one, other) = (GroupedInbox::new(db.clone()), GroupedInbox::new(db.clone()));
    let mut turned = events.clone();
    turned.reverse();
    let (a, b) = tokio::join!(one.store(events, at(1)), other.store(turned, at(1)));
    a.unwrap();
    b.unwrap();
    assert_eq!(count(&db, None).await, 200);
}

async fn a_thousand_events_in_one_delivery_are_stored(db: Database) {
    let inbox = GroupedInbox::new(db.clone());
    let guest = |n: usize| format!("U{:03}", n % 100);
    let events: Vec<InboundEvent> = (0..1_000)
        .map(|n| event(&format!("{n}"), &guest(n)))
        .collect();
    assert_eq!(inbox.store(events.clone(), at(1)).await.unwrap(), 1_000);
    assert_eq!(inbox.store(events, at(2)).await.unwrap(), 0);
    let expected: Vec<String> = (0..100).map(guest).collect();
    assert_eq!(guests_with_jobs(&db).await, expected);
}

async fn nothing_is_done_for_what_is_only_kept(db: Database) {
    let inbox = GroupedInbox::new(db.clone());
    let mut unknown = event("1", "U1");
    unknown.what = What::Other {
        kind: "membership".into(),
    };
    assert_eq!(inbox.store(vec![unknown], at(1)).await.unwrap(), 1);
    assert_eq!(count(&db, Some(EventStatus::Handled)).await, 1);
    assert!(guests_with_jobs(&db).await.is_empty());
}

async fn events_that_nobody_goes_on_with_are_found(db: Database) {
    let mut tx = begin(&db).await;
    let mut ids = Vec::new();
    for (id, guest) in [("1", "U1"), ("2", "U1"), ("3", "U2")] {
        let stored = tx.inbound().insert(&event(id, guest), at(0)).await;
        ids.push(stored.unwrap().unwrap());
    }
    commit(tx).await;
    let left = async |before| {
        let mut left = db.left_waiting(at(before), at(10), 10).await.unwrap();
        left.sort();
        left
    };
    assert!(left(0).await.is_empty());
    assert_eq!(left(5).await, [ids[0], ids[2]]);
    let mut tx = begin(&db).await;
    tx.inbound().handled(ids[0], at(6)).await.unwrap();
    tx.inbound().handled(ids[1], at(6)).await.unwrap();
    tx.inbound().give_up(ids[2], "no").await.unwrap();
    commit(tx).await;
    assert!(left(5).await.is_empty());
}

async fn old_events_go_and_dead_ones_stay(db: Database) {
    let mut tx = begin(&db).await;
    for (id, minute) in [("old", 0), ("dead", 0), ("waits", 0), ("young", 9)] {
        let id_of = tx.inbound().insert(&event(id, id), at(minute)).await;
        let id_of = id_of.unwrap().unwrap();
        match id {
            "dead" => tx.inbound().give_up(id_of, "no").await.unwrap(),
            "waits" => {}
            _ => tx.inbound().handled(id_of, at(9)).await.unwrap(),
        }
    }
    commit(tx).await;
    assert_eq!(db.trim(at(5), 10).await.unwrap(), 1);
    assert_eq!(db.trim(at(5), 10).await.unwrap(), 0);
    assert_eq!(count(&db, Some(EventStatus::Handled)).await, 1);
    assert_eq!(count(&db, None).await, 3);
}
