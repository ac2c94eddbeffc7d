use crate::{Email, Username};

/// What somebody types to say who they are: their username or their e-mail address
/// (document 000 §4.2). The two never overlap, see [`Username`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginName {
    /// By username.
    Username(Username),
    /// By e-mail address.
    Email(Email),
}

impl LoginName {
    /// Reads a name as typed; `None` when nobody could have it.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.contains('@') {
            Email::parse(typed).ok().map(Self::Email)
        } else {
            Username::parse(typed).ok().map(Self::Username)
        }
    }
}

impl From<Username> for LoginName {
    fn from(name: Username) -> Self {
        Self::Username(name)
    }
}

impl From<Email> for LoginName {
    fn from(email: Email) -> Self {
        Self::Email(email)
    }
}
