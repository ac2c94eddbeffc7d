//! The simulator's own time, and the ids LINE would hand out.
//!
//! A simulator plays an outside party, so it has its own clock. Tests move it forward to see a reply
//! token expire or a retry key be forgotten.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use chrono::Utc;
use rand::RngExt;
use uuid::Uuid;

/// The system clock plus what a test added to it.
#[derive(Debug, Default)]
pub(crate) struct SimulatedClock {
    ahead_ms: AtomicI64,
}

impl SimulatedClock {
    /// UNIX time in milliseconds.
    #[expect(
        clippy::disallowed_methods,
        reason = "the simulator is an outside party and owns its clock"
    )]
    pub(crate) fn now_ms(&self) -> i64 {
        Utc::now().timestamp_millis() + self.ahead_ms.load(Ordering::Relaxed)
    }

    pub(crate) fn advance(&self, by: Duration) {
        let ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.ahead_ms.fetch_add(ms, Ordering::Relaxed);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the simulator is an outside party and makes its own ids"
)]
fn random() -> Uuid {
    Uuid::new_v4()
}

/// The value of `X-Line-Request-Id`.
pub(crate) fn request_id() -> String {
    random().to_string()
}

/// Sixteen random bytes: a new user ID.
pub(crate) fn user_id_bytes() -> [u8; 16] {
    random().into_bytes()
}

/// A reply token or a quote token.
pub(crate) fn token() -> String {
    random().simple().to_string()
}

/// Message ids are long decimal numbers, unique over the whole API.
pub(crate) fn message_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    // A receiver that outlives the simulator must not meet an id again.
    static FIRST: LazyLock<u64> = LazyLock::new(|| rand::rng().random_range(500_000..900_000));
    let number = *FIRST * 1_000_000_000_000 + NEXT.fetch_add(1, Ordering::Relaxed);
    number.to_string()
}

/// A ULID: 48 bits of time and 80 random bits in Crockford's base 32, 26 characters.
pub(crate) fn webhook_event_id(now_ms: i64) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let time = u128::try_from(now_ms).unwrap_or_default() & 0xFFFF_FFFF_FFFF;
    let chance = rand::rng().random::<u128>() >> 48;
    let bits = (time << 80) | chance;
    (0..26)
        .rev()
        .map(|i| char::from(ALPHABET[((bits >> (i * 5)) & 31) as usize]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_ids_are_ulids_that_sort_by_time() {
        let (early, late) = (
            webhook_event_id(1_700_000_000_000),
            webhook_event_id(1_700_000_000_001),
        );
        assert_eq!(early.len(), 26);
        assert!(early < late);
    }
}
