use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::ops::RangeInclusive;

/// Any number will do, as long as it stays.
const SEED: u64 = 20_260_925;

/// Chance that is the same every time.
pub(super) struct Dice(StdRng);

impl Dice {
    /// New ones, about to fall as they always do.
    pub(super) fn new() -> Self {
        Self(StdRng::seed_from_u64(SEED))
    }

    /// Whether something of this probability happens.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.0.random_bool(probability)
    }

    /// A whole number.
    pub(super) fn number(&mut self, range: RangeInclusive<i64>) -> i64 {
        self.0.random_range(range)
    }

    /// One of them; the first is as likely as the last.
    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.0.random_range(0..from.len())]
    }

    /// One of them, as likely as its weight says.
    pub(super) fn weighted<T: Copy>(&mut self, from: &[(T, u32)]) -> T {
        let total: u32 = from.iter().map(|(_, weight)| weight).sum();
        let mut rest = self.0.random_range(0..total);
        for (item, weight) in from {
            if rest < *weight {
                return *item;
            }
            rest -= weight;
        }
        from[0].0
    }

    /// So many of them, in any order; all when there are fewer.
    pub(super) fn some_of<T: Copy>(&mut self, from: &[T], count: usize) -> Vec<T> {
        let mut left = from.to_vec();
        let count = count.min(left.len());
        for place in 0..count {
            let other = self.0.random_range(place..left.len());
            left.swap(place, other);
        }
        left.truncate(count);
        left
    }

    /// A moment, in whole seconds.
    pub(super) fn moment(&mut self, from: DateTime<Utc>, until: DateTime<Utc>) -> DateTime<Utc> {
        let span = (until - from).num_seconds().max(0);
        from + TimeDelta::seconds(self.number(0..=span))
    }

    /// A moment that is likelier to be late than early: hotels gain guests over time.
    pub(super) fn late_moment(
        &mut self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> DateTime<Utc> {
        let (one, other) = (self.moment(from, until), self.moment(from, until));
        if self.chance(0.5) {
            one.max(other)
        } else {
            one
        }
    }

    /// So many hexadecimal digits.
    pub(super) fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| self.pick(&HEX)).collect()
    }
}

const HEX: [char; 16] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_always_fall_the_same_way() {
        let throw = || {
            let mut dice = Dice::new();
            (dice.hex(32), dice.number(0..=1_000_000))
        };
        assert_eq!(throw(), throw());
    }

    #[test]
    fn some_of_many_are_different_ones() {
        let all: Vec<i64> = (0..100).collect();
        let mut some = Dice::new().some_of(&all, 60);
        some.sort_unstable();
        some.dedup();
        assert_eq!(some.len(), 60);
        assert_eq!(Dice::new().some_of(&all, 200).len(), 100);
    }
}
