use crate::{KeyError, MasterKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crm_exports::{DownloadLink, DownloadLinks};
use ring::hmac;
use std::fmt;

/// Links under which a finished file can be downloaded without signing in: an HMAC-SHA256 over
/// the numbers of the file, of whom the link was given to, and of the second in which it dies.
pub struct DownloadSigner {
    key: hmac::Key,
}

/// Base64 of a whole HMAC; nothing longer is looked at.
const CHARS: usize = 43;

impl DownloadSigner {
    /// Signs with a key derived from `SECRET_KEY`.
    ///
    /// # Errors
    /// `Refused` when the cryptography library does not take a key.
    pub fn new(master: &MasterKey) -> Result<Self, KeyError> {
        Ok(Self {
            key: master.derive_hmac("crm.export-download.v1")?,
        })
    }
}

/// Every number takes eight bytes, so that no two links are the same text.
fn text(link: DownloadLink) -> [u8; 24] {
    let mut text = [0; 24];
    text[..8].copy_from_slice(&link.export.get().to_be_bytes());
    text[8..16].copy_from_slice(&link.holder.get().to_be_bytes());
    text[16..].copy_from_slice(&link.expires.to_be_bytes());
    text
}

impl DownloadLinks for DownloadSigner {
    fn sign(&self, link: DownloadLink) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.key, &text(link)))
    }

    fn is_ours(&self, link: DownloadLink, signature: &str) -> bool {
        if signature.len() != CHARS {
            return false;
        }
        // ring compares in constant time.
        URL_SAFE_NO_PAD
            .decode(signature)
            .is_ok_and(|tag| hmac::verify(&self.key, &text(link), &tag).is_ok())
    }
}

impl fmt::Debug for DownloadSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DownloadSigner").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crm_kernel::{ExportId, UserId};
    use proptest::prelude::*;

    fn signer(letter: &str) -> DownloadSigner {
        let master = MasterKey::from_text(&letter.repeat(32).into()).unwrap();
        DownloadSigner::new(&master).unwrap()
    }

    fn link(export: i64, holder: i64, expires: i64) -> DownloadLink {
        DownloadLink {
            export: ExportId::new(export),
            holder: UserId::new(holder),
            expires,
        }
    }

    #[test]
    fn a_link_is_ours_only_as_it_was_given_out() {
        let (ours, theirs) = (signer("a"), signer("b"));
        let signature = ours.sign(link(7, 1, 1_800_000_000));
        assert_eq!(signature.len(), CHARS);
        assert!(ours.is_ours(link(7, 1, 1_800_000_000), &signature));
        assert!(!theirs.is_ours(link(7, 1, 1_800_000_000), &signature));
        for other in [
            link(8, 1, 1_800_000_000),
            link(7, 2, 1_800_000_000),
            link(7, 1, 1_800_000_001),
            link(1, 7, 1_800_000_000),
        ] {
            assert!(!ours.is_ours(other, &signature));
        }
    }

    #[test]
    fn any_changed_shortened_or_lengthened_signature_is_refused() {
        let signer = signer("a");
        let link = link(7, 1, 1_800_000_000);
        let signature = signer.sign(link);
        for at in 0..signature.len() {
            let mut bytes = signature.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            assert!(
                !signer.is_ours(link, &String::from_utf8(bytes).unwrap()),
                "{at}"
            );
            assert!(!signer.is_ours(link, &signature[..at]), "{at}");
        }
        for longer in ["A", "AAAA", "=", "\n"] {
            assert!(!signer.is_ours(link, &format!("{signature}{longer}")));
        }
        assert!(!signer.is_ours(link, &"A".repeat(100_000)));
        assert!(!signer.is_ours(link, "力麗"));
    }

    proptest! {
        #[test]
        fn every_link_comes_back(export: i64, holder: i64, expires: i64) {
            let signer = signer("a");
            let link = link(export, holder, expires);
            prop_assert!(signer.is_ours(link, &signer.sign(link)));
        }
    }
}
