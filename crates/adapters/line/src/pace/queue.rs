use super::slice::Slice;
use chrono::{DateTime, TimeDelta, Utc};
use crm_kernel::StoreError;
use crm_workflows::{Bucket, Hold, PaceStore, Reservation, SendKind};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// How long the storage may take before this process goes by a bucket of its own.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long it does so before the storage is asked again.
const ALONE: Duration = Duration::from_secs(2);
/// How long a message that goes ahead is held up by being counted.
const COUNTING: Duration = Duration::from_millis(200);
/// Further refusals within this time say nothing new.
const SAME_NEWS: Duration = Duration::from_secs(1);

/// Those who wait for a turn at one endpoint.
pub(super) struct Queue {
    kind: SendKind,
    max: NonZeroU32,
    /// The clock of the process' own bucket.
    started: Instant,
    waiting: AtomicU32,
    /// Held by whoever is next; tokio hands it on in order of arrival.
    head: tokio::sync::Mutex<Head>,
    /// Counts the times we were asked to slow down: turns from before are not used any more.
    slowed: AtomicU64,
    own: Mutex<Own>,
}

struct Head {
    slice: Slice,
    slowed: u64,
    alone_until: Option<Instant>,
}

/// What is known without the storage.
struct Own {
    bucket: Bucket,
    /// When LINE last asked to slow down, and for how long.
    refused: Option<(Instant, Option<Duration>)>,
    /// Nobody of this process goes before, whatever the storage says: it may learn of the
    /// refusal only a moment later.
    quiet_until: Instant,
}

/// Somebody in the queue, counted as long as they are.
struct Waiting<'a>(&'a AtomicU32);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicU32) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Queue {
    pub(super) fn new(kind: SendKind, max: NonZeroU32) -> Self {
        let now = Instant::now();
        Self {
            kind,
            max,
            started: now,
            waiting: AtomicU32::new(0),
            head: tokio::sync::Mutex::new(Head {
                slice: Slice::empty(now),
                slowed: 0,
                alone_until: None,
            }),
            slowed: AtomicU64::new(0),
            own: Mutex::new(Own {
                bucket: Bucket {
                    next_at: DateTime::UNIX_EPOCH,
                    slowed: None,
                },
                refused: None,
                quiet_until: now,
            }),
        }
    }

    pub(super) const fn max(&self) -> NonZeroU32 {
        self.max
    }

    pub(super) async fn turn(&self, store: &dyn PaceStore, hold: &dyn Hold) -> bool {
        let _counted = Waiting::new(&self.waiting);
        let mut head = self.head.lock().await;
        while hold.is_valid() {
            let slowed = self.slowed.load(Ordering::Acquire);
            let now = Instant::now();
            if head.slowed != slowed {
                head.slice = Slice::empty(now);
                head.slowed = slowed;
            }
            let Some(due) = head.slice.take(now) else {
                self.refill(&mut head, store).await;
                continue;
            };
            let wait = due.max(self.quiet_until()).saturating_duration_since(now);
            if !wait.is_zero() && !hold.wait(wait).await {
                return false;
            }
            // Whoever was asked to slow down while we waited meant us too.
            if self.slowed.load(Ordering::Acquire) == slowed {
                return hold.is_valid();
            }
        }
        false
    }

    pub(super) async fn ahead(&self, store: &dyn PaceStore) {
        let counted = timeout(COUNTING, store.charge(self.kind, self.max)).await;
        if !matches!(counted, Ok(Ok(()))) {
            tracing::debug!("a {} that went ahead was not counted", self.kind.as_str());
        }
    }

    pub(super) async fn slow_down(&self, store: &dyn PaceStore, retry_after: Option<Duration>) {
        let now = Instant::now();
        {
            let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
            let known = own.refused.is_some_and(|(at, pause)| {
                now.saturating_duration_since(at) < SAME_NEWS && retry_after <= pause
            });
            if known {
                return;
            }
            own.refused = Some((now, retry_after));
            let own_time = self.own_time(now);
            own.bucket = own.bucket.slow_down(retry_after, own_time, self.max);
            let pause = own.bucket.next_at - own_time;
            own.quiet_until = now + pause.to_std().unwrap_or_default();
        }
        self.slowed.fetch_add(1, Ordering::Release);
        let kind = self.kind.as_str();
        tracing::warn!(?retry_after, "LINE asks to slow down: {kind}");
        let asked = timeout(PATIENCE, store.slow_down(self.kind, retry_after, self.max)).await;
        if let Some(error) = trouble(asked) {
            tracing::warn!(error, "only this process slows down: {kind}");
        }
        // Once more: a slice that was reserved meanwhile is as fast as the one before.
        self.slowed.fetch_add(1, Ordering::Release);
    }

    async fn refill(&self, head: &mut Head, store: &dyn PaceStore) {
        let now = Instant::now();
        let want = self.waiting.load(Ordering::Relaxed);
        let want = want.max(head.slice.demand(now));
        let reservation = if head.alone_until.is_some_and(|until| now < until) {
            self.reserve_alone(want, now)
        } else {
            match timeout(PATIENCE, store.reserve(self.kind, want, self.max)).await {
                Ok(Ok(reservation)) => {
                    if head.alone_until.take().is_some() {
                        tracing::info!("the pace of {} is shared again", self.kind.as_str());
                    }
                    reservation
                }
                failed => {
                    let error = trouble(failed).unwrap_or_default();
                    if head.alone_until.is_none() {
                        let kind = self.kind.as_str();
                        tracing::warn!(error, "the pace of {kind} is not shared for now");
                    }
                    let now = Instant::now();
                    head.alone_until = Some(now + ALONE);
                    self.reserve_alone(want, now)
                }
            }
        };
        head.slice = Slice::new(reservation, Instant::now());
    }

    fn reserve_alone(&self, want: u32, now: Instant) -> Reservation {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let (bucket, reservation) = own.bucket.reserve(want, self.own_time(now), self.max);
        own.bucket = bucket;
        reservation
    }

    fn quiet_until(&self) -> Instant {
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        own.quiet_until
    }

    fn own_time(&self, now: Instant) -> DateTime<Utc> {
        let passed = now.saturating_duration_since(self.started);
        DateTime::UNIX_EPOCH + TimeDelta::from_std(passed).unwrap_or_default()
    }
}

/// What went wrong, in words for the log.
fn trouble<T>(asked: Result<Result<T, StoreError>, tokio::time::error::Elapsed>) -> Option<String> {
    match asked {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some("the storage takes too long".to_owned()),
    }
}
