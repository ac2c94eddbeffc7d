use std::fmt;

/// The short name somebody signs in with: 3–50 of `a-z 0-9 _ . -`.
///
/// Kept in lower case, because "Admin" and "admin" must be one person on every database. There is
/// no `@` in it, so that no username can be somebody else's e-mail address at sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Username(String);

impl Username {
    /// Reads a username as typed.
    ///
    /// # Errors
    /// The broken rule, in words.
    pub fn parse(typed: &str) -> Result<Self, &'static str> {
        let name = typed.trim();
        if !(3..=50).contains(&name.len()) {
            return Err("must have 3 to 50 characters");
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        if !name.chars().all(allowed) {
            return Err("may only contain latin letters, digits, '_', '.' and '-'");
        }
        Ok(Self(name.to_ascii_lowercase()))
    }

    /// The name, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_blanks_around_do_not_make_another_name() {
        assert_eq!(Username::parse(" Mei.Lin ").unwrap().as_str(), "mei.lin");
    }

    #[test]
    fn short_long_and_foreign_names_are_refused() {
        let long = "a".repeat(51);
        for name in ["", "ab", &long, "mei lin", "mei@hotel.com", "小明小明"] {
            assert!(Username::parse(name).is_err(), "{name}");
        }
        assert!(Username::parse(&"a".repeat(50)).is_ok());
    }
}
