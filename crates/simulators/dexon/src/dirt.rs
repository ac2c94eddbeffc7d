//! How clerks, old columns and booking sites leave what they write.

use chrono::{DateTime, FixedOffset, NaiveDate};

use crate::dice::Dice;

/// Text as a CHAR or NCHAR column gives it back.
pub(crate) fn padded(dice: &mut Dice, text: &str) -> String {
    match dice.below(12) {
        0..=6 => text.to_owned(),
        7 | 8 => format!("{text}  "),
        9 => format!("{text}\u{3000}"),
        10 => format!("\u{3000}{text} "),
        _ => format!(" {text}\u{3000} "),
    }
}

/// Nothing, in the ways in which nothing is written.
pub(crate) fn nothing(dice: &mut Dice) -> &'static str {
    dice.pick(&["", "", "  ", "\u{3000}", "-", "無", "N/A"])
}

/// A mobile number (`9` and eight digits) in the forms that were seen.
pub(crate) fn mobile(dice: &mut Dice, digits: &str) -> String {
    let (a, b, c) = (&digits[..3], &digits[3..6], &digits[6..]);
    match dice.below(12) {
        0..=2 => format!("0{digits}"),
        3 | 4 => format!("0{a}-{b}-{c}"),
        5 | 6 => format!("886{digits}"),
        7 => format!("886886{digits}"),
        8 => format!("8860{digits}"),
        9 => format!("+886 {a} {b} {c}"),
        10 => format!("0{a} {b}{c}  "),
        _ => format!("886-0{a}-{b}{c}"),
    }
}

/// A number in Taipei, without and with what was put before it.
pub(crate) fn landline(dice: &mut Dice, index: usize) -> String {
    let number = 20_000_000 + index % 80_000_000;
    match dice.below(3) {
        0 => format!("02{number}"),
        1 => format!("02-{number}"),
        _ => format!("88602{number}"),
    }
}

/// A day in one of its forms.
pub(crate) fn day(dice: &mut Dice, day: NaiveDate) -> String {
    match dice.below(10) {
        0..=4 => day.format("%Y-%m-%d"),
        5..=7 => day.format("%Y/%m/%d"),
        _ => day.format("%Y%m%d"),
    }
    .to_string()
}

/// A day for which the clock was stored too, now and then.
pub(crate) fn day_with_time(dice: &mut Dice, on: NaiveDate) -> String {
    match dice.below(8) {
        0 => format!("{} 15:02:44", on.format("%Y-%m-%d")),
        1 => format!("{} 15:02", on.format("%Y/%m/%d")),
        2 => format!("{}T15:02:44+08:00", on.format("%Y-%m-%d")),
        _ => day(dice, on),
    }
}

/// A moment to the second; without an offset it is Taipei's.
pub(crate) fn moment(dice: &mut Dice, at: DateTime<FixedOffset>) -> String {
    match dice.below(10) {
        0..=6 => plain(at),
        7 | 8 => at.format("%Y/%m/%d %H:%M:%S").to_string(),
        _ => at.format("%Y-%m-%d %H:%M:%S").to_string(),
    }
}

/// A moment as the papers say it is written.
pub(crate) fn plain(at: DateTime<FixedOffset>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%:z").to_string()
}
