use chrono::NaiveDate;

/// What lies between the five scores of one measure: a guest's score is 1 plus the borders that
/// their value is above of. A border that is `None` lies below everybody.
///
/// Where there are at least five different values, the borders are such that a score is 1 plus
/// the whole fifths of guests who do worse. Where there are fewer, that would tell too little
/// apart, and the values are spread by their order alone: one value scores 3; two score 1 and 5;
/// three score 1, 3 and 5; four score 1, 2, 4 and 5.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Borders<T>([Option<T>; 4]);

/// The borders of all three measures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RfmBorders {
    /// Of the last day of departure; of whom it is not known, that is before every day.
    pub recency: Borders<Option<NaiveDate>>,
    /// Of the number of stays.
    pub frequency: Borders<i64>,
    /// Of the hundredths paid for all of them.
    pub money: Borders<i64>,
}

impl<T: Ord + Clone> Borders<T> {
    /// From so many different values on, the guests are counted, not the values.
    pub const ENOUGH: usize = 5;

    /// The borders between these values of all guests, in whatever order.
    #[must_use]
    pub fn of(values: &[T]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_unstable();
        let mut different = sorted.clone();
        different.dedup();
        Self::of_few(&different).unwrap_or_else(|| {
            let n = u64::try_from(sorted.len()).unwrap_or(u64::MAX);
            let at = |place: u64| {
                let place = usize::try_from(place).ok()?;
                sorted.get(place.checked_sub(1)?).cloned()
            };
            Self(Self::places(n).map(at))
        })
    }

    /// The borders where these are all the different values there are, in rising order; none
    /// when these are [`Self::ENOUGH`] for the guests to be counted.
    #[must_use]
    pub fn of_few(different: &[T]) -> Option<Self> {
        let borders = match different {
            [] => [const { None }; 4],
            [a] => [None, None, Some(a), Some(a)],
            [a, _] => [Some(a), Some(a), Some(a), Some(a)],
            [a, b, _] => [Some(a), Some(a), Some(b), Some(b)],
            [a, b, c, _] => [Some(a), Some(b), Some(b), Some(c)],
            _ => return None,
        };
        Some(Self(borders.map(Option::<&T>::cloned)))
    }

    /// The places, counted from 1, at which the borders stand when the values of `n` guests are
    /// put in rising order: whoever is above the value there leaves a fifth, two, three or four
    /// fifths of all behind.
    #[must_use]
    pub fn places(n: u64) -> [u64; 4] {
        [1, 2, 3, 4].map(|fifths: u64| n.saturating_mul(fifths).div_ceil(5))
    }

    /// The borders that stand at [`Self::places`].
    #[must_use]
    pub fn at_places(values: [T; 4]) -> Self {
        Self(values.map(Some))
    }

    /// From the lowest to the highest.
    pub fn each(&self) -> impl Iterator<Item = Option<&T>> {
        self.0.iter().map(Option::as_ref)
    }

    /// The score of this value.
    #[must_use]
    pub fn score(&self, value: &T) -> u8 {
        let above = self
            .each()
            .filter(|border| border.is_none_or(|b| b < value));
        1 + u8::try_from(above.count()).unwrap_or(4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(values: &[i64]) -> Vec<u8> {
        let borders = Borders::of(values);
        values.iter().map(|value| borders.score(value)).collect()
    }

    #[test]
    fn guests_who_all_differ_are_five_fifths() {
        assert_eq!(scores(&[50, 10, 40, 20, 30]), [5, 1, 4, 2, 3]);
        let ten: Vec<i64> = (0..10).collect();
        assert_eq!(scores(&ten), [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
        let seven: Vec<i64> = (0..7).collect();
        assert_eq!(scores(&seven), [1, 1, 2, 3, 3, 4, 5]);
    }

    #[test]
    fn a_score_is_one_plus_the_whole_fifths_who_do_worse() {
        // Six of ten stayed once: whoever stayed twice leaves three fifths behind.
        let stays = [1, 1, 1, 1, 1, 1, 2, 3, 4, 5];
        assert_eq!(scores(&stays), [1, 1, 1, 1, 1, 1, 4, 4, 5, 5]);
        // Three of seven are best: four sevenths are two whole fifths.
        assert_eq!(scores(&[1, 2, 3, 4, 5, 5, 5]), [1, 1, 2, 3, 3, 3, 3]);
    }

    #[test]
    fn fewer_than_five_values_are_spread_by_their_order() {
        assert_eq!(scores(&[7]), [3]);
        assert_eq!(scores(&[7, 7, 7]), [3, 3, 3]);
        assert_eq!(scores(&[1, 9, 1, 1, 1, 1]), [1, 5, 1, 1, 1, 1]);
        assert_eq!(scores(&[1, 2, 3, 1]), [1, 3, 5, 1]);
        assert_eq!(scores(&[4, 3, 2, 1, 1]), [5, 4, 2, 1, 1]);
        assert!(scores(&[]).is_empty());
    }

    #[test]
    fn a_day_that_is_not_known_is_before_every_day() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 9, d);
        let days = [day(3), None, day(1), day(2), day(4)];
        let borders = Borders::of(&days);
        let scores = days.map(|day| borders.score(&day));
        assert_eq!(scores, [4, 1, 2, 3, 5]);
    }
}
