use crate::{KeyError, MasterKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use ring::{digest, hmac};

/// Keeps answers that are stored for a repeated request unreadable at rest: they may hold what
/// is nowhere else stored in the clear, an identity number for example.
///
/// With another `SECRET_KEY` what was kept cannot be read any more; it is kept for a day only.
pub struct AnswerCipher {
    seal: LessSafeKey,
    print: hmac::Key,
    random: SystemRandom,
}

impl AnswerCipher {
    /// Seals with a key derived from `master`.
    ///
    /// # Errors
    /// `Refused` when the cryptography library does not take a key.
    pub fn new(master: &MasterKey) -> Result<Self, KeyError> {
        let seal = master.derive("crm.kept-answer.seal.v1")?;
        Ok(Self {
            seal: UnboundKey::new(&AES_256_GCM, seal.as_ref())
                .map(LessSafeKey::new)
                .map_err(|_| KeyError::Refused)?,
            print: master.derive_hmac("crm.kept-answer.print.v1")?,
            random: SystemRandom::new(),
        })
    }

    /// A name for what is no secret, 64 characters; differently cut parts have different ones.
    /// It stays the same under another `SECRET_KEY`.
    #[must_use]
    pub fn name<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        hex::encode(context.finish())
    }

    /// A keyed hash over parts, 64 characters; differently cut parts have different ones.
    #[must_use]
    pub fn fingerprint<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> String {
        let mut context = hmac::Context::with_key(&self.print);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        hex::encode(context.sign())
    }

    /// Encrypts an answer for one slot; `None` when there is no randomness to be had.
    #[must_use]
    pub fn seal(&self, slot: &str, answer: &[u8]) -> Option<String> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).ok()?;
        let mut text = answer.to_vec();
        let tag = Nonce::assume_unique_for_key(nonce);
        self.seal
            .seal_in_place_append_tag(tag, Aad::from(slot), &mut text)
            .ok()?;
        Some(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &text].concat()))
    }

    /// What [`seal`](Self::seal) was given; `None` for another slot, another key, another text.
    #[must_use]
    pub fn open(&self, slot: &str, sealed: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, text) = bytes.split_first_chunk::<NONCE_LEN>()?;
        let mut text = text.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let plain = self.seal.open_in_place(nonce, Aad::from(slot), &mut text);
        plain.ok().map(|plain| plain.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::SecretString;

    fn cipher(secret: &str) -> AnswerCipher {
        AnswerCipher::new(&MasterKey::from_text(&SecretString::from(secret)).unwrap()).unwrap()
    }

    #[test]
    fn an_answer_is_read_in_its_own_slot_with_its_own_key_only() {
        let ours = cipher("0123456789abcdef0123456789abcdef");
        let sealed = ours
            .seal("slot", b"{\"id_number\":\"A123456789\"}")
            .unwrap();
        assert!(!sealed.contains("A123456789"));
        assert_eq!(
            ours.open("slot", &sealed).unwrap(),
            b"{\"id_number\":\"A123456789\"}"
        );
        assert_eq!(ours.open("other", &sealed), None);
        let theirs = cipher("fedcba9876543210fedcba9876543210");
        assert_eq!(theirs.open("slot", &sealed), None);
        assert_eq!(ours.open("slot", "AAAA"), None);
    }

    #[test]
    fn parts_that_are_cut_differently_have_different_prints() {
        let ours = cipher("0123456789abcdef0123456789abcdef");
        let print = |parts: [&str; 2]| ours.fingerprint(parts.map(str::as_bytes));
        assert_eq!(print(["a", "bc"]), print(["a", "bc"]));
        assert_ne!(print(["a", "bc"]), print(["ab", "c"]));
        assert_eq!(print(["a", "b"]).len(), 64);
    }
}
