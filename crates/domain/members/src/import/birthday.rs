use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

/// Years of the Republic of China begin after this one.
const BEFORE_ROC: i32 = 1911;

/// Reads a day as hotels write it: `1988-05-20`, `1988/5/20`, `1988年5月20日`, `民國77/05/20`,
/// also with the midnight that spreadsheets add. A year of two digits could be either and is
/// refused.
pub(super) fn birthday(typed: &str) -> Result<NaiveDate, &'static str> {
    parsed(typed).ok_or("is not a date like 1988-05-20")
}

fn parsed(typed: &str) -> Option<NaiveDate> {
    let plain: String = typed.nfkc().collect();
    let mut plain = plain.trim();
    for midnight in ["T00:00:00", " 00:00:00"] {
        plain = plain.strip_suffix(midnight).unwrap_or(plain);
    }
    let of_roc = plain.strip_prefix("民國");
    let rest = of_roc.unwrap_or(plain).trim();
    let rest = rest.strip_suffix('日').unwrap_or(rest);
    let parts: Vec<&str> = rest
        .split(|c| "-/.年月".contains(c))
        .map(str::trim)
        .collect();
    let [year, month, day] = parts[..] else {
        return None;
    };
    let digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    if ![year, month, day].into_iter().all(digits) {
        return None;
    }
    let year = match of_roc {
        Some(_) => year.parse::<i32>().ok()?.checked_add(BEFORE_ROC)?,
        None if year.len() == 4 => year.parse().ok()?,
        None => return None,
    };
    NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_day_is_one_day() {
        for typed in [
            "1988-05-20",
            "1988/5/20",
            "1988.5.20",
            "1988年5月20日",
            "民國77/05/20",
            "民國 77年5月20日",
            "１９８８／５／２０",
            "1988-05-20 00:00:00",
            "1988-05-20T00:00:00",
        ] {
            assert_eq!(
                birthday(typed),
                Ok(NaiveDate::from_ymd_opt(1988, 5, 20).unwrap()),
                "{typed}"
            );
        }
    }

    #[test]
    fn what_could_be_another_day_is_refused() {
        for typed in [
            "77/05/20",
            "5/20/1988",
            "1988-13-01",
            "1988-02-30",
            "1988",
            "民國/5/1",
            "-1-1-1",
        ] {
            assert!(birthday(typed).is_err(), "{typed}");
        }
    }
}
