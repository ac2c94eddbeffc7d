/// What the back office calls a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleName(String);

impl RuleName {
    /// Longest name stored (document 000 §3.2.10).
    pub const MAX_CHARS: usize = 100;

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
            return Err("must have at most 100 characters");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_1_to_100_characters() {
        assert_eq!(RuleName::parse(" 歡迎 ").unwrap().as_str(), "歡迎");
        assert!(RuleName::parse(&"會".repeat(100)).is_ok());
        for wrong in ["", "  ", "a\nb", &"會".repeat(101)] {
            assert!(RuleName::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
