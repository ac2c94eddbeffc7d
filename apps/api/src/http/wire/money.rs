use crm_kernel::{read_hundredths, write_hundredths};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Number;
use utoipa::ToSchema;

/// An amount on the wire: a number with at most two decimals. Kept in hundredths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = f64, example = 3200)]
pub(crate) struct Money(pub(crate) i64);

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_hundredths(self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let amount = Number::deserialize(deserializer)?;
        read_hundredths(&amount).map(Self).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minor(json: &str) -> Result<i64, &'static str> {
        read_hundredths(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn amounts_are_read_to_the_cent() {
        for (json, hundredths) in [
            ("0", 0),
            ("3200", 320_000),
            ("3200.5", 320_050),
            ("3200.50", 320_050),
            ("19.99", 1_999),
            ("0.07", 7),
            ("1.10", 110),
            ("99999999.99", 9_999_999_999),
            ("-1.5", -150),
        ] {
            assert_eq!(minor(json), Ok(hundredths), "{json}");
        }
    }

    #[test]
    fn a_third_decimal_is_refused_not_rounded() {
        for json in ["0.001", "19.999", "1e-7", "1e30", "99999999999999999999"] {
            assert!(minor(json).is_err(), "{json}");
        }
    }

    #[test]
    fn amounts_are_written_without_needless_decimals() {
        for (hundredths, json) in [
            (0, "0"),
            (320_000, "3200"),
            (320_050, "3200.5"),
            (1_999, "19.99"),
            (9_999_999_999, "99999999.99"),
        ] {
            assert_eq!(serde_json::to_string(&Money(hundredths)).unwrap(), json);
        }
    }
}
