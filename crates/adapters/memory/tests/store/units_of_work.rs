use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::{Clock, Lane, NewJob, StoreError, Transactions};
use crm_memory::{MemoryStore, MovedClock};
use crm_workflows::CrmTx;
use serde_json::Value;

fn job(lane: Lane, key: Option<&str>) -> NewJob {
    NewJob {
        name: "test.job",
        lane,
        payload: Value::Null,
        run_at: DateTime::<Utc>::UNIX_EPOCH,
        dedupe_key: key.map(str::to_owned),
        max_attempts: 1,
    }
}

async fn begin(store: &MemoryStore) -> Box<dyn CrmTx> {
    store.begin().await.unwrap()
}

#[tokio::test]
async fn nothing_is_visible_before_commit_and_nothing_remains_after_a_drop() {
    let store = MemoryStore::default();
    let mut tx = begin(&store).await;
    tx.outbox().put(job(Lane::Sending, None)).await.unwrap();
    assert!(store.jobs().is_empty());
    drop(tx);
    assert!(store.jobs().is_empty());

    let mut tx = begin(&store).await;
    tx.outbox().put(job(Lane::Sending, None)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.jobs().len(), 1);
}

#[tokio::test]
async fn jobs_of_one_lane_and_key_are_one_and_those_without_key_are_many() {
    let store = MemoryStore::default();
    let mut tx = begin(&store).await;
    let outbox = tx.outbox();
    assert!(outbox.put(job(Lane::Sending, Some("a"))).await.unwrap());
    assert!(!outbox.put(job(Lane::Sending, Some("a"))).await.unwrap());
    assert!(outbox.put(job(Lane::Background, Some("a"))).await.unwrap());
    assert!(outbox.put(job(Lane::Sending, None)).await.unwrap());
    assert!(outbox.put(job(Lane::Sending, None)).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(store.jobs().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_each_sees_what_the_one_before_wrote() {
    let store = MemoryStore::default();
    let racers = (0..24).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut tx = begin(&store).await;
            let won = tx.outbox().put(job(Lane::Sending, Some("prize"))).await;
            tokio::task::yield_now().await;
            tx.commit().await.unwrap();
            won.unwrap()
        })
    });
    let mut winners = 0;
    for racer in racers.collect::<Vec<_>>() {
        winners += usize::from(racer.await.unwrap());
    }
    assert_eq!((winners, store.jobs().len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_second_unit_of_work_inside_the_first_gives_up_instead_of_waiting_forever() {
    let store = MemoryStore::default();
    let _first = begin(&store).await;
    let second: Result<Box<dyn CrmTx>, _> = store.begin().await;
    assert!(matches!(second, Err(StoreError::Busy(_))));
}

#[tokio::test]
async fn a_clock_can_be_set_back() {
    let clock = MovedClock::default();
    let before = clock.now();
    clock.advance(TimeDelta::days(1));
    clock.set(before);
    assert_eq!(clock.now(), before);
}
