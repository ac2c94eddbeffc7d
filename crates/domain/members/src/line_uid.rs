use std::fmt;

/// The id by which LINE names a user to this Official Account.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LineUid(String);

impl LineUid {
    /// Longest id stored (document 000 §3.2.2); LINE's own have 33 characters.
    pub const MAX_CHARS: usize = 100;

    /// Takes LINE's word for the shape, but nothing that could not be stored or put into a
    /// path. Capitals count.
    ///
    /// # Errors
    /// What is wrong with it, safe to show.
    pub fn parse(uid: &str) -> Result<Self, &'static str> {
        if uid.is_empty() || uid.len() > Self::MAX_CHARS {
            return Err("must have 1 to 100 characters");
        }
        if !uid
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        {
            return Err("is not a line user id");
        }
        Ok(Self(uid.to_owned()))
    }

    /// An id that was checked before it was stored.
    #[must_use]
    pub const fn from_stored(stored: String) -> Self {
        Self(stored)
    }

    /// The id as LINE writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LineUid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LineUid(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_plain_text_that_fits_a_path() {
        assert!(LineUid::parse("U4af4980629aa0bc5f5a4d3e1b2c3d4e5").is_ok());
        for wrong in ["", "U 1", "../U1", "U1\u{0}", "王"] {
            assert!(LineUid::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
