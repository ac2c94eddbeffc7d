use unicode_normalization::UnicodeNormalization;

/// The name of a tag, as staff typed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagName(String);

impl TagName {
    /// Longest name stored (document 000 §3.2.3).
    pub const MAX_CHARS: usize = 50;
    /// Longest [`name_key`](Self::name_key): single characters such as `㍿` fall into several.
    pub const MAX_KEY_CHARS: usize = 150;

    /// A name without the blanks around it. Commas are refused, of either width, because names
    /// travel in comma lists.
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
        if typed.nfkc().any(|c| c == ',') {
            return Err("must not contain a comma");
        }
        let name = Self(typed.to_owned());
        if name.name_key().chars().count() > Self::MAX_KEY_CHARS {
            return Err("has too many compound characters");
        }
        Ok(name)
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

    /// The form in which two names are compared: `ＶＩＰ` and `vip` are one tag to whoever reads
    /// them.
    #[must_use]
    pub fn name_key(&self) -> String {
        // Lower case may compose differently, hence once more.
        let folded = self.0.nfkc().collect::<String>().to_lowercase();
        folded.nfkc().collect::<String>().trim().to_owned()
    }
}

/// What a tag is meant for, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description(String);

impl Description {
    /// Longest description stored (document 000 §3.2.3).
    pub const MAX_CHARS: usize = 200;

    /// A description without the blanks around it.
    ///
    /// # Errors
    /// What is wrong with it, safe to show.
    pub fn parse(typed: &str) -> Result<Self, &'static str> {
        let typed = typed.trim();
        if typed.chars().count() > Self::MAX_CHARS {
            return Err("must have at most 200 characters");
        }
        if typed
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        {
            return Err("must not contain control characters");
        }
        Ok(Self(typed.to_owned()))
    }

    /// A description that was checked before it was stored.
    #[must_use]
    pub const fn from_stored(stored: String) -> Self {
        Self(stored)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(typed: &str) -> String {
        TagName::parse(typed).unwrap().name_key()
    }

    #[test]
    fn width_case_and_blanks_around_do_not_make_another_tag() {
        assert_eq!(key(" VIP會員 "), key("ｖｉｐ會員"));
        assert_ne!(key("VIP會員"), key("VIP"));
    }

    #[test]
    fn a_name_has_1_to_50_characters_and_no_comma() {
        assert!(TagName::parse(&"會".repeat(50)).is_ok());
        for wrong in ["", "  ", "a,b", "甲，乙", "a\u{0}b", "a\nb"] {
            assert!(TagName::parse(wrong).is_err(), "{wrong:?}");
        }
        assert!(TagName::parse(&"會".repeat(51)).is_err());
        assert!(TagName::parse(&"\u{fdfa}".repeat(50)).is_err());
    }

    #[test]
    fn a_description_may_have_lines_and_200_characters() {
        assert!(Description::parse("第一行\n第二行").is_ok());
        assert!(Description::parse(&"字".repeat(201)).is_err());
        assert!(Description::parse("a\u{0}").is_err());
    }
}
