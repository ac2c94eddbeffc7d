use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, sleep_until};

/// From the beginning of one request to that of the next: not quite five a second, so that what
/// the network holds up does not make six of them.
const APART: Duration = Duration::from_millis(205);

/// Lets one request go at a time, and not too soon after the one before.
pub(crate) struct Turns(Mutex<Instant>);

/// The right to make a request, until it is dropped.
pub(crate) struct Turn<'a>(#[expect(dead_code, reason = "held")] MutexGuard<'a, Instant>);

impl Turns {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Instant::now()))
    }

    /// Waits for a turn.
    pub(crate) async fn next(&self) -> Turn<'_> {
        let mut free_at = self.0.lock().await;
        sleep_until(*free_at).await;
        *free_at = Instant::now() + APART;
        Turn(free_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[tokio::test(start_paused = true)]
    async fn in_no_second_are_there_more_than_five_requests_whoever_asks() {
        let turns = Arc::new(Turns::new());
        let tasks: Vec<_> = (0..40)
            .map(|_| {
                let turns = turns.clone();
                tokio::spawn(async move {
                    drop(turns.next().await);
                    Instant::now()
                })
            })
            .collect();
        let mut began = Vec::new();
        for task in tasks {
            began.push(task.await.unwrap());
        }
        began.sort_unstable();
        for six in began.windows(6) {
            assert!(six[5] - six[0] > Duration::from_secs(1));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_waits_for_the_end_of_the_one_before_and_no_longer() {
        let turns = Turns::new();
        let start = Instant::now();
        let turn = turns.next().await;
        let second = async {
            drop(turns.next().await);
            start.elapsed()
        };
        let first = async {
            tokio::time::sleep(Duration::from_secs(3)).await;
            drop(turn);
        };
        let (waited, ()) = tokio::join!(second, first);
        assert_eq!(waited, Duration::from_secs(3));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_gives_up_waiting_takes_nobody_s_turn() {
        let turns = Turns::new();
        let turn = turns.next().await;
        let short = Duration::from_millis(1);
        assert!(tokio::time::timeout(short, turns.next()).await.is_err());
        drop(turn);
        let second = Duration::from_secs(1);
        assert!(tokio::time::timeout(second, turns.next()).await.is_ok());
    }
}
