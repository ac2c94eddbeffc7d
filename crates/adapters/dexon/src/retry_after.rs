use chrono::{DateTime, Utc};
use std::time::Duration;

/// Longer is not waited, whatever is asked for.
const LONGEST: Duration = Duration::from_secs(300);

/// How long a `Retry-After` header asks to wait: seconds, or a date.
pub(crate) fn retry_after(header: &str, now: DateTime<Utc>) -> Option<Duration> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|b| b.is_ascii_digit()) {
        let seconds = header.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(LONGEST));
    }
    let wait = http_date(header)? - now;
    Some(wait.to_std().unwrap_or_default().min(LONGEST))
}

/// `Wed, 08 Oct 2025 02:00:00 GMT`.
pub(crate) fn http_date(header: &str) -> Option<DateTime<Utc>> {
    let date = DateTime::parse_from_rfc2822(header).ok()?;
    Some(date.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_waited_for_but_never_more_than_five_minutes() {
        let now = http_date("Wed, 08 Oct 2025 02:00:00 GMT").unwrap();
        for (header, expected) in [
            ("0", Some(0)),
            (" 7 ", Some(7)),
            ("300", Some(300)),
            ("301", Some(300)),
            ("99999999999999999999999", Some(300)),
            ("Wed, 08 Oct 2025 02:00:30 GMT", Some(30)),
            ("Wed, 08 Oct 2025 01:00:00 GMT", Some(0)),
            ("Thu, 08 Oct 2026 02:00:00 GMT", Some(300)),
            ("soon", None),
            ("-1", None),
            ("1.5", None),
            ("", None),
        ] {
            let expected = expected.map(Duration::from_secs);
            assert_eq!(retry_after(header, now), expected, "{header}");
        }
    }
}
