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
        if self.0 % 100 == 0 {
            return serializer.serialize_i64(self.0 / 100);
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "amounts have at most 15 digits, which a double writes back as they are"
        )]
        serializer.serialize_f64(self.0 as f64 / 100.0)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Number::deserialize(deserializer)?;
        minor_units(&number.to_string())
            .map(Self)
            .ok_or_else(|| D::Error::custom("must be an amount with at most 2 decimals"))
    }
}

/// Read from the digits: arithmetic on binary fractions would round.
fn minor_units(text: &str) -> Option<i64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let decimals = decimals.trim_end_matches('0');
    let is_plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if decimals.len() > 2 || whole.is_empty() || !is_plain(whole) || !is_plain(decimals) {
        return None;
    }
    let minor = whole.parse::<i64>().ok()?.checked_mul(100)?;
    let minor = minor.checked_add(format!("{decimals:0<2}").parse().ok()?)?;
    (minor <= Amount::MAX_MINOR).then_some(minor)
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
