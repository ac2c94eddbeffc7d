use chrono::{DateTime, TimeDelta, Utc};
use std::num::NonZeroU32;
use std::time::Duration;

/// What may come at once after a lull, and what is handed out at once: this long's worth.
const SLICE: TimeDelta = TimeDelta::milliseconds(100);
/// How long the rate takes from next to nothing back to its maximum, in seconds.
const RECOVERY: f64 = 60.0;
/// Answers to requests that were under way together count as one.
const HALVED_AT_MOST_EVERY: TimeDelta = TimeDelta::seconds(1);
/// The pause where LINE names none: whoever is still refused after it asked just one second's
/// first few requests.
const USUAL_PAUSE: Duration = Duration::from_secs(1);
/// Longest that LINE may ask to wait.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A next turn farther away than this was not given out: the clock was put back.
const FARTHEST: TimeDelta = TimeDelta::minutes(2);

/// The turns of one endpoint, in virtual time (GCRA): each turn moves `next_at` on by the
/// interval between two. A pure rule; whoever stores it brings the time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// When the next turn is due.
    pub next_at: DateTime<Utc>,
    /// The last time that LINE asked to slow down.
    pub slowed: Option<SlowedDown>,
}

/// A rate that was lowered, from where it grows back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SlowedDown {
    /// Turns a second at that moment.
    pub to: f64,
    /// When.
    pub at: DateTime<Utc>,
}

/// Turns that somebody got for themself, evenly spaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// When the first of them is due, counted from the moment of the reservation; negative when
    /// it was due already, by a tenth of a second at most.
    pub first_in: TimeDelta,
    /// Time between two.
    pub interval: Duration,
    /// How many.
    pub turns: u32,
}

impl Bucket {
    /// The turns a second that are given out at present.
    #[must_use]
    pub fn rate(&self, now: DateTime<Utc>, max: NonZeroU32) -> f64 {
        let max = f64::from(max.get());
        let Some(slowed) = self.slowed else {
            return max;
        };
        let since = (now - slowed.at).to_std().unwrap_or_default();
        (slowed.to + max * since.as_secs_f64() / RECOVERY).clamp(1.0, max)
    }

    /// Reserves turns: as many as are wanted, but no more than a tenth of a second's worth, and
    /// at least one.
    #[must_use]
    pub fn reserve(self, want: u32, now: DateTime<Utc>, max: NonZeroU32) -> (Self, Reservation) {
        let bucket = self.settled(now);
        let rate = bucket.rate(now, max);
        let interval = interval(rate);
        let slice = Duration::from_millis(100).as_nanos() / interval.as_nanos().max(1);
        let slice = u32::try_from(slice).unwrap_or(u32::MAX).max(1);
        let turns = want.clamp(1, slice);
        // What nobody used is gone, but for what a slow database may take.
        let first = bucket.next_at.max(now - SLICE);
        let reserved = Self {
            next_at: first + delta(interval * turns),
            ..bucket
        };
        let reservation = Reservation {
            first_in: first - now,
            interval,
            turns,
        };
        (reserved, reservation)
    }

    /// Takes one turn for a request that goes at once: all others wait that much longer.
    #[must_use]
    pub fn charge(self, now: DateTime<Utc>, max: NonZeroU32) -> Self {
        self.reserve(1, now, max).0
    }

    /// LINE asked to slow down: the rate is halved, unless it just was, and nobody gets a turn
    /// for as long as LINE says.
    #[must_use]
    pub fn slow_down(
        self,
        retry_after: Option<Duration>,
        now: DateTime<Utc>,
        max: NonZeroU32,
    ) -> Self {
        let mut bucket = self.settled(now);
        let just_now = bucket
            .slowed
            .is_some_and(|slowed| now - slowed.at < HALVED_AT_MOST_EVERY);
        if !just_now {
            bucket.slowed = Some(SlowedDown {
                to: (bucket.rate(now, max) / 2.0).max(1.0),
                at: now,
            });
        }
        let pause = match retry_after {
            Some(pause) => pause.min(LONGEST_PAUSE),
            None if just_now => return bucket,
            None => USUAL_PAUSE,
        };
        bucket.next_at = bucket.next_at.max(now + delta(pause));
        bucket
    }

    /// The same without what only a clock that was put back explains.
    fn settled(mut self, now: DateTime<Utc>) -> Self {
        if self.next_at - now > FARTHEST {
            self.next_at = now;
        }
        if let Some(slowed) = &mut self.slowed {
            slowed.at = slowed.at.min(now);
        }
        self
    }
}

/// Rounded up: better a little too slow than too fast.
fn interval(rate: f64) -> Duration {
    Duration::from_nanos((1e9 / rate).ceil() as u64)
}

