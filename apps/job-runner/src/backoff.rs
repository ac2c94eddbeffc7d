//! How long to wait: exponential, capped, and never in step with other processes.

use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

const BASE: Duration = Duration::from_secs(1);
const CAP: Duration = Duration::from_secs(300);

/// The pause after the failure of the `attempt`-th try, counted from 1.
pub(crate) fn after_attempt(attempt: u32) -> Duration {
    exponential(BASE, attempt, CAP)
}

/// `base`, doubled with each failure after the first, at most `cap`, with jitter.
pub(crate) fn exponential(base: Duration, failures: u32, cap: Duration) -> Duration {
    let doublings = failures.saturating_sub(1).min(31);
    jittered(base.saturating_mul(1 << doublings).min(cap)).min(cap)
}

/// `pause` ± 20 %, so that processes started together drift apart.
pub(crate) fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(rand::random_range(0.8..=1.2))
}

/// `now` plus `wait`, or as far as dates go.
pub(crate) fn later(now: DateTime<Utc>, wait: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(wait)
        .ok()
        .and_then(|wait| now.checked_add_signed(wait))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_from_one_second_and_end_at_five_minutes() {
        for (attempt, seconds) in [(1, 1.0), (2, 2.0), (3, 4.0), (9, 256.0), (10, 300.0)] {
            let pause = after_attempt(attempt).as_secs_f64();
            assert!(
                (seconds * 0.8..=seconds * 1.2).contains(&pause),
                "attempt {attempt}: {pause}"
            );
        }
        assert!(after_attempt(u32::MAX) <= CAP);
    }

    #[test]
    fn pauses_differ() {
        let pauses: Vec<_> = (0..20).map(|_| after_attempt(3)).collect();
        assert!(pauses.iter().any(|p| *p != pauses[0]));
    }
}
