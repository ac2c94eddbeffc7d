use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use ring::hmac;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use thiserror::Error;

/// A secret of the settings, from which the keys that are used are derived.
#[derive(Clone)]
pub struct MasterKey(Prk);

/// Why a secret cannot be used. The secret itself is in none of the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// A secret given as text is too easy to guess.
    #[error("the key must have at least 32 bytes")]
    TooShort,
    /// A secret given as base64 is something else.
    #[error("the key must be base64 of exactly 32 bytes")]
    NotBase64,
    /// The password cost is outside of what Argon2 defines.
    #[error("the password cost is out of range")]
    Cost,
    /// Another part of the process chose other cryptography for JSON web tokens before us.
    #[error("another provider of cryptography for json web tokens is installed")]
    ProviderTaken,
    /// The cryptography library refused a key.
    #[error("the key could not be derived")]
    Refused,
}

impl MasterKey {
    /// Fewest bytes of a secret: as many as HMAC-SHA256 gives back (RFC 7518 §3.2).
    pub const MIN_BYTES: usize = 32;

    /// A secret given as text (`SECRET_KEY`).
    ///
    /// # Errors
    /// `TooShort`.
    pub fn from_text(secret: &SecretString) -> Result<Self, KeyError> {
        let bytes = secret.expose_secret().as_bytes();
        if bytes.len() < Self::MIN_BYTES {
            return Err(KeyError::TooShort);
        }
        Ok(Self::extract(bytes))
    }

    /// A secret given as base64 of 32 random bytes (`ID_NUMBER_KEY`).
    ///
    /// # Errors
    /// `NotBase64`, also for another length.
    pub fn from_base64(secret: &SecretString) -> Result<Self, KeyError> {
        let bytes = STANDARD
            .decode(secret.expose_secret().trim())
            .map(Zeroizing::new)
            .map_err(|_| KeyError::NotBase64)?;
        if bytes.len() != Self::MIN_BYTES {
            return Err(KeyError::NotBase64);
        }
        Ok(Self::extract(&bytes))
    }

    fn extract(secret: &[u8]) -> Self {
        Self(Salt::new(HKDF_SHA256, &[]).extract(secret))
    }

    /// The key for one use. Labels are stored in nothing, but what was made under one can only
    /// be read under the same: they never change.
    pub(crate) fn derive(&self, label: &str) -> Result<Zeroizing<[u8; 32]>, KeyError> {
        let mut key = Zeroizing::new([0; 32]);
        self.0
            .expand(&[label.as_bytes()], Bytes32)
            .and_then(|okm| okm.fill(key.as_mut()))
            .map_err(|_| KeyError::Refused)?;
        Ok(key)
    }

    /// The HMAC-SHA256 key for one use.
    pub(crate) fn derive_hmac(&self, label: &str) -> Result<hmac::Key, KeyError> {
        let key = self.derive(label)?;
        Ok(hmac::Key::new(hmac::HMAC_SHA256, key.as_ref()))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

struct Bytes32;

impl KeyType for Bytes32 {
    fn len(&self) -> usize {
        32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_or_undecodable_secrets_are_refused() {
        let text = |text: &str| MasterKey::from_text(&text.into()).err();
        assert_eq!(text(&"x".repeat(31)), Some(KeyError::TooShort));
        assert_eq!(text(&"x".repeat(32)), None);

        let base64 = |bytes: &[u8]| MasterKey::from_base64(&STANDARD.encode(bytes).into()).err();
        assert_eq!(base64(&[7; 31]), Some(KeyError::NotBase64));
        assert_eq!(base64(&[7; 33]), Some(KeyError::NotBase64));
        assert_eq!(base64(&[7; 32]), None);
        let not_base64 = MasterKey::from_base64(&"*".repeat(44).into());
        assert_eq!(not_base64.err(), Some(KeyError::NotBase64));
    }

    #[test]
    fn every_label_and_every_secret_gives_another_key() {
        let a = MasterKey::from_text(&"a".repeat(32).into()).unwrap();
        let b = MasterKey::from_text(&"b".repeat(32).into()).unwrap();
        assert_eq!(a.derive("x").unwrap(), a.derive("x").unwrap());
        assert_ne!(a.derive("x").unwrap(), a.derive("y").unwrap());
        assert_ne!(a.derive("x").unwrap(), b.derive("x").unwrap());
    }

    #[test]
    fn debug_output_holds_no_secret() {
        let key = MasterKey::from_text(&"correct horse battery staple 1234".into()).unwrap();
        assert_eq!(format!("{key:?}"), "MasterKey(…)");
    }
}
