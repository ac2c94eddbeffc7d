use crm_members::{IdNumber, IdNumberVault, SealedIdNumber, VaultError};
use std::sync::atomic::{AtomicU64, Ordering};

/// A vault without a lock, for tests: `sealed:<nth>:<number>`. Like a real one it never seals
/// the same number to the same text twice.
#[derive(Debug, Default)]
pub struct PlainVault(AtomicU64);

impl IdNumberVault for PlainVault {
    fn seal(&self, number: &IdNumber) -> Result<SealedIdNumber, VaultError> {
        let nth = self.0.fetch_add(1, Ordering::Relaxed);
        Ok(SealedIdNumber {
            ciphertext: format!("sealed:{nth}:{}", number.as_str()),
            blind_index: format!("index:{}", number.as_str()),
        })
    }

    fn blind_indexes(&self, number: &IdNumber) -> Vec<String> {
        vec![format!("index:{}", number.as_str())]
    }

    fn open(&self, ciphertext: &str) -> Result<IdNumber, VaultError> {
        let number = ciphertext
            .strip_prefix("sealed:")
            .and_then(|rest| rest.split_once(':'))
            .ok_or(VaultError::Damaged)?
            .1;
        IdNumber::parse(number).map_err(|_| VaultError::Damaged)
    }
}
