use chrono::{DateTime, NaiveDate, NaiveDateTime, SubsecRound, Utc};
use crm_kernel::HotelTime;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;
use utoipa::ToSchema;

/// A day written as `YYYY-MM-DD`, and no other way.
pub(crate) fn day(text: &str) -> Option<NaiveDate> {
    const FORM: &[u8] = b"9999-99-99";
    // chrono alone would also take blanks, signs and single digits.
    let fits = text.len() == FORM.len()
        && text.bytes().zip(FORM).all(|(byte, form)| match form {
            b'9' => byte.is_ascii_digit(),
            other => byte == *other,
        });
    fits.then(|| text.parse().ok()).flatten()
}

/// A day on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = String, format = Date, example = "1988-05-20")]
pub(crate) struct Day(pub(crate) NaiveDate);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        day(&text)
            .map(Self)
            .ok_or_else(|| D::Error::custom("must be a day written as YYYY-MM-DD"))
    }
}

/// A moment that a client names: RFC 3339, or without an offset what the hotel's clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-10-10T10:00:00+08:00")]
pub(crate) struct Moment(When);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Exactly(DateTime<Utc>),
    OnTheWall(NaiveDateTime),
}

impl Moment {
    /// The moment itself.
    pub(crate) fn utc(self, hotel: HotelTime) -> DateTime<Utc> {
        let moment = match self.0 {
            When::Exactly(moment) => moment,
            When::OnTheWall(wall) => hotel.utc_of(wall),
        };
        // Both databases keep microseconds; more would change the value by storing it.
        moment.trunc_subsecs(6)
    }

    fn parse(text: &str) -> Option<Self> {
        if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
            return Some(Self(When::Exactly(moment.with_timezone(&Utc))));
        }
        [
            "%Y-%m-%dT%H:%M:%S%.f",
            "%Y-%m-%dT%H:%M",
            "%Y-%m-%d %H:%M:%S%.f",
        ]
        .into_iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .map(|wall| Self(When::OnTheWall(wall)))
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| D::Error::custom("must be a time such as 2026-10-10T10:00:00+08:00"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn a_day_is_written_in_one_way() {
        assert!(day("1988-05-20").is_some());
        for other in [
            "",
            "1988-5-20",
            "88-05-20",
            "1988/05/20",
            "2026-02-30",
            " 1988-05-2",
        ] {
            assert_eq!(day(other), None, "{other}");
        }
    }

    #[test]
    fn a_moment_without_an_offset_is_what_the_hotels_clock_shows() {
        let hotel = HotelTime::new(chrono_tz::Asia::Taipei);
        let two = Utc.with_ymd_and_hms(2026, 10, 10, 2, 0, 0).unwrap();
        for text in [
            "2026-10-10T02:00:00Z",
            "2026-10-10T10:00:00+08:00",
            "2026-10-10T10:00:00",
            "2026-10-10T10:00",
        ] {
            assert_eq!(Moment::parse(text).unwrap().utc(hotel), two, "{text}");
        }
        for other in ["", "2026-10-10", "tomorrow", "2026-13-01T00:00:00Z"] {
            assert_eq!(Moment::parse(other), None, "{other}");
        }
    }
}
