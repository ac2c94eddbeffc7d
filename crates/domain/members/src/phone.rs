use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// A phone number as it was typed, comparable in its international form. Not unique: families
/// share one.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone(String);

impl Phone {
    /// Longest number stored, as typed (document 000 §3.2.2).
    pub const MAX_CHARS: usize = 20;
    /// Fewer digits find half of the hotel's guests and are not searched for.
    pub const MIN_SEARCH_DIGITS: usize = 3;

    /// A plausible number: 7 to 15 digits (E.164) with the usual punctuation.
    ///
    /// # Errors
    /// What is wrong with it, safe to show.
    pub fn parse(typed: &str) -> Result<Self, &'static str> {
        let typed = typed.trim();
        if typed.chars().count() > Self::MAX_CHARS {
            return Err("must have at most 20 characters");
        }
        let plain: String = typed.nfkc().collect();
        let digits = digits_of(&plain).len();
        if !is_phone_text(&plain) || !(7..=15).contains(&digits) {
            return Err("is not a phone number");
        }
        Ok(Self(typed.to_owned()))
    }

    /// A number that was checked before it was stored.
    #[must_use]
    pub const fn from_stored(stored: String) -> Self {
        Self(stored)
    }

    /// As typed, for display.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which two numbers are compared: E.164, Taiwanese unless the number says
    /// otherwise. A number of which the country cannot be told keeps its bare digits.
    #[must_use]
    pub fn normalised(&self) -> String {
        let plain: String = self.0.nfkc().collect();
        let digits = digits_of(&plain);
        let country_is_named = plain.contains('+') || digits.starts_with("00");
        let rest = digits.trim_start_matches('0');
        // No country's code begins with a zero: `+0912…` and `0886912…` are slips.
        if country_is_named && (digits.starts_with("00") || rest.len() == digits.len()) {
            return international(rest);
        }
        if rest.starts_with("886") && rest.len() > 10 {
            return international(rest);
        }
        if let Some(national) = digits.strip_prefix('0') {
            return format!("+886{national}");
        }
        if digits.len() == 9 && digits.starts_with('9') {
            return format!("+886{digits}");
        }
        digits
    }

    /// The digits to look for among those of [`normalised`](Self::normalised) when a search box
    /// says `typed`; `None` when it does not look like a part of a phone number.
    ///
    /// `0912`, `+886 912` and `00886912` all find `+886912345678`.
    #[must_use]
    pub fn search_digits(typed: &str) -> Option<String> {
        let plain: String = typed.trim().nfkc().collect();
        let digits = digits_of(&plain);
        if !is_phone_text(&plain) || digits.len() < Self::MIN_SEARCH_DIGITS {
            return None;
        }
        let digits = digits.trim_start_matches('0');
        let digits = digits
            .strip_prefix("8860")
            .map_or_else(|| digits.to_owned(), |rest| format!("886{rest}"));
        (!digits.is_empty()).then_some(digits)
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn is_phone_text(text: &str) -> bool {
    let leads = |place: usize| text.chars().take(place).all(|c| c == '(' || c == ' ');
    text.chars().enumerate().all(|(place, c)| match c {
        '+' => leads(place),
        c => c.is_ascii_digit() || "-() ./\u{2010}\u{2013}\u{2014}".contains(c),
    })
}

/// Hotel systems are known to write the country code twice, to keep the trunk zero, and to put
/// an area code before one (`8860987090898`, `886886933912773`, `8862035640799`); all is undone.
fn international(digits: &str) -> String {
    let mut national = digits;
    while let Some(rest) = national.strip_prefix("886") {
        // What is left must still be a whole Taiwanese number: at least eight digits.
        if rest.len() < 8 {
            break;
        }
        national = rest;
    }
    if national.len() == digits.len() {
        return format!("+{digits}");
    }
    let mut national = national.trim_start_matches('0');
    // No Taiwanese number is longer than nine digits: what counts is its end.
    if national.len() > TAIWANESE_DIGITS {
        national = &national[national.len() - TAIWANESE_DIGITS..];
    }
    format!("+886{}", national.trim_start_matches('0'))
}

/// Digits of the longest Taiwanese number, without the zero before it.
const TAIWANESE_DIGITS: usize = 9;

#[cfg(test)]
mod tests {
    use super::*;

    fn normalised(typed: &str) -> String {
        Phone::parse(typed).unwrap().normalised()
    }

    #[test]
    fn every_way_to_write_a_taiwanese_mobile_is_one_number() {
        for typed in [
            "0912-345-678",
            "0912345678",
            "0912 345 678",
            "(0912)345678",
            "+886912345678",
            "+886 912-345-678",
            "+886 (0)912345678",
            "886912345678",
            "00886912345678",
            "8860912345678",
            "886886912345678",
            "0886912345678",
            "+0912345678",
            "912345678",
            "０９１２－３４５－６７８",
            "＋８８６９１２３４５６７８",
        ] {
            assert_eq!(normalised(typed), "+886912345678", "{typed}");
        }
    }

    #[test]
    fn landlines_and_foreign_numbers_keep_their_country() {
        assert_eq!(normalised("02-2345-6789"), "+886223456789");
        assert_eq!(normalised("+81 90-1234-5678"), "+819012345678");
        assert_eq!(normalised("0081 9012345678"), "+819012345678");
        assert_eq!(normalised("14155552671"), "14155552671");
        assert_eq!(normalised("8862035640799"), normalised("03-564-0799"));
    }

    #[test]
    fn a_foreign_number_that_ends_like_a_taiwanese_one_is_another() {
        let taiwanese = normalised("0912345678");
        for foreign in [
            "+81 912345678",
            "0081912345678",
            "81912345678",
            "+1 091 234 5678",
            "+81 90-9123-45678",
            "090-9123-4567",
            "+60 12-345 6789",
            "1912345678",
        ] {
            assert_ne!(normalised(foreign), taiwanese, "{foreign}");
        }
        assert_ne!(normalised("+1 415 555 2671"), normalised("+44 155 552 671"));
        assert_ne!(normalised("+81 90-1234-5678"), normalised("0901-234-567"));
    }

    #[test]
    fn a_number_is_shown_as_it_was_typed() {
        assert_eq!(
            Phone::parse(" 0912-345-678 ").unwrap().as_str(),
            "0912-345-678"
        );
    }

    #[test]
    fn what_cannot_be_a_phone_number_is_refused() {
        for wrong in [
            "",
            "call me",
            "123456",
            "1234567890123456",
            "0912+345678",
            "++886912345678",
            "0912\u{0}345678",
            "0912-345-678-012-3456",
        ] {
            assert!(Phone::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_part_of_a_number_is_searched_without_its_prefix() {
        assert_eq!(Phone::search_digits("0912-3").as_deref(), Some("9123"));
        assert_eq!(Phone::search_digits("+886 0912").as_deref(), Some("886912"));
        assert_eq!(Phone::search_digits("00886912").as_deref(), Some("886912"));
        assert_eq!(Phone::search_digits("12"), None);
        assert_eq!(Phone::search_digits("王小明"), None);
        assert_eq!(Phone::search_digits("room 912"), None);
    }
}
