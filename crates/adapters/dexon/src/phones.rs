use crate::known::Known;
use crate::text::narrow;
use crm_members::Phone;

/// What a field with a phone, or several, comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Mobile(Phone),
    /// A number that may be a landline's or of another country.
    Other(Phone),
}

/// The phone of a field: a Taiwanese mobile where there is one, else the first number.
pub(crate) fn phone(text: &str, known: &Known) -> Option<Found> {
    let numbers = numbers(text);
    if let Some(mobile) = numbers.iter().find_map(|number| number.mobile(known)) {
        return Some(Found::Mobile(mobile));
    }
    let other = numbers.iter().find_map(Number::other)?;
    Some(Found::Other(other))
}

/// Whether a field holds only what stands for no phone.
pub(crate) fn is_nothing(text: &str, known: &Known) -> bool {
    numbers(text).iter().all(|number| {
        number.is_zeros() || known.is_absent_phone(&number.digits) || number.digits.is_empty()
    }) && !text.chars().any(char::is_alphabetic)
}

struct Number {
    digits: String,
    /// Written with the code of a country that is not Taiwan's.
    is_foreign: bool,
}

/// The numbers in a text, as they stand, and at last all of it as one.
fn numbers(text: &str) -> Vec<Number> {
    let text = narrow(text);
    let is_part = |c: char| c.is_ascii_digit() || "+-(). \u{2010}\u{2013}\u{2014}".contains(c);
    let mut found = Vec::new();
    for piece in text.split(|c| !is_part(c)) {
        if piece.contains(char::is_whitespace) && !piece.trim_start().starts_with('+') {
            let words = piece.split_whitespace().map(Number::of);
            // A part of a number that is written in groups is no number by itself.
            found.extend(words.filter(|number| number.digits.len() >= 9));
        }
        found.push(Number::of(piece));
    }
    found.retain(|number| !number.digits.is_empty());
    found
}

impl Number {
    fn of(piece: &str) -> Self {
        let digits: String = piece.chars().filter(char::is_ascii_digit).collect();
        let (digits, with_code) = match digits.strip_prefix("00") {
            _ if piece.trim_start().starts_with('+') => (digits, true),
            Some(rest) if !rest.starts_with(['0', '9']) => (rest.to_owned(), true),
            _ => (digits, false),
        };
        Self {
            is_foreign: with_code && !digits.starts_with("886"),
            digits,
        }
    }

    /// Without the code of Taiwan, however often it is there.
    fn national(&self) -> &str {
        let mut national = self.digits.as_str();
        while let Some(rest) = national.strip_prefix("886") {
            // What is left must still be a whole number.
            if rest.len() < 8 {
                break;
            }
            national = rest;
        }
        national
    }

    fn is_zeros(&self) -> bool {
        self.national().bytes().all(|b| b == b'0')
    }

    fn mobile(&self, known: &Known) -> Option<Phone> {
        if self.is_foreign {
            return None;
        }
        let national = self.national();
        let with_zero = format!("0{national}");
        let at_the_end = |text: &str| {
            let start = text.len().checked_sub(10)?;
            let last = text.get(start..)?;
            last.starts_with("09").then(|| last.to_owned())
        };
        let found = if national.len() == 9 && national.starts_with('9') {
            with_zero
        } else if national.starts_with("09") && national.len() >= 10 {
            national.get(..10)?.to_owned()
        } else {
            at_the_end(national)?
        };
        if known.is_absent_phone(&found) {
            return None;
        }
        Phone::parse(&format!("+886{}", found.get(1..)?)).ok()
    }

    fn other(&self) -> Option<Phone> {
        if self.is_zeros() {
            return None;
        }
        if self.is_foreign {
            return Phone::parse(&format!("+{}", self.digits)).ok();
        }
        let phone = Phone::parse(&self.digits).ok()?;
        let normalised = phone.normalised();
        if normalised.starts_with("+886") {
            return Phone::parse(&normalised).ok();
        }
        Some(phone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Found> {
        phone(text, &Known::read().unwrap())
    }

    fn mobile(text: &str) -> Option<String> {
        match read(text) {
            Some(Found::Mobile(phone)) => Some(phone.as_str().to_owned()),
            _ => None,
        }
    }

    fn other(text: &str) -> Option<String> {
        match read(text) {
            Some(Found::Other(phone)) => Some(phone.as_str().to_owned()),
            _ => None,
        }
    }

    #[test]
    fn every_way_to_write_a_mobile_is_one_number() {
        for text in [
            "8860912345678",
            "886886912345678",
            "886912345678",
            "0912-345-678",
            "0912 345678  ",
            "(0912)345678",
            "+886 912 345 678",
            "+886-0912-345678",
            "886-0912-345678",
            "00886912345678",
            "912345678",
            "０９１２３４５６７８",
            "手機:0912345678",
            "02-23456789/0912-345-678",
            "0912345678 02-23456789",
            "0223456789 0912345678",
            "0912345678分機12",
            "0912345678 (王太太)",
        ] {
            assert_eq!(mobile(text).as_deref(), Some("+886912345678"), "{text}");
        }
        assert_eq!(mobile("8860987090898").as_deref(), Some("+886987090898"));
        assert_eq!(mobile("886886933912773").as_deref(), Some("+886933912773"));
    }

    #[test]
    fn landlines_and_numbers_of_other_countries_are_kept_as_what_they_are() {
        for (text, expected) in [
            ("02-2345-6789", "+886223456789"),
            ("0223456789", "+886223456789"),
            ("886223456789", "+886223456789"),
            ("8860223456789", "+886223456789"),
            ("02-2345-6789 #123", "+886223456789"),
            ("02-2345-6789轉12", "+886223456789"),
            ("8862035640799", "+8862035640799"),
            ("+81 90-1234-5678", "+819012345678"),
            ("+81 090-1234-5678", "+8109012345678"),
            ("0081-90-1234-5678", "+819012345678"),
            ("14155552671", "14155552671"),
            ("8109012345678", "8109012345678"),
        ] {
            assert_eq!(other(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_phone_is_none() {
        for text in [
            "",
            "0",
            "0000000000",
            "00000000",
            "8860000000000",
            "+886000000000",
            "0900000000",
            "同上",
            "123",
            "call me",
            "12345678901234567890123",
            "++",
            "é9",
        ] {
            let found = read(text);
            assert!(!matches!(found, Some(Found::Mobile(_))), "{text}");
            assert!(other(text).is_none() || text == "0900000000", "{text}");
        }
    }
}
