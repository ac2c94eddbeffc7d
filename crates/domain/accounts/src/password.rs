use crate::{Email, Username};
use std::fmt;
use std::hint::black_box;
use std::mem;

/// A password as typed. It shows itself to nobody by accident, and is wiped when dropped.
#[derive(Clone)]
pub struct PlainPassword(String);

impl PlainPassword {
    /// Fewest characters of a new password.
    pub const MIN_CHARS: usize = 8;
    /// Most bytes of a new password; hashing must not become a way to keep a processor busy.
    pub const MAX_BYTES: usize = 128;

    /// Takes a password as typed, blanks and all. Any text will do here: somebody's present
    /// password may be older than the rules of [`check_as_new`](Self::check_as_new).
    #[must_use]
    pub const fn new(typed: String) -> Self {
        Self(typed)
    }

    /// The password itself, for hashing only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it may become the password of a user with this name and address.
    ///
    /// # Errors
    /// The broken rule, in words.
    pub fn check_as_new(&self, username: &Username, email: &Email) -> Result<(), &'static str> {
        self.check_length()?;
        let same_as = |name: &str| self.0.trim().eq_ignore_ascii_case(name);
        if same_as(username.as_str()) || same_as(email.as_str()) {
            return Err("must not be the username or the e-mail address");
        }
        Ok(())
    }

    /// The rules that need no user.
    pub(crate) fn check_length(&self) -> Result<(), &'static str> {
        if self.0.chars().count() < Self::MIN_CHARS {
            return Err("must have at least 8 characters");
        }
        if self.0.len() > Self::MAX_BYTES {
            return Err("must have at most 128 bytes");
        }
        Ok(())
    }
}

impl fmt::Debug for PlainPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainPassword(…)")
    }
}

impl Drop for PlainPassword {
    fn drop(&mut self) {
        let mut bytes = mem::take(&mut self.0).into_bytes();
        bytes.fill(0);
        // Without a reader the compiler may leave the wiping out.
        black_box(&bytes);
    }
}

/// What is stored instead of a password; its format belongs to the
/// [`PasswordHasher`](crate::PasswordHasher).
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Wraps what a hasher made or a storage kept.
    #[must_use]
    pub const fn new(hash: String) -> Self {
        Self(hash)
    }

    /// The text to store.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Result<(), &'static str> {
        let username = Username::parse("mei.lin-01").unwrap();
        let email = Email::parse("mei@hotel.com").unwrap();
        PlainPassword::new(password.to_owned()).check_as_new(&username, &email)
    }

    #[test]
    fn length_counts_characters_below_and_bytes_above() {
        assert!(check("1234567").is_err());
        assert!(check("12345678").is_ok());
        assert!(check("密碼密碼密碼密碼").is_ok());
        assert!(check(&"x".repeat(128)).is_ok());
        assert!(check(&"密".repeat(43)).is_err());
    }

    #[test]
    fn a_name_is_no_password() {
        assert!(check("Mei.Lin-01").is_err());
        assert!(check(" MEI@hotel.com").is_err());
        assert!(check("mei@hotel.com!").is_ok());
    }

    #[test]
    fn debug_output_holds_no_secret() {
        let plain = PlainPassword::new("correct horse".to_owned());
        let hash = PasswordHash::new("$argon2id$v=19$…".to_owned());
        let shown = format!("{plain:?} {hash:?}");
        assert!(!shown.contains("horse") && !shown.contains("argon"));
    }
}
