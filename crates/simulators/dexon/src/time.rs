//! The hotel's time: Taipei, to the second.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};

const EAST: i32 = 8 * 3600;

/// The moment with this many seconds since 1970.
pub(crate) fn taipei(seconds: i64) -> DateTime<FixedOffset> {
    let utc = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    FixedOffset::east_opt(EAST).map_or_else(
        || utc.fixed_offset(),
        |zone| zone.from_utc_datetime(&utc.naive_utc()),
    )
}

/// Seconds since 1970 at this hour of this day.
pub(crate) fn at_hour(day: NaiveDate, hour: u32) -> i64 {
    let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
    day.and_time(time).and_utc().timestamp() - i64::from(EAST)
}

/// The day at this moment.
pub(crate) fn day_of(seconds: i64) -> NaiveDate {
    taipei(seconds).date_naive()
}

/// Reads a moment of a row or a query: RFC 3339, or Taipei's time without an offset.
pub(crate) fn read(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.timestamp());
    }
    [
        "%Y-%m-%d %H:%M:%S",
        "%Y/%m/%d %H:%M:%S",
        "%Y-%m-%dT%H:%M:%S",
    ]
    .iter()
    .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
    .map(|local| local.and_utc().timestamp() - i64::from(EAST))
}

/// Reads a day in any of its forms, with or without a time behind it.
pub(crate) fn read_day(text: &str) -> Option<NaiveDate> {
    let text = text.trim_matches([' ', '\u{3000}']);
    let head = text.split([' ', 'T']).next().unwrap_or_default();
    ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"]
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(head, form).ok())
}