fn delta(time: Duration) -> TimeDelta {
    TimeDelta::from_std(time).unwrap_or(FARTHEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: NonZeroU32 = NonZeroU32::new(1_500).unwrap();

    fn at(ms: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_790_000_000_000 + ms).unwrap()
    }

    fn fresh() -> Bucket {
        Bucket {
            next_at: DateTime::UNIX_EPOCH,
            slowed: None,
        }
    }

    /// Turns that are given out to somebody who always wants more, up to a moment.
    fn given_out(bucket: &mut Bucket, from: i64, to: i64, max: NonZeroU32) -> u32 {
        let (mut turns, mut now) = (0, from);
        while now < to {
            let (next, got) = bucket.reserve(u32::MAX, at(now), max);
            *bucket = next;
            turns += got.turns;
            let end = got.first_in + delta(got.interval * got.turns);
            now += end.num_milliseconds().max(1);
        }
        turns
    }

    #[test]
    fn a_second_has_no_more_turns_than_the_rate_and_a_tenth_of_it() {
        for max in [1, 3, 150, 1_500, 70_000] {
            let max = NonZeroU32::new(max).unwrap();
            let turns = given_out(&mut fresh(), 0, 10_000, max);
            let most = 10 * max.get() + (max.get() / 10).max(1) * 2;
            assert!(turns <= most && turns >= 9 * max.get(), "{max}: {turns}");
        }
    }

    #[test]
    fn a_slice_is_a_tenth_of_a_second_or_what_is_wanted_but_at_least_one() {
        let of = |want, max| {
            let max = NonZeroU32::new(max).unwrap();
            fresh().reserve(want, at(0), max).1.turns
        };
        assert_eq!(of(1_000, 1_500), 149);
        assert_eq!(of(7, 1_500), 7);
        assert_eq!(of(0, 1_500), 1);
        assert_eq!(of(50, 2), 1);
    }

    #[test]
    fn who_comes_second_gets_the_turns_after_the_first_ones() {
        let (bucket, first) = fresh().reserve(100, at(0), MAX);
        let (_, second) = bucket.reserve(100, at(0), MAX);
        assert_eq!(
            second.first_in,
            first.first_in + delta(first.interval * 100)
        );
    }

    #[test]
    fn an_idle_bucket_saves_nothing_up() {
        let (bucket, _) = fresh().reserve(1, at(0), MAX);
        let (bucket, late) = bucket.reserve(10, at(3_600_000), MAX);
        assert_eq!(late.first_in, TimeDelta::milliseconds(-100));
        let (_, next) = bucket.reserve(1_000, at(3_600_000), MAX);
        assert!(next.first_in > late.first_in);
    }

    #[test]
    fn a_message_that_goes_ahead_costs_the_others_one_turn() {
        let (bucket, _) = fresh().reserve(100, at(0), MAX);
        let (_, alone) = bucket.reserve(1, at(0), MAX);
        let (_, behind) = bucket.charge(at(0), MAX).reserve(1, at(0), MAX);
        assert_eq!(behind.first_in - alone.first_in, delta(alone.interval));
    }

    #[test]
    fn a_refusal_halves_the_rate_once_a_second_and_never_below_one() {
        let mut bucket = fresh();
        for _ in 0..50 {
            bucket = bucket.slow_down(None, at(0), MAX);
        }
        assert_eq!(bucket.rate(at(0), MAX), 750.0);
        for second in 1..40 {
            bucket = bucket.slow_down(None, at(second * 1_000), MAX);
        }
        // 25 a second grow back meanwhile.
        let low = bucket.rate(at(39_000), MAX);
        assert!((1.0..=25.5).contains(&low), "{low}");
        let three = NonZeroU32::new(3).unwrap();
        for second in 0..9 {
            bucket = bucket.slow_down(None, at(100_000 + second * 1_000), three);
        }
        assert_eq!(bucket.rate(at(108_000), three), 1.0);
    }

    #[test]
    fn the_rate_is_back_within_a_minute() {
        let mut bucket = fresh();
        bucket.slowed = Some(SlowedDown { to: 1.0, at: at(0) });
        let half = bucket.rate(at(30_000), MAX);
        assert!((740.0..760.0).contains(&half), "{half}");
        assert_eq!(bucket.rate(at(60_000), MAX), 1_500.0);
    }

    #[test]
    fn everybody_waits_as_long_as_line_says_but_not_longer_than_half_a_minute() {
        let wait = |retry_after| {
            let slow = fresh().slow_down(retry_after, at(0), MAX);
            slow.reserve(1, at(0), MAX).1.first_in
        };
        assert_eq!(wait(Some(Duration::from_secs(7))), TimeDelta::seconds(7));
        let hour = Some(Duration::from_secs(3_600));
        assert_eq!(wait(hour), TimeDelta::seconds(30));
        assert_eq!(wait(None), TimeDelta::seconds(1));
    }

    #[test]
    fn a_burst_of_refusals_makes_the_pause_no_longer() {
        let slow = fresh().slow_down(None, at(0), MAX);
        let again = slow.slow_down(None, at(900), MAX);
        assert_eq!(again, slow);
    }

    #[test]
    fn a_clock_that_is_put_back_stops_nobody() {
        let (bucket, _) = fresh().reserve(1, at(3_600_000), MAX);
        let bucket = bucket.slow_down(None, at(3_600_000), MAX);
        let (bucket, got) = bucket.reserve(1, at(0), MAX);
        assert!(got.first_in <= TimeDelta::zero());
        assert_eq!(bucket.rate(at(60_000), MAX), 1_500.0);
    }
}
