use std::fmt;

/// A first or last name.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonName(String);

impl PersonName {
    /// Longest name stored (document 000 §3.2.2).
    pub const MAX_CHARS: usize = 50;

    /// A name without the blanks around it.
    ///
    /// # Errors
    /// What is wrong with it, safe to show.
    pub fn parse(typed: &str) -> Result<Self, &'static str> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err("must not be empty");
        }
        if typed.chars().count() > Self::MAX_CHARS {
            return Err("must have at most 50 characters");
        }
        if typed.chars().any(char::is_control) {
            return Err("must not contain control characters");
        }
        Ok(Self(typed.to_owned()))
    }

    /// A name that was checked before it was stored.
    #[must_use]
    pub const fn from_stored(stored: String) -> Self {
        Self(stored)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName(…)")
    }
}

/// How a guest is named on screens and in messages: `王小明` in the order of Chinese, Japanese
/// and Korean names, `Ming Wang` in all others, the LINE name when the hotel knows no other.
#[must_use]
pub fn shown_name(
    first_name: Option<&str>,
    last_name: Option<&str>,
    line_display_name: Option<&str>,
) -> Option<String> {
    let known = |part: Option<&str>| {
        part.map(str::trim)
            .filter(|p| !p.is_empty())
            .map(str::to_owned)
    };
    match (known(first_name), known(last_name)) {
        (Some(first), Some(last)) if is_cjk(&first) && is_cjk(&last) => {
            Some(format!("{last}{first}"))
        }
        (Some(first), Some(last)) => Some(format!("{first} {last}")),
        (Some(one), None) | (None, Some(one)) => Some(one),
        (None, None) => known(line_display_name),
    }
}

pub(crate) fn is_cjk(name: &str) -> bool {
    name.chars().any(|c| {
        matches!(u32::from(c),
            0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xAC00..=0xD7AF
            | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_name_starts_with_the_family_and_others_with_the_person() {
        assert_eq!(
            shown_name(Some("小明"), Some("王"), Some("小明的日常")).as_deref(),
            Some("王小明")
        );
        assert_eq!(
            shown_name(Some("Ming"), Some("Wang"), None).as_deref(),
            Some("Ming Wang")
        );
        assert_eq!(shown_name(None, Some("王"), None).as_deref(), Some("王"));
    }

    #[test]
    fn the_line_name_stands_in_when_no_other_is_known() {
        assert_eq!(
            shown_name(Some(" "), None, Some("小明的日常")).as_deref(),
            Some("小明的日常")
        );
        assert_eq!(shown_name(None, None, None), None);
    }

    #[test]
    fn a_name_has_1_to_50_printable_characters() {
        assert_eq!(PersonName::parse(" 小明 ").unwrap().as_str(), "小明");
        assert!(PersonName::parse(&"王".repeat(50)).is_ok());
        assert!(PersonName::parse(&"王".repeat(51)).is_err());
        assert!(PersonName::parse("小\u{0}明").is_err());
        assert!(PersonName::parse("").is_err());
    }
}
