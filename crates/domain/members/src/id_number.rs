use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// A national id or passport number in the form in which it is compared and sealed: half
/// width, upper case, without blanks around it. Never logged, never part of a list.
#[derive(Clone, PartialEq, Eq)]
pub struct IdNumber(String);

impl IdNumber {
    /// Longest number accepted (document 000 §3.2.2).
    pub const MAX_CHARS: usize = 50;

    /// Brings what was typed into the one form; `ａ123456789` and `A123456789` are one guest.
    ///
    /// # Errors
    /// What is wrong with it, safe to show.
    pub fn parse(typed: &str) -> Result<Self, &'static str> {
        let one_form = in_one_form(typed);
        if one_form.is_empty() {
            return Err("must not be empty");
        }
        if one_form.chars().count() > Self::MAX_CHARS {
            return Err("must have at most 50 characters");
        }
        // The stars of a masked number: a form that sends back all it was shown must not destroy
        // the number behind it.
        if one_form.contains('*') {
            return Err("must not be a masked number");
        }
        if one_form.chars().any(char::is_control) {
            return Err("must not contain control characters");
        }
        Ok(Self(one_form))
    }

    /// The number in full; for the vault, and for the eyes of those who may see it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number as others may see it: `A12****789`. A short number shows less, because
    /// three and three of it would be all there is.
    #[must_use]
    pub fn masked(&self) -> String {
        let chars: Vec<char> = self.0.chars().collect();
        let shown = match chars.len() {
            9.. => 3,
            4..=8 => 1,
            _ => 0,
        };
        let head: String = chars.iter().take(shown).collect();
        let tail: String = chars.iter().skip(chars.len() - shown).collect();
        format!("{head}****{tail}")
    }
}

/// Capitals of rare letters may fold further, hence again until nothing changes: what is read
/// back from storage must be in the form it was stored in.
fn in_one_form(typed: &str) -> String {
    let mut form = typed.to_owned();
    for _ in 0..4 {
        let folded: String = form.nfkc().collect::<String>().trim().to_uppercase();
        let folded: String = folded.nfkc().collect();
        if folded == form {
            break;
        }
        form = folded;
    }
    form
}

impl fmt::Debug for IdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdNumber({})", self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_case_and_blanks_do_not_make_another_number() {
        let expected = IdNumber::parse("A123456789").unwrap();
        for typed in [" a123456789 ", "Ａ１２３４５６７８９", "　ａ123456789"] {
            assert_eq!(IdNumber::parse(typed).unwrap(), expected, "{typed}");
        }
    }

    #[test]
    fn the_mask_hides_the_middle_and_debug_shows_no_more() {
        let number = IdNumber::parse("A123456789").unwrap();
        assert_eq!(number.masked(), "A12****789");
        assert_eq!(format!("{number:?}"), "IdNumber(A12****789)");
        assert_eq!(IdNumber::parse("AB12").unwrap().masked(), "A****2");
        assert_eq!(IdNumber::parse("AB").unwrap().masked(), "****");
    }

    #[test]
    fn an_empty_an_overlong_and_an_unprintable_number_are_refused() {
        assert!(IdNumber::parse("  ").is_err());
        assert!(IdNumber::parse(&"1".repeat(51)).is_err());
        assert!(IdNumber::parse("A12\u{0}3").is_err());
    }

    #[test]
    fn the_one_form_is_already_in_the_one_form() {
        for typed in [" ａ123456789 ", "ῢ1", "ß", "ŉ22", "A123456789"] {
            let once = IdNumber::parse(typed).unwrap();
            assert_eq!(IdNumber::parse(once.as_str()).unwrap(), once, "{typed}");
        }
    }
}
