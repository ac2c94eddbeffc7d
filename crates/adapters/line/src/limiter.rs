use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;

/// Our own brake before an endpoint, so that LINE's is not needed.
pub(crate) struct Limiter(Option<DefaultDirectRateLimiter>);

impl Limiter {
    /// At most so many calls a second; 0 = no brake. At most a tenth of a second's worth may
    /// come at once, as LINE's bucket may hold less than a second's worth.
    pub(crate) fn per_second(calls: u32) -> Self {
        let quota = NonZeroU32::new(calls).map(|rate| {
            let burst = NonZeroU32::new(calls / 10).unwrap_or(NonZeroU32::MIN);
            Quota::per_second(rate).allow_burst(burst)
        });
        Self(quota.map(RateLimiter::direct))
    }

    /// Waits until the next call may go.
    pub(crate) async fn wait(&self) {
        if let Some(limiter) = &self.0 {
            limiter.until_ready().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[tokio::test]
    async fn calls_are_spread_over_the_second() {
        let limiter = Limiter::per_second(50);
        let start = Instant::now();
        for _ in 0..15 {
            limiter.wait().await;
        }
        // five at once, ten more at 20 ms each
        assert!(start.elapsed() >= Duration::from_millis(190));
    }

    #[tokio::test]
    async fn zero_is_no_brake_and_one_is_legal() {
        let none = Limiter::per_second(0);
        for _ in 0..10_000 {
            none.wait().await;
        }
        Limiter::per_second(1).wait().await;
    }
}
