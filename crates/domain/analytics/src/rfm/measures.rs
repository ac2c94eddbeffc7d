use super::{Borders, RfmBorders};
use chrono::NaiveDate;
use crm_kernel::RfmScores;

/// What is measured of a guest: their stays that took place, as on the member's page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RfmMeasures {
    /// When the last of them ended, or is going to; none when that is not known of any.
    pub last_check_out: Option<NaiveDate>,
    /// How many there are.
    pub stays: i64,
    /// What was paid for all of them, in hundredths.
    pub amount_minor: i64,
}

impl RfmBorders {
    /// The borders between these guests.
    #[must_use]
    pub fn of(guests: &[RfmMeasures]) -> Self {
        fn each<T: Ord + Clone>(
            guests: &[RfmMeasures],
            value: impl Fn(&RfmMeasures) -> T,
        ) -> Borders<T> {
            Borders::of(&guests.iter().map(value).collect::<Vec<T>>())
        }
        Self {
            recency: each(guests, |guest| guest.last_check_out),
            frequency: each(guests, |guest| guest.stays),
            money: each(guests, |guest| guest.amount_minor),
        }
    }

    /// The scores of a guest.
    #[must_use]
    pub fn scores(&self, guest: &RfmMeasures) -> RfmScores {
        RfmScores {
            recency: self.recency.score(&guest.last_check_out),
            frequency: self.frequency.score(&guest.stays),
            money: self.money.score(&guest.amount_minor),
        }
    }
}

/// The scores of all guests, in their order. What storage does with borders of its own must come
/// to the same.
#[must_use]
pub fn grade(guests: &[RfmMeasures]) -> Vec<RfmScores> {
    let borders = RfmBorders::of(guests);
    guests.iter().map(|guest| borders.scores(guest)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Days;

    /// Chance that is the same every time (SplitMix64).
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, n: u64) -> u64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (z ^ (z >> 31)) % n
        }

        /// A guest of a house in which each measure has about so many values.
        fn guest(&mut self, values: u64) -> RfmMeasures {
            let day = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
            let known = self.below(8) > 0;
            RfmMeasures {
                last_check_out: known.then(|| day + Days::new(self.below(values))),
                stays: 1 + i64::try_from(self.below(values)).unwrap(),
                amount_minor: i64::try_from(self.below(values)).unwrap() * 100,
            }
        }
    }

    /// One plus the whole fifths of guests who do worse, counted one by one.
    fn counted<T: Ord>(all: &[T], own: &T) -> u8 {
        let worse = all.iter().filter(|other| *other < own).count();
        u8::try_from(1 + 5 * worse / all.len()).unwrap()
    }

    #[test]
    fn scores_never_fall_as_guests_do_better_and_are_the_same_for_equals() {
        let mut dice = Dice(7);
        for round in 0..400 {
            let values = 1 + dice.below(12);
            let n = 1 + dice.below(60);
            let guests: Vec<RfmMeasures> = (0..n).map(|_| dice.guest(values)).collect();
            let scores = grade(&guests);
            for (one, own) in guests.iter().zip(&scores) {
                for (other, theirs) in guests.iter().zip(&scores) {
                    let told = format!("round {round}: {one:?} {other:?}");
                    let recency = one.last_check_out.cmp(&other.last_check_out);
                    let agrees = |measure: std::cmp::Ordering, scores: std::cmp::Ordering| {
                        scores == measure || (scores.is_eq() && measure.is_ne())
                    };
                    assert!(agrees(recency, own.recency.cmp(&theirs.recency)), "{told}");
                    let stays = one.stays.cmp(&other.stays);
                    assert!(
                        agrees(stays, own.frequency.cmp(&theirs.frequency)),
                        "{told}"
                    );
                    let money = one.amount_minor.cmp(&other.amount_minor);
                    assert!(agrees(money, own.money.cmp(&theirs.money)), "{told}");
                }
                for score in [own.recency, own.frequency, own.money] {
                    assert!(RfmScores::RANGE.contains(&score));
                }
            }
        }
    }

    #[test]
    fn scores_do_not_depend_on_the_order_of_guests() {
        let mut dice = Dice(11);
        for _ in 0..200 {
            let values = 1 + dice.below(12);
            let mut guests: Vec<RfmMeasures> = (0..40).map(|_| dice.guest(values)).collect();
            let mut scored: Vec<_> = guests.iter().copied().zip(grade(&guests)).collect();
            for i in (1..guests.len()).rev() {
                let j = usize::try_from(dice.below(i as u64 + 1)).unwrap();
                guests.swap(i, j);
                scored.swap(i, j);
            }
            let again: Vec<_> = guests.iter().copied().zip(grade(&guests)).collect();
            assert_eq!(again, scored);
        }
    }

    #[test]
    fn with_enough_values_a_score_counts_those_who_do_worse() {
        let mut dice = Dice(13);
        let mut counted_rounds = 0;
        for _ in 0..300 {
            let n = 5 + dice.below(80);
            let guests: Vec<RfmMeasures> = (0..n).map(|_| dice.guest(15)).collect();
            let amounts: Vec<i64> = guests.iter().map(|guest| guest.amount_minor).collect();
            let different: std::collections::BTreeSet<_> = amounts.iter().collect();
            if different.len() < Borders::<i64>::ENOUGH {
                continue;
            }
            counted_rounds += 1;
            for (guest, scores) in guests.iter().zip(grade(&guests)) {
                assert_eq!(scores.money, counted(&amounts, &guest.amount_minor));
            }
        }
        assert!(counted_rounds > 200);
    }

    #[test]
    fn of_nobody_there_are_no_scores() {
        assert!(grade(&[]).is_empty());
    }
}
