use crate::reading::Scope;
use crate::text::narrow;
use chrono::{DateTime, Datelike, Duration, Months, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use crm_kernel::HotelTime;

/// Years of the Republic of China begin after this one.
const BEFORE_ROC: i32 = 1911;
/// No row is older than this year.
const FIRST_YEAR: i32 = 1990;
/// Nobody books further ahead.
const MONTHS_AHEAD: u32 = 36;
const NO_DATE: &str = "is not a date";
const OUT_OF_TIME: &str = "is before 1990 or more than three years ahead";

/// A day or a moment as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Day(NaiveDate),
    /// What a clock on the hotel's wall showed.
    Wall(NaiveDateTime),
    Moment(DateTime<Utc>),
}

impl When {
    /// Reads `2025-09-15`, `2025/9/15`, `20250915`, also with a time and with an offset.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = narrow(text);
        let (day, rest) = day(text.trim())?;
        let rest = rest.trim_start_matches(['T', 't']).trim();
        if rest.is_empty() {
            return Some(Self::Day(day));
        }
        let (time, offset) = time(rest)?;
        let wall = day.and_time(time);
        let Some(east) = offset else {
            return Some(Self::Wall(wall));
        };
        let moment = wall.checked_sub_signed(Duration::minutes(east))?;
        Some(Self::Moment(moment.and_utc()))
    }

    pub(crate) fn day(self, hotel: HotelTime) -> NaiveDate {
        match self {
            Self::Day(day) => day,
            Self::Wall(wall) => wall.date(),
            Self::Moment(moment) => hotel.day_of(moment),
        }
    }

    pub(crate) fn moment(self, hotel: HotelTime) -> DateTime<Utc> {
        match self {
            Self::Day(day) => hotel.start_of(day),
            Self::Wall(wall) => hotel.utc_of(wall),
            Self::Moment(moment) => moment,
        }
    }
}

