use std::fmt;

/// An e-mail address as it was typed. Not unique: families and travel agents share one.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Longest address stored (document 000 §3.2.2).
    pub const MAX_CHARS: usize = 100;

    /// An address without the blanks around it.
    ///
    /// # Errors
    /// What is wrong with it, safe to show.
    pub fn parse(typed: &str) -> Result<Self, &'static str> {
        let typed = typed.trim();
        if typed.chars().count() > Self::MAX_CHARS {
            return Err("must have at most 100 characters");
        }
        let sane = typed
            .split_once('@')
            .is_some_and(|(local, domain)| is_local_part(local) && is_domain(domain));
        if !sane {
            return Err("is not an e-mail address");
        }
        let email = Self(typed.to_owned());
        // Capitals of some letters are longer than the small ones.
        if email.compare_key().chars().count() > Self::MAX_CHARS {
            return Err("must have at most 100 characters");
        }
        Ok(email)
    }

    /// An address that was checked before it was stored.
    #[must_use]
    pub const fn from_stored(stored: String) -> Self {
        Self(stored)
    }

    /// As typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which two addresses are compared: nobody's mailbox depends on capitals.
    #[must_use]
    pub fn compare_key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

fn is_local_part(local: &str) -> bool {
    const NEVER: &str = "@,;:<>()[]\"\\";
    !local.is_empty()
        && local.len() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && !local
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || NEVER.contains(c))
}

fn is_domain(domain: &str) -> bool {
    domain.contains('.')
        && domain.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_around_an_address_are_dropped_and_capitals_do_not_count() {
        let email = Email::parse("  Wang.Ming@Email.com ").unwrap();
        assert_eq!(email.as_str(), "Wang.Ming@Email.com");
        assert_eq!(email.compare_key(), "wang.ming@email.com");
    }

    #[test]
    fn what_cannot_be_an_address_is_refused() {
        for wrong in [
            "",
            "wang",
            "@a.tw",
            "wang@",
            "wang@hotel",
            "a b@c.tw",
            "a@b@c.tw",
            "a@b..tw",
            "a@-b.tw",
            "a\u{0}@b.tw",
            "<a@b.tw>",
            ".a@b.tw",
        ] {
            assert!(Email::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn an_address_of_more_than_100_characters_is_refused() {
        let domain = format!("{}.tw", "d".repeat(60));
        assert!(Email::parse(&format!("{}@{domain}", "a".repeat(36))).is_ok());
        assert!(Email::parse(&format!("{}@{domain}", "a".repeat(37))).is_err());
    }
}
