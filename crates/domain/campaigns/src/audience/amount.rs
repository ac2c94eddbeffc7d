use crm_kernel::{read_hundredths, write_hundredths};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Number;

/// An amount of money: in a document a number with at most two decimals, here in hundredths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(i64);

impl Amount {
    /// Largest amount that a condition may speak of, in hundredths.
    pub const MAX_MINOR: i64 = 99_999_999_999_999;

    /// So many hundredths.
    #[must_use]
    pub const fn of_minor(hundredths: i64) -> Self {
        Self(hundredths)
    }

    /// The hundredths.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.0
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_hundredths(self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Number::deserialize(deserializer)?;
        let minor = read_hundredths(&number).ok();
        minor
            .filter(|minor| (0..=Self::MAX_MINOR).contains(minor))
            .map(Self)
            .ok_or_else(|| D::Error::custom("must be an amount with at most 2 decimals"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_kept_to_the_cent_and_written_as_they_were_read() {
        for (json, minor) in [
            ("0", 0),
            ("3200", 320_000),
            ("3200.5", 320_050),
            ("0.07", 7),
            ("999999999999.99", Amount::MAX_MINOR),
        ] {
            let amount: Amount = serde_json::from_str(json).unwrap();
            assert_eq!(amount.minor(), minor, "{json}");
            assert_eq!(serde_json::to_string(&amount).unwrap(), json);
        }
    }

    #[test]
    fn what_is_no_amount_is_refused_rather_than_rounded() {
        for json in [
            "-1",
            "0.001",
            "1e-7",
            "1e30",
            "1000000000000",
            "\"1\"",
            "null",
        ] {
            assert!(serde_json::from_str::<Amount>(json).is_err(), "{json}");
        }
    }
}
