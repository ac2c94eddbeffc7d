//! Waiting for a turn, over a storage that can fail.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::StoreError;
use crm_line::LinePace;
use crm_workflows::{Bucket, Hold, Pace, PaceStore, Reservation, SendKind};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// One bucket, by its own clock.
struct Shared {
    bucket: Mutex<Bucket>,
    started: Instant,
    calls: AtomicU32,
    is_away: AtomicBool,
    takes: Duration,
}

impl Shared {
    fn new(takes: Duration) -> Arc<Self> {
        Arc::new(Self {
            bucket: Mutex::new(Bucket {
                next_at: DateTime::UNIX_EPOCH,
                slowed: None,
            }),
            started: Instant::now(),
            calls: AtomicU32::new(0),
            is_away: AtomicBool::new(false),
            takes,
        })
    }

    async fn change<T>(
        &self,
        change: impl FnOnce(Bucket, DateTime<Utc>) -> (Bucket, T),
    ) -> Result<T, StoreError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(self.takes).await;
        if self.is_away.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("away".into()));
        }
        let passed = TimeDelta::from_std(self.started.elapsed()).unwrap();
        let mut bucket = self.bucket.lock().unwrap();
        let (next, answer) = change(*bucket, DateTime::UNIX_EPOCH + TimeDelta::days(1) + passed);
        *bucket = next;
        Ok(answer)
    }

    fn calls(&self) -> u32 {
        self.calls.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl PaceStore for Shared {
    async fn reserve(
        &self,
        _: SendKind,
        want: u32,
        max: NonZeroU32,
    ) -> Result<Reservation, StoreError> {
        self.change(|bucket, now| bucket.reserve(want, now, max))
            .await
    }
    async fn charge(&self, _: SendKind, max: NonZeroU32) -> Result<(), StoreError> {
        self.change(|bucket, now| (bucket.charge(now, max), ()))
            .await
    }
    async fn slow_down(
        &self,
        _: SendKind,
        retry_after: Option<Duration>,
        max: NonZeroU32,
    ) -> Result<(), StoreError> {
        self.change(|bucket, now| (bucket.slow_down(retry_after, now, max), ()))
            .await
    }
    async fn rate(&self, _: SendKind, max: NonZeroU32) -> Result<f64, StoreError> {
        self.change(|bucket, now| (bucket, bucket.rate(now, max)))
            .await
    }
}

struct Ours(AtomicBool);

#[async_trait]
impl Hold for Ours {
    fn is_valid(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
    async fn wait(&self, time: Duration) -> bool {
        tokio::time::sleep(time).await;
        self.is_valid()
    }
}

fn ours() -> Ours {
    Ours(AtomicBool::new(true))
}

/// Turns that so many tasks get within a time, each asking again at once.
async fn turns(pace: &Arc<LinePace>, tasks: usize, time: Duration) -> u32 {
    let count = Arc::new(AtomicU32::new(0));
    let tasks: Vec<_> = (0..tasks)
        .map(|_| {
            let (pace, count) = (Arc::clone(pace), Arc::clone(&count));
            tokio::spawn(async move {
                while pace.turn(SendKind::Push, &ours()).await {
                    count.fetch_add(1, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    tokio::time::sleep(time).await;
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
    count.load(Ordering::SeqCst)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifteen_hundred_a_second_are_reached_with_a_few_reservations() {
    let store = Shared::new(Duration::from_millis(5));
    let pace = Arc::new(LinePace::new(store.clone(), 0, 1_500));
    let turns = turns(&pace, 256, Duration::from_secs(2)).await;
    // Two seconds' worth, and a tenth at once; a busy machine may give a little less.
    assert!((2_600..=3_160).contains(&turns), "{turns}");
    assert!(store.calls() <= 40, "{}", store.calls());
}

#[tokio::test]
async fn two_processes_share_the_rate() {
    let store = Shared::new(Duration::ZERO);
    let [a, b] = [(); 2].map(|()| Arc::new(LinePace::new(store.clone(), 0, 200)));
    let time = Duration::from_secs(1);
    let (a, b) = tokio::join!(turns(&a, 20, time), turns(&b, 20, time));
    assert!((180..=245).contains(&(a + b)), "{a} + {b}");
    assert!(a > 60 && b > 60, "{a} + {b}");
}

#[tokio::test]
async fn who_came_first_goes_first() {
    let pace = Arc::new(LinePace::new(Shared::new(Duration::ZERO), 100, 0));
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = Vec::new();
    for n in 0..30 {
        let (pace, order) = (Arc::clone(&pace), Arc::clone(&order));
        tasks.push(tokio::spawn(async move {
            assert!(pace.turn(SendKind::Multicast, &ours()).await);
            order.lock().unwrap().push(n);
        }));
        tokio::task::yield_now().await;
    }
    for task in tasks {
        task.await.unwrap();
    }
    let expected: Vec<_> = (0..30).collect();
    assert_eq!(*order.lock().unwrap(), expected);
}

#[tokio::test]
async fn no_limit_asks_nobody_and_waits_for_nothing() {
    let store = Shared::new(Duration::from_secs(9));
    let pace = LinePace::new(store.clone(), 0, 0);
    for _ in 0..10_000 {
        assert!(pace.turn(SendKind::Push, &ours()).await);
    }
    pace.ahead(SendKind::Push).await;
    pace.slow_down(SendKind::Push, None).await;
    assert_eq!(pace.rate(SendKind::Push).await.unwrap(), None);
    assert_eq!(store.calls(), 0);
}

#[tokio::test]
async fn a_storage_that_is_away_or_hangs_stops_nobody_and_nobody_goes_faster() {
    for takes in [Duration::ZERO, Duration::from_secs(60)] {
        let store = Shared::new(takes);
        store.is_away.store(true, Ordering::SeqCst);
        let pace = Arc::new(LinePace::new(store.clone(), 0, 100));
        let turns = turns(&pace, 8, Duration::from_millis(1_900)).await;
        assert!((70..=205).contains(&turns), "{turns}");
        assert!(store.calls() <= 2, "{}", store.calls());
    }
}

#[tokio::test]
async fn one_message_goes_at_once_and_the_others_make_room() {
    let store = Shared::new(Duration::ZERO);
    let pace = Arc::new(LinePace::new(store.clone(), 0, 10));
    let ahead = Instant::now();
    for _ in 0..20 {
        pace.ahead(SendKind::Push).await;
    }
    assert!(ahead.elapsed() < Duration::from_millis(500));
    let start = Instant::now();
    assert!(pace.turn(SendKind::Push, &ours()).await);
    assert!(start.elapsed() > Duration::from_millis(1_300));
}

#[tokio::test]
async fn a_refusal_makes_everybody_wait_even_for_turns_they_had() {
    let store = Shared::new(Duration::ZERO);
    let [a, b] = [(); 2].map(|()| Arc::new(LinePace::new(store.clone(), 0, 1_000)));
    assert!(a.turn(SendKind::Push, &ours()).await);
    let second = Some(Duration::from_secs(1));
    a.slow_down(SendKind::Push, second).await;
    let start = Instant::now();
    let (a, b) = tokio::join!(
        turns(&a, 50, Duration::from_millis(900)),
        turns(&b, 50, Duration::from_millis(900)),
    );
    assert!(start.elapsed() < Duration::from_secs(1));
    assert_eq!((a, b), (0, 0));
}

#[tokio::test]
async fn many_refusals_at_once_are_told_once() {
    let store = Shared::new(Duration::ZERO);
    let pace = LinePace::new(store.clone(), 0, 1_000);
    for _ in 0..200 {
        pace.slow_down(SendKind::Push, None).await;
    }
    assert_eq!(store.calls(), 1);
    let rate = pace.rate(SendKind::Push).await.unwrap().unwrap();
    assert!((500.0..600.0).contains(&rate.per_second));
}

#[tokio::test]
async fn who_lost_the_job_gets_no_turn() {
    let pace = LinePace::new(Shared::new(Duration::ZERO), 0, 1);
    let lost = Ours(AtomicBool::new(false));
    assert!(!pace.turn(SendKind::Push, &lost).await);
    assert!(!pace.turn(SendKind::Reply, &lost).await);
}
