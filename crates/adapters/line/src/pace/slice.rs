use chrono::TimeDelta;
use crm_workflows::Reservation;
use std::time::{Duration, Instant};

/// A turn that nobody took for so long is gone; also what a reservation is made for.
const TENTH: Duration = Duration::from_millis(100);

/// Turns that this process has reserved and not yet handed out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slice {
    next: Instant,
    interval: Duration,
    left: u32,
    since: Instant,
    taken: u32,
}

impl Slice {
    /// None.
    pub(super) fn empty(now: Instant) -> Self {
        Self {
            next: now,
            interval: Duration::ZERO,
            left: 0,
            since: now,
            taken: 0,
        }
    }

    /// What was reserved a moment ago.
    pub(super) fn new(reservation: Reservation, now: Instant) -> Self {
        let first_in = reservation.first_in;
        let next = if first_in < TimeDelta::zero() {
            now.checked_sub((-first_in).to_std().unwrap_or_default())
        } else {
            now.checked_add(first_in.to_std().unwrap_or_default())
        };
        Self {
            next: next.unwrap_or(now),
            interval: reservation.interval,
            left: reservation.turns,
            since: now,
            taken: 0,
        }
    }

    /// Hands out the next turn: when it is due.
    pub(super) fn take(&mut self, now: Instant) -> Option<Instant> {
        while self.left > 0 {
            let due = self.next;
            self.left -= 1;
            self.next += self.interval;
            if due + TENTH >= now {
                self.taken += 1;
                return Some(due);
            }
        }
        None
    }

    /// How many turns a tenth of a second takes, as the last ones were taken.
    pub(super) fn demand(&self, now: Instant) -> u32 {
        let since = now.saturating_duration_since(self.since);
        let passed = since.as_millis().max(1);
        let demand = u128::from(self.taken) * TENTH.as_millis() / passed;
        u32::try_from(demand).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(first_in_ms: i64, turns: u32, now: Instant) -> Slice {
        let reservation = Reservation {
            first_in: TimeDelta::milliseconds(first_in_ms),
            interval: Duration::from_millis(10),
            turns,
        };
        Slice::new(reservation, now)
    }

    #[test]
    fn turns_are_evenly_spaced_and_end() {
        let now = Instant::now();
        let mut slice = slice(50, 3, now);
        let due: Vec<_> = std::iter::from_fn(|| slice.take(now)).collect();
        let ms = |ms| now + Duration::from_millis(ms);
        assert_eq!(due, [ms(50), ms(60), ms(70)]);
    }

    #[test]
    fn turns_that_nobody_took_are_gone_after_a_tenth_of_a_second() {
        let now = Instant::now();
        let mut slice = slice(0, 30, now);
        let late = now + Duration::from_millis(200);
        assert_eq!(slice.take(late), Some(now + TENTH));
        assert_eq!(slice.take(now + Duration::from_secs(5)), None);
    }

    #[test]
    fn who_took_few_turns_asks_for_few() {
        let now = Instant::now();
        let mut slice = slice(0, 10, now);
        for _ in 0..4 {
            slice.take(now);
        }
        assert_eq!(slice.demand(now + TENTH), 4);
        assert_eq!(slice.demand(now + Duration::from_millis(50)), 8);
        assert_eq!(slice.demand(now + Duration::from_secs(3_600)), 0);
    }
}
