use chrono::{DateTime, NaiveDate, Utc};
use crm_analytics::Rate;
use crm_kernel::HotelTime;

/// How an opening is defined.
pub(super) const OPENED: &str =
    "LINE 不提供個別會員的開啟資訊；「開啟」為推估：會員於發送後首次點擊、回傳或傳訊即視為開啟。";

/// `12,458`.
pub(super) fn with_commas(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The same of a figure that may be negative.
pub(super) fn count(n: i64) -> String {
    let sign = if n < 0 { "-" } else { "" };
    format!("{sign}{}", with_commas(n.unsigned_abs()))
}

/// `68.5%`.
pub(super) fn percent(rate: Rate) -> String {
    let tenths = rate.tenths();
    let sign = if tenths < 0 { "-" } else { "" };
    let tenths = tenths.unsigned_abs();
    format!("{sign}{}.{}%", with_commas(tenths / 10), tenths % 10)
}

/// Hundredths as an amount: `12,458`, the cents left out of what is read at a glance.
pub(super) fn amount(hundredths: i64) -> String {
    format!("NT$ {}", count(hundredths / 100))
}

/// `2026/10/01 – 2026/10/30`.
pub(super) fn days_in_words((first, last): (NaiveDate, NaiveDate)) -> String {
    format!("{} – {}", first.format("%Y/%m/%d"), last.format("%Y/%m/%d"))
}

/// When a paper was made, on the hotel's wall.
pub(super) fn made_at(now: DateTime<Utc>, hotel: HotelTime) -> String {
    hotel.wall(now).format("%Y/%m/%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_people_do() {
        assert_eq!(with_commas(0), "0");
        assert_eq!(with_commas(999), "999");
        assert_eq!(with_commas(1_000), "1,000");
        assert_eq!(with_commas(12_345_678), "12,345,678");
        assert_eq!(count(-1_234), "-1,234");
        assert_eq!(percent(Rate::of(137, 200)), "68.5%");
        assert_eq!(percent(Rate::of(0, 0)), "0.0%");
        assert_eq!(amount(1_245_850), "NT$ 12,458");
    }
}
