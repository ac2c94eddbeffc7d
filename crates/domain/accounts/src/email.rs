use std::fmt;

/// A back-office user's e-mail address, at most 100 characters, kept in lower case.
///
/// ASCII only: databases differ in which accented letters they call equal, and two users must not
/// share an address on one and be apart on another. Whether the mailbox exists is not checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    /// Longest address that is stored (document 000 §3.2.1).
    pub const MAX_LEN: usize = 100;

    /// Reads an address as typed.
    ///
    /// # Errors
    /// The broken rule, in words.
    pub fn parse(typed: &str) -> Result<Self, &'static str> {
        let address = typed.trim();
        if address.len() > Self::MAX_LEN {
            return Err("must have at most 100 characters");
        }
        let Some((mailbox, host)) = address.rsplit_once('@') else {
            return Err(NOT_AN_ADDRESS);
        };
        if is_mailbox(mailbox) && is_host(host) {
            Ok(Self(address.to_ascii_lowercase()))
        } else {
            Err(NOT_AN_ADDRESS)
        }
    }

    /// The address, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const NOT_AN_ADDRESS: &str = "must be an e-mail address";

fn is_mailbox(text: &str) -> bool {
    // RFC 5322 `dot-atom`; nobody's work address needs the quoted form.
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    !text.is_empty()
        && text
            .split('.')
            .all(|part| !part.is_empty() && part.chars().all(atom))
}

fn is_host(text: &str) -> bool {
    let label = |part: &str| {
        !part.is_empty()
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    !text.is_empty() && text.split('.').all(label)
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_make_another_address() {
        assert_eq!(
            Email::parse(" Admin@Hotel.COM ").unwrap(),
            Email::parse("admin@hotel.com").unwrap()
        );
    }

    #[test]
    fn usual_addresses_are_accepted() {
        for address in ["a@b", "mei.lin+crm@mail.hotel.com.tw", "o'neil@x-y.tw"] {
            assert!(Email::parse(address).is_ok(), "{address}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@hotel.com", "a".repeat(100));
        for address in [
            "",
            "admin",
            "@hotel.com",
            "a@",
            "a@.com",
            "a@-x.com",
            "a b@hotel.com",
            "a..b@hotel.com",
            "a@b@hotel.com",
            "小明@hotel.com",
            "a@hotel.com\r\nbcc: b@hotel.com",
            &long,
        ] {
            assert!(Email::parse(address).is_err(), "{address}");
        }
    }
}
