use serde::{Deserialize, Serialize};

/// What a message may say of the guest it goes to. Frozen as JSON per recipient, so that a
/// repetition says exactly the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The name the guest gave themself on LINE.
    #[serde(default)]
    pub display_name: Option<String>,
    /// Given name.
    #[serde(default)]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(default)]
    pub last_name: Option<String>,
    /// Month of birth, 1–12.
    #[serde(default)]
    pub birthday_month: Option<u8>,
}

impl Person {
    /// How we would address them: family name first when the name is written in Chinese,
    /// Japanese or Korean, given name first otherwise; the display name when neither is known.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        match (filled(&self.first_name), filled(&self.last_name)) {
            (Some(first), Some(last)) if is_cjk(first) || is_cjk(last) => {
                Some(format!("{last}{first}"))
            }
            (Some(first), Some(last)) => Some(format!("{first} {last}")),
            (Some(only), None) | (None, Some(only)) => Some(only.to_owned()),
            (None, None) => filled(&self.display_name).map(str::to_owned),
        }
    }
}

/// The trimmed text, unless nothing is left of it.
pub(crate) fn filled(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|s| !s.is_empty())
}

/// Unicode blocks of Chinese, Japanese and Korean writing; enough to tell the order of names.
fn is_cjk(text: &str) -> bool {
    text.chars().any(|c| {
        matches!(c,
            '\u{3040}'..='\u{30FF}'       // hiragana, katakana
            | '\u{3400}'..='\u{9FFF}'     // ideographs and extension A
            | '\u{AC00}'..='\u{D7AF}'     // hangul
            | '\u{F900}'..='\u{FAFF}'     // compatibility ideographs
            | '\u{20000}'..='\u{323AF}') // further extensions
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(first: &str, last: &str, display: &str) -> Person {
        Person {
            display_name: Some(display.into()),
            first_name: Some(first.into()),
            last_name: Some(last.into()),
            birthday_month: None,
        }
    }

    #[test]
    fn a_chinese_name_puts_the_family_first_and_an_english_one_last() {
        assert_eq!(person("小明", "王", "").name().unwrap(), "王小明");
        assert_eq!(person("Ann", "Lee", "").name().unwrap(), "Ann Lee");
    }

    #[test]
    fn half_a_name_is_used_as_it_is_and_no_name_gives_the_display_name() {
        assert_eq!(person("Ann", " ", "sunny").name().unwrap(), "Ann");
        assert_eq!(person("", "", "sunny").name().unwrap(), "sunny");
        assert_eq!(person("", "", " ").name(), None);
    }
}