/// A day or a moment of a stay, or of a change.
pub(crate) fn of_now(text: &str, scope: &Scope<'_>) -> Result<When, &'static str> {
    let when = When::parse(text).ok_or(NO_DATE)?;
    let day = when.day(scope.hotel);
    let last = scope.today.checked_add_months(Months::new(MONTHS_AHEAD));
    if day.year() < FIRST_YEAR || last.is_none_or(|last| day > last) {
        return Err(OUT_OF_TIME);
    }
    Ok(when)
}

/// The same where nothing may be said; days that stand for nothing are nothing.
pub(crate) fn perhaps(text: &str, scope: &Scope<'_>) -> Result<Option<When>, &'static str> {
    if is_nothing(text, scope) {
        return Ok(None);
    }
    of_now(text, scope).map(Some)
}

/// A birthday; days that stand for nothing are nothing.
pub(crate) fn birthday(text: &str, scope: &Scope<'_>) -> Result<Option<NaiveDate>, &'static str> {
    if is_nothing(text, scope) {
        return Ok(None);
    }
    let day = When::parse(text).ok_or(NO_DATE)?.day(scope.hotel);
    if day.year() < 1900 || day > scope.today {
        return Err("is before 1900 or in the future");
    }
    Ok(Some(day))
}

fn is_nothing(text: &str, scope: &Scope<'_>) -> bool {
    let mut digits = text.chars().filter(char::is_ascii_digit).peekable();
    let zeros = digits.peek().is_some() && digits.all(|c| c == '0');
    let day = When::parse(text).map(|when| when.day(scope.hotel));
    zeros || day.is_some_and(|day| scope.known.is_absent_date(day))
}

/// A day at the beginning of a text, and what follows it.
fn day(text: &str) -> Option<(NaiveDate, &str)> {
    let (text, of_roc) = match text.strip_prefix("民國") {
        Some(rest) => (rest.trim_start(), true),
        None => (text, false),
    };
    let (year, rest) = digits(text);
    if !of_roc && matches!(year.len(), 8 | 12 | 14) {
        let (date, rest) = text.split_at(8);
        let of = |range: std::ops::Range<usize>| date.get(range)?.parse::<u32>().ok();
        let year = i32::try_from(of(0..4)?).ok()?;
        let day = NaiveDate::from_ymd_opt(year, of(4..6)?, of(6..8)?)?;
        return Some((day, rest));
    }
    let right_length = if of_roc { 1..=3 } else { 4..=4 };
    if !right_length.contains(&year.len()) {
        return None;
    }
    let year = year.parse::<i32>().ok()? + if of_roc { BEFORE_ROC } else { 0 };
    let (month, rest) = digits(rest.strip_prefix(['-', '/', '.', '年'])?.trim_start());
    let (day, rest) = digits(rest.strip_prefix(['-', '/', '.', '月'])?.trim_start());
    if month.len() > 2 || day.len() > 2 {
        return None;
    }
    let day = NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)?;
    Some((day, rest.strip_prefix('日').unwrap_or(rest)))
}

/// A time of day, with how many minutes east of Greenwich it is meant, where that is said.
fn time(text: &str) -> Option<(NaiveTime, Option<i64>)> {
    let (clock, offset) = match text.find(['Z', 'z', '+', '-']) {
        Some(place) => {
            let (clock, offset) = text.split_at(place);
            (clock.trim_end(), Some(minutes_east(offset)?))
        }
        None => (text, None),
    };
    let (clock, half) = half_of_day(clock);
    let (hours, rest) = digits(clock);
    let (time, rest) = match hours.len() {
        4 | 6 => {
            let of = |from: usize| hours.get(from..from + 2).unwrap_or("0").parse().ok();
            ((of(0)?, of(2)?, of(4)?), rest)
        }
        1 | 2 => {
            let (minutes, rest) = digits(rest.strip_prefix(':')?);
            let (seconds, rest) = match rest.strip_prefix(':') {
                Some(rest) => digits(rest),
                None => ("0", rest),
            };
            if minutes.len() != 2 || seconds.len() > 2 {
                return None;
            }
            let number = |text: &str| text.parse::<u32>().ok();
            ((number(hours)?, number(minutes)?, number(seconds)?), rest)
        }
        _ => return None,
    };
    let fraction = match rest.strip_prefix('.') {
        Some(rest) => {
            let (fraction, rest) = digits(rest);
            (!fraction.is_empty() && rest.is_empty()).then_some(fraction)?
        }
        None => rest.is_empty().then_some("")?,
    };
    let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let (hour, minute, second) = time;
    let hour = match half {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(half) => hour % 12 + half,
        None => hour,
    };
    let time = NaiveTime::from_hms_micro_opt(hour, minute, second, micros.parse().ok()?)?;
    Some((time, offset))
}

/// `下午 03:02` and `03:02 PM`: the clock, and the hours to be added to it.
fn half_of_day(clock: &str) -> (&str, Option<u32>) {
    for (mark, hours) in [
        ("上午", 0),
        ("下午", 12),
        ("AM", 0),
        ("PM", 12),
        ("am", 0),
        ("pm", 12),
    ] {
        let without = clock
            .strip_prefix(mark)
            .or_else(|| clock.strip_suffix(mark));
        if let Some(clock) = without {
            return (clock.trim(), Some(hours));
        }
    }
    (clock, None)
}

fn minutes_east(offset: &str) -> Option<i64> {
    if offset.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let plain: String = offset.get(1..)?.chars().filter(|c| *c != ':').collect();
    let of = |range: std::ops::Range<usize>| plain.get(range)?.parse::<i64>().ok();
    let (hours, minutes) = match plain.len() {
        2 => (of(0..2)?, 0),
        4 => (of(0..2)?, of(2..4)?),
        _ => return None,
    };
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

/// The digits at the beginning of a text, and what follows them.
fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit());
    text.split_at(end.unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taipei() -> HotelTime {
        HotelTime::new(chrono_tz::Asia::Taipei)
    }

    #[test]
    fn every_way_to_write_a_day_is_one_day() {
        let expected = NaiveDate::from_ymd_opt(2025, 9, 5).unwrap();
        for text in [
            "2025-09-05",
            "2025/09/05",
            "20250905",
            "2025/9/5",
            "2025.9.5",
            "2025年9月5日",
            "民國114/09/05",
            "民國 114年9月5日",
            "２０２５／０９／０５",
            "2025-09-05T00:00:00",
            "2025-09-05 15:02",
            "2025/09/05 23:59:59",
            "20250905150244",
            "2025/9/5 下午 03:02:44",
            "2025-09-05T00:30:00+08:00",
            "2025-09-04T16:30:00Z",
        ] {
            let day = When::parse(text).map(|when| when.day(taipei()));
            assert_eq!(day, Some(expected), "{text}");
        }
    }

    #[test]
    fn every_way_to_write_a_moment_is_one_moment() {
        let expected = "2025-10-08T01:58:12Z".parse::<DateTime<Utc>>().unwrap();
        for text in [
            "2025-10-08T09:58:12+08:00",
            "2025-10-08T09:58:12+0800",
            "2025-10-08T09:58:12+08",
            "2025-10-08T01:58:12Z",
            "2025-10-08T01:58:12.000Z",
            "2025-10-07T20:58:12-05:00",
            "2025-10-08 09:58:12 +08:00",
            "2025-10-08 09:58:12",
            "2025/10/08 09:58:12",
            "2025/10/8 上午 09:58:12",
            "2025/10/8 9:58:12 AM",
            "20251008095812",
            "20251008 095812",
        ] {
            let moment = When::parse(text).map(|when| when.moment(taipei()));
            assert_eq!(moment, Some(expected), "{text}");
        }
        let of_day = When::parse("2025-10-08").unwrap().moment(taipei());
        assert_eq!(of_day.to_rfc3339(), "2025-10-07T16:00:00+00:00");
        let fine = When::parse("2025-10-08T01:58:12.1234567Z").unwrap();
        assert_eq!(fine.moment(taipei()).timestamp_subsec_micros(), 123_456);
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in [
            "",
            "soon",
            "2025",
            "2025-13-01",
            "2025-02-30",
            "0000-00-00",
            "114/09/05",
            "5/9/2025",
            "2025-09-05x",
            "2025-09-05 25:00",
            "2025-09-05 15",
            "2025-09-05T15:02+99:00",
            "2025-09-05 13:00 PM",
            "2025-09-05 15:02:44.",
            "202509055",
            "2025-9-555",
            "-1-1-1",
            "民國/5/1",
            "民國9999/01/01",
            "2025-09-05 15:0é",
            "2025-09-05 +é8",
        ] {
            assert_eq!(When::parse(text), None, "{text}");
        }
    }
}
