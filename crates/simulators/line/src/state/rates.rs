//! LINE's rate limits: one token bucket per endpoint.

use std::collections::HashMap;

use super::Endpoint;

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at_ms: i64,
}

/// The buckets of the channel.
#[derive(Debug, Default)]
pub(crate) struct RateLimits(HashMap<Endpoint, Bucket>);

impl RateLimits {
    /// Whether one more request fits now.
    pub(crate) fn take(&mut self, endpoint: Endpoint, now_ms: i64) -> bool {
        let rate = f64::from(endpoint.per_second());
        let bucket = self.0.entry(endpoint).or_insert(Bucket {
            tokens: rate,
            at_ms: now_ms,
        });
        let elapsed = (now_ms - bucket.at_ms).clamp(0, 60_000) as f64 / 1000.0;
        bucket.tokens = (bucket.tokens + elapsed * rate).min(rate);
        bucket.at_ms = now_ms;
        if bucket.tokens < 1.0 {
            return false;
        }
        bucket.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_of_two_hundred_empties_and_refills() {
        let mut limits = RateLimits::default();
        let taken = |limits: &mut RateLimits, now| {
            (0..500)
                .filter(|_| limits.take(Endpoint::Multicast, now))
                .count()
        };
        assert_eq!(taken(&mut limits, 0), 200);
        assert_eq!(taken(&mut limits, 100), 20);
        assert_eq!(taken(&mut limits, 60_000), 200);
    }
}
