/// A part of a whole in percent, kept in tenths (design §7: one decimal, 0.0 of nothing).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(i64);

impl Rate {
    /// `part` of `whole`, rounded half up.
    #[must_use]
    pub fn of(part: i64, whole: i64) -> Self {
        if whole <= 0 {
            return Self(0);
        }
        Self(tenths(i128::from(part) * 1000, i128::from(whole)))
    }

    /// In tenths of a percent.
    #[must_use]
    pub const fn tenths(self) -> i64 {
        self.0
    }

    /// In percent, with one decimal.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a rate has a few digits")]
    pub fn percent(self) -> f64 {
        self.0 as f64 / 10.0
    }
}

/// By how many percent a count is more (or less) than before, in tenths: 100.0 when there was
/// none and now there is, 0.0 when both are none (design §7).
#[must_use]
pub fn change_of_counts(now: i64, before: i64) -> Rate {
    match (now, before) {
        (_, 0) => Rate(if now > 0 { 1000 } else { 0 }),
        _ => Rate(tenths(
            (i128::from(now) - i128::from(before)) * 1000,
            i128::from(before),
        )),
    }
}

/// By how many percent a rate is more (or less) than before: of the parts themselves, so that
/// nothing is rounded twice.
#[must_use]
pub fn change_of_rates(now: (i64, i64), before: (i64, i64)) -> Rate {
    let [now, before] = [now, before].map(|(part, whole)| {
        if whole > 0 && part > 0 {
            (i128::from(part), i128::from(whole))
        } else {
            (0, 1)
        }
    });
    if before.0 == 0 {
        return Rate(if now.0 > 0 { 1000 } else { 0 });
    }
    // now / before - 1, over one whole.
    let (ours, theirs) = (now.0 * before.1, before.0 * now.1);
    Rate(tenths((ours - theirs) * 1000, theirs))
}

/// `over / under`, rounded half away from nothing; `under` is more than 0.
fn tenths(over: i128, under: i128) -> i64 {
    let half = if over < 0 { -under } else { under };
    i64::try_from((over * 2 + half) / (under * 2)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_one_decimal_and_nothing_of_nothing_is_nothing() {
        assert_eq!(Rate::of(1, 3).percent(), 33.3);
        assert_eq!(Rate::of(2, 3).percent(), 66.7);
        assert_eq!(Rate::of(1, 2000).percent(), 0.1);
        assert_eq!(Rate::of(0, 0).percent(), 0.0);
        assert_eq!(Rate::of(5, 0).percent(), 0.0);
    }

    #[test]
    fn something_after_nothing_is_a_hundred_percent_more() {
        assert_eq!(change_of_counts(7, 0).percent(), 100.0);
        assert_eq!(change_of_counts(0, 0).percent(), 0.0);
        assert_eq!(change_of_counts(0, 7).percent(), -100.0);
        assert_eq!(change_of_counts(115, 100).percent(), 15.0);
        assert_eq!(change_of_counts(2, 3).percent(), -33.3);
    }

    #[test]
    fn rates_are_compared_by_their_parts() {
        // 2/3 against 1/3 is twice as much, not 66.7 against 33.3.
        assert_eq!(change_of_rates((2, 3), (1, 3)).percent(), 100.0);
        assert_eq!(change_of_rates((1, 3), (0, 3)).percent(), 100.0);
        assert_eq!(change_of_rates((0, 3), (0, 0)).percent(), 0.0);
        assert_eq!(change_of_rates((0, 0), (1, 3)).percent(), -100.0);
    }
}
