use crate::text::narrow;

/// Larger is no amount of money, and its hundredths still fit everywhere.
const MOST: f64 = 1e15;
const NO_NUMBER: &str = "is not a number";
const TOO_LARGE: &str = "is too large";

/// Hundredths of an amount: `18000`, `18,000.50`, `NT$18,000`.
pub(crate) fn minor(text: &str) -> Result<i64, &'static str> {
    let plain: String = narrow(text)
        .to_lowercase()
        .chars()
        .filter(|c| !c.is_whitespace() && *c != ',')
        .collect();
    let plain = ["nt$", "twd", "ntd", "$"]
        .iter()
        .find_map(|sign| plain.strip_prefix(sign))
        .unwrap_or(&plain);
    let plain = plain.strip_suffix('元').unwrap_or(plain);
    let (sign, size) = match plain.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, plain.strip_prefix('+').unwrap_or(plain)),
    };
    if size.contains('e') {
        return by_power(size).map(|minor| sign * minor);
    }
    let (whole, part) = size.split_once('.').unwrap_or((size, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) {
        return Err(NO_NUMBER);
    }
    let whole = whole.trim_start_matches('0');
    if whole.len() > 15 {
        return Err(TOO_LARGE);
    }
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    let thousandths: i64 = format!("{whole}{part}").parse().map_err(|_| TOO_LARGE)?;
    Ok(sign * ((thousandths + 5) / 10))
}

/// `1.8e4`, as some programs write numbers.
#[expect(
    clippy::cast_possible_truncation,
    reason = "within bounds that were looked at"
)]
fn by_power(text: &str) -> Result<i64, &'static str> {
    let is_plain = text
        .bytes()
        .all(|b| b.is_ascii_digit() || b"e.+-".contains(&b));
    let number: f64 = text.parse().map_err(|_| NO_NUMBER)?;
    if !is_plain {
        return Err(NO_NUMBER);
    }
    if number > MOST {
        return Err(TOO_LARGE);
    }
    Ok((number * 100.0).round() as i64)
}

/// A count: `8`, `8.0`, `８`.
pub(crate) fn count(text: &str) -> Result<u32, &'static str> {
    let minor = minor(text)?;
    if minor < 0 || minor % 100 != 0 {
        return Err("is not a count");
    }
    u32::try_from(minor / 100).map_err(|_| TOO_LARGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_hundredths_however_they_are_written() {
        for (text, expected) in [
            ("18000", 1_800_000),
            ("18,000", 1_800_000),
            (" 18000.5 ", 1_800_050),
            ("18000.00", 1_800_000),
            ("１８０００", 1_800_000),
            ("NT$18,000", 1_800_000),
            ("18000元", 1_800_000),
            ("1.8e4", 1_800_000),
            ("1.8E+4", 1_800_000),
            ("0", 0),
            ("-500", -50_000),
            ("0.005", 1),
            ("000018000", 1_800_000),
        ] {
            assert_eq!(minor(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "", "abc", "1.2.3", "--5", "NaN", "inf", "infinity", "1e", "0x10", "12 k", ".",
        ] {
            assert_eq!(minor(text), Err(NO_NUMBER), "{text}");
        }
        for text in ["1e999", "1e17", "9999999999999999999999"] {
            assert_eq!(minor(text), Err(TOO_LARGE), "{text}");
        }
    }

    #[test]
    fn a_count_is_whole_and_not_below_zero() {
        assert_eq!(
            (count("8"), count("8.0"), count("８")),
            (Ok(8), Ok(8), Ok(8))
        );
        for text in ["-1", "1.5", "x", "99999999999"] {
            assert!(count(text).is_err(), "{text}");
        }
    }
}
