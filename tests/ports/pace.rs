use crm_database::Database;
use crm_line::LinePace;
use crm_workflows::{Hold, Pace, PaceStore, SendKind};
use sea_orm::ConnectionTrait;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

crate::contract!(
    whoever_reserves_at_the_same_time_gets_other_turns,
    two_processes_together_do_not_exceed_the_rate,
    endpoints_have_turns_of_their_own,
    a_message_that_goes_ahead_is_counted,
    a_refusal_slows_everybody_down_and_passes_within_a_minute,
    a_clock_of_the_database_that_is_put_back_stops_nobody,
);

const HUNDRED: NonZeroU32 = NonZeroU32::new(100).unwrap();

struct Ours;

#[async_trait::async_trait]
impl Hold for Ours {
    fn is_valid(&self) -> bool {
        true
    }
    async fn wait(&self, time: Duration) -> bool {
        tokio::time::sleep(time).await;
        true
    }
}

/// How long somebody who comes now would have to wait, in seconds.
async fn wait(db: &Database, kind: SendKind) -> f64 {
    let got = db.reserve(kind, 1, HUNDRED).await.unwrap();
    got.first_in.as_seconds_f64()
}

async fn whoever_reserves_at_the_same_time_gets_other_turns(db: Database) {
    let start = Instant::now();
    let all = (0..20).map(|_| db.reserve(SendKind::Push, 10, HUNDRED));
    let got = futures::future::try_join_all(all).await.unwrap();
    assert!(got.iter().all(|got| got.turns == 10));
    // Two seconds' worth is given out, but for a tenth that may come at once.
    let waits = wait(&db, SendKind::Push).await + start.elapsed().as_secs_f64();
    assert!((1.85..2.2).contains(&waits), "{waits}");
}

async fn two_processes_together_do_not_exceed_the_rate(db: Database) {
    let taken = Arc::new(AtomicU32::new(0));
    let mut tasks = Vec::new();
    for _ in 0..2 {
        let pace = Arc::new(LinePace::new(Arc::new(db.clone()), 100, 0));
        for _ in 0..8 {
            let (pace, taken) = (Arc::clone(&pace), Arc::clone(&taken));
            tasks.push(tokio::spawn(async move {
                while pace.turn(SendKind::Multicast, &Ours).await {
                    taken.fetch_add(1, Ordering::SeqCst);
                }
            }));
        }
    }
    let start = Instant::now();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let most = start.elapsed().as_secs_f64() * 100.0 + 12.0;
    let taken = taken.load(Ordering::SeqCst);
    for task in tasks {
        task.abort();
        let _ = task.await;
    }
    assert!(f64::from(taken) <= most, "{taken} of {most}");
    assert!(taken >= 60, "{taken}");
}

async fn endpoints_have_turns_of_their_own(db: Database) {
    for _ in 0..20 {
        db.reserve(SendKind::Push, 10, HUNDRED).await.unwrap();
    }
    assert!(wait(&db, SendKind::Push).await > 1.0);
    assert!(wait(&db, SendKind::Multicast).await <= 0.0);
}

async fn a_message_that_goes_ahead_is_counted(db: Database) {
    let start = Instant::now();
    for _ in 0..100 {
        db.charge(SendKind::Push, HUNDRED).await.unwrap();
    }
    let waits = wait(&db, SendKind::Push).await + start.elapsed().as_secs_f64();
    assert!((0.85..1.3).contains(&waits), "{waits}");
}

async fn a_refusal_slows_everybody_down_and_passes_within_a_minute(db: Database) {
    let pace = LinePace::new(Arc::new(db.clone()), 0, 100);
    let another = LinePace::new(Arc::new(db.clone()), 0, 100);
    let rate = async || {
        let rate = another.rate(SendKind::Push).await.unwrap().unwrap();
        (rate.per_second, rate.max_per_second)
    };
    assert_eq!(rate().await, (100.0, 100));
    let five_seconds = Some(Duration::from_secs(5));
    pace.slow_down(SendKind::Push, five_seconds).await;
    let (slow, _) = rate().await;
    assert!((50.0..57.0).contains(&slow), "{slow}");
    let waits = wait(&db, SendKind::Push).await;
    assert!((1.0..=5.0).contains(&waits), "{waits}");
    // As if it were 15 seconds, and then a minute ago.
    for (seconds, least) in [(15_i64, 75.0), (60, 100.0)] {
        let past = format!("UPDATE send_paces SET slowed_at = slowed_at - {seconds}000000000");
        db.pool().execute_unprepared(&past).await.unwrap();
        assert!(rate().await.0 >= least);
    }
}

async fn a_clock_of_the_database_that_is_put_back_stops_nobody(db: Database) {
    db.slow_down(SendKind::Push, None, HUNDRED).await.unwrap();
    let ahead = "UPDATE send_paces SET next_at = next_at + 3600000000000, \
                 slowed_at = slowed_at + 3600000000000";
    db.pool().execute_unprepared(ahead).await.unwrap();
    assert!(wait(&db, SendKind::Push).await <= 0.0);
}
