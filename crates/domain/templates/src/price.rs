use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount in New Taiwan dollars, kept exactly: hundredths of a dollar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Price(i64);

impl Price {
    /// The largest amount the column holds (document 000 §3.2.8, `DECIMAL(10,2)`).
    pub const MAX_MINOR: i64 = 9_999_999_999;

    /// `None` when negative or larger than [`Self::MAX_MINOR`].
    #[must_use]
    pub const fn from_minor(minor: i64) -> Option<Self> {
        if minor < 0 || minor > Self::MAX_MINOR {
            return None;
        }
        Some(Self(minor))
    }

    /// Hundredths of a dollar.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.0
    }
}

/// As guests read it: `NT$ 3,999`, with decimals only where there are any.
impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = (self.0 / 100).to_string();
        f.write_str("NT$ ")?;
        for (position, digit) in digits.chars().enumerate() {
            if position > 0 && (digits.len() - position).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        match self.0 % 100 {
            0 => Ok(()),
            cents => write!(f, ".{cents:02}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_groups_thousands_and_drops_empty_decimals() {
        let shown = |minor| Price::from_minor(minor).unwrap().to_string();
        assert_eq!(shown(0), "NT$ 0");
        assert_eq!(shown(99_900), "NT$ 999");
        assert_eq!(shown(399_900), "NT$ 3,999");
        assert_eq!(shown(399_905), "NT$ 3,999.05");
        assert_eq!(shown(Price::MAX_MINOR), "NT$ 99,999,999.99");
    }

    #[test]
    fn a_price_is_never_negative_nor_wider_than_its_column() {
        assert_eq!(Price::from_minor(-1), None);
        assert_eq!(Price::from_minor(Price::MAX_MINOR + 1), None);
    }
}
