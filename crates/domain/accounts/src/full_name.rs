/// The name that colleagues see: 1–100 characters, without line breaks or control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullName(String);

impl FullName {
    /// Reads a name as typed; blanks around it are dropped.
    ///
    /// # Errors
    /// The broken rule, in words.
    pub fn parse(typed: &str) -> Result<Self, &'static str> {
        let name = typed.trim();
        if !(1..=100).contains(&name.chars().count()) {
            return Err("must have 1 to 100 characters");
        }
        if name.chars().any(char::is_control) {
            return Err("must not contain control characters");
        }
        Ok(Self(name.to_owned()))
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
    fn length_is_counted_in_characters() {
        assert_eq!(
            FullName::parse(" 系統管理員 ").unwrap().as_str(),
            "系統管理員"
        );
        assert!(FullName::parse(&"員".repeat(100)).is_ok());
        assert!(FullName::parse(&"員".repeat(101)).is_err());
        assert!(FullName::parse("  ").is_err());
        assert!(FullName::parse("a\nb").is_err());
    }
}
