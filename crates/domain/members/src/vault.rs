use crate::IdNumber;
use std::fmt;
use thiserror::Error;

/// Keeps identity numbers unreadable at rest (document 000 §5.4).
///
/// To add a method, give it to `crm-security` and to the plain vault of `crm-memory`. The
/// methods are not async: they compute, and call nobody.
pub trait IdNumberVault: Send + Sync {
    /// Encrypts a number and derives the index under which it is unique.
    ///
    /// # Errors
    /// [`VaultError::Failed`] when no key or no randomness is at hand.
    fn seal(&self, number: &IdNumber) -> Result<SealedIdNumber, VaultError>;

    /// Every index that this number may be stored under: one for each key in use, the present
    /// one first. During a change of keys that is more than one.
    fn blind_indexes(&self, number: &IdNumber) -> Vec<String>;

    /// Decrypts what [`seal`](Self::seal) made of a number.
    ///
    /// # Errors
    /// [`VaultError::UnknownKey`] when it was sealed with a key that is not configured (any
    /// more), [`VaultError::Damaged`] when it is not what was sealed.
    fn open(&self, ciphertext: &str) -> Result<IdNumber, VaultError>;
}

/// An identity number as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedIdNumber {
    /// The encrypted number with the name of its key; differs each time it is sealed.
    pub ciphertext: String,
    /// The keyed hash of the number; equal for equal numbers, and tells nothing without the key.
    pub blind_index: String,
}

impl fmt::Debug for SealedIdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedIdNumber(…)")
    }
}

/// What can go wrong with sealing and opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum VaultError {
    /// The key it was sealed with is not configured.
    #[error("the key of a sealed id number is not configured")]
    UnknownKey,
    /// The stored text is not what was sealed.
    #[error("a sealed id number is damaged")]
    Damaged,
    /// Sealing did not work.
    #[error("an id number could not be sealed")]
    Failed,
}
