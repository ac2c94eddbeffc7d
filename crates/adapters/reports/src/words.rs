use chrono::{NaiveDate, NaiveDateTime};

/// The words without characters that are no writing: they break files, and nobody sees them.
/// Ends of line and tabs stay.
pub fn readable(words: &str) -> String {
    words
        .chars()
        .filter(|&c| !is_noise(c) || matches!(c, '\t' | '\n' | '\r'))
        .collect()
}

/// Whether a character is none that can be written in XML or shown.
pub const fn is_noise(c: char) -> bool {
    matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')
}

/// A number of hundredths or tenths, with as many digits behind the point.
pub fn fixed(n: i64, digits: u32) -> String {
    let (sign, whole, rest) = parts(n, digits);
    let width = digits as usize;
    format!("{sign}{whole}.{rest:0width$}")
}

/// The same with its thousands set apart.
pub fn fixed_grouped(n: i64, digits: u32) -> String {
    let (sign, whole, rest) = parts(n, digits);
    let width = digits as usize;
    format!("{sign}{}.{rest:0width$}", groups(whole))
}

/// A count with its thousands set apart.
pub fn grouped(n: i64) -> String {
    let sign = if n < 0 { "-" } else { "" };
    format!("{sign}{}", groups(n.unsigned_abs()))
}

/// A hotel day as people write it.
pub fn day(day: NaiveDate) -> String {
    day.format("%Y-%m-%d").to_string()
}

/// A moment as people write it.
pub fn time(time: NaiveDateTime) -> String {
    time.format("%Y-%m-%d %H:%M:%S").to_string()
}

fn parts(n: i64, digits: u32) -> (&'static str, u64, u64) {
    let unit = 10_u64.pow(digits);
    let size = n.unsigned_abs();
    (if n < 0 { "-" } else { "" }, size / unit, size % unit)
}

fn groups(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_negative_amount_keeps_its_sign() {
        assert_eq!(fixed(-5, 2), "-0.05");
        assert_eq!(fixed(685, 1), "68.5");
        assert_eq!(fixed(i64::MIN, 2), "-92233720368547758.08");
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(grouped(12_458), "12,458");
        assert_eq!(grouped(-999), "-999");
        assert_eq!(grouped(-1_000_000), "-1,000,000");
        assert_eq!(fixed_grouped(123_456_789, 2), "1,234,567.89");
    }

    #[test]
    fn characters_that_are_no_writing_are_dropped() {
        assert_eq!(readable("力\u{0}麗\u{b}飯\u{ffff}店\n好"), "力麗飯店\n好");
    }
}
