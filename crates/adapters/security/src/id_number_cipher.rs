use crate::sealed::Sealed;
use crate::{KeyError, MasterKey};
use crm_members::{IdNumber, IdNumberVault, SealedIdNumber, VaultError};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::zeroize::Zeroizing;
use std::fmt;

/// Identity numbers by AES-256-GCM with a random nonce, and a keyed index for what encryption
/// hides: that two numbers are equal.
///
/// The encrypted text is bound to the column it stands in, but not to its row: a row has no id
/// before it is inserted. A text moved to another row is found out by the index beside it, as
/// [`blind_indexes`](IdNumberVault::blind_indexes) of what was opened do not contain it.
///
/// # Changing the key
/// 1. `ID_NUMBER_KEY_PREVIOUS` takes the old key, `ID_NUMBER_KEY` a new one. From now on numbers
///    are sealed and indexed with the new key, texts of both are opened, and uniqueness is asked
///    for with both indexes; the unique key of the table alone sees only equal keys.
/// 2. Every row that is not [current](Self::is_current) is opened and sealed again, text and
///    index together.
/// 3. `ID_NUMBER_KEY_PREVIOUS` is emptied.
pub struct IdNumberCipher {
    current: Key,
    previous: Option<Key>,
    column: &'static str,
    random: SystemRandom,
}

struct Key {
    id: String,
    seal: LessSafeKey,
    index: hmac::Key,
}

impl IdNumberCipher {
    /// Seals with `current`; `previous` is only for what was sealed before.
    ///
    /// # Errors
    /// `Refused` when the cryptography library does not take a key.
    pub fn new(current: &MasterKey, previous: Option<&MasterKey>) -> Result<Self, KeyError> {
        Self::of_column("members.id_number", current, previous)
    }

    fn of_column(
        column: &'static str,
        current: &MasterKey,
        previous: Option<&MasterKey>,
    ) -> Result<Self, KeyError> {
        let current = Key::of(current)?;
        let previous = previous.map(Key::of).transpose()?;
        Ok(Self {
            // The same key twice would only double every question about uniqueness.
            previous: previous.filter(|key| key.id != current.id),
            current,
            column,
            random: SystemRandom::new(),
        })
    }

    /// Whether a text was sealed with the present key; `false` means it should be sealed anew.
    #[must_use]
    pub fn is_current(&self, ciphertext: &str) -> bool {
        Sealed::parse(ciphertext).is_some_and(|sealed| sealed.key_id == self.current.id)
    }

    fn keys(&self) -> impl Iterator<Item = &Key> {
        [&self.current].into_iter().chain(&self.previous)
    }
}

impl IdNumberVault for IdNumberCipher {
    fn seal(&self, number: &IdNumber) -> Result<SealedIdNumber, VaultError> {
        let key = &self.current;
        let mut nonce = [0; NONCE_LEN];
        self.random
            .fill(&mut nonce)
            .map_err(|_| VaultError::Failed)?;
        let mut text = number.as_str().as_bytes().to_vec();
        key.seal
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(self.column),
                &mut text,
            )
            .map_err(|_| VaultError::Failed)?;
        Ok(SealedIdNumber {
            ciphertext: Sealed::to_text(&key.id, &[nonce.as_slice(), &text].concat()),
            blind_index: key.index_of(number),
        })
    }

    fn blind_indexes(&self, number: &IdNumber) -> Vec<String> {
        self.keys().map(|key| key.index_of(number)).collect()
    }

    fn open(&self, ciphertext: &str) -> Result<IdNumber, VaultError> {
        let sealed = Sealed::parse(ciphertext).ok_or(VaultError::Damaged)?;
        let key = self
            .keys()
            .find(|key| key.id == sealed.key_id)
            .ok_or(VaultError::UnknownKey)?;
        let bytes = Zeroizing::new(sealed.bytes);
        let (nonce, text) = bytes
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(VaultError::Damaged)?;
        let mut text = Zeroizing::new(text.to_vec());
        let plain = key
            .seal
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(self.column),
                &mut text,
            )
            .map_err(|_| VaultError::Damaged)?;
        let plain = std::str::from_utf8(plain).map_err(|_| VaultError::Damaged)?;
        IdNumber::parse(plain).map_err(|_| VaultError::Damaged)
    }
}

impl Key {
    fn of(master: &MasterKey) -> Result<Self, KeyError> {
        let seal = master.derive("crm.id-number.seal.v1")?;
        let id = master.derive("crm.id-number.key-id.v1")?;
        Ok(Self {
            // Short: it tells two keys of one hotel apart, it does not have to resist anybody.
            id: hex::encode(&id[..4]),
            seal: UnboundKey::new(&AES_256_GCM, seal.as_ref())
                .map(LessSafeKey::new)
                .map_err(|_| KeyError::Refused)?,
            index: master.derive_hmac("crm.id-number.index.v1")?,
        })
    }

    fn index_of(&self, number: &IdNumber) -> String {
        hex::encode(hmac::sign(&self.index, number.as_str().as_bytes()))
    }
}

impl fmt::Debug for IdNumberCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdNumberCipher")
            .field("current", &self.current.id)
            .field("previous", &self.previous.as_ref().map(|key| &key.id))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn master(letter: &str) -> MasterKey {
        MasterKey::from_text(&letter.repeat(32).into()).unwrap()
    }

    fn cipher(current: &str) -> IdNumberCipher {
        IdNumberCipher::new(&master(current), None).unwrap()
    }

    fn number(text: &str) -> IdNumber {
        IdNumber::parse(text).unwrap()
    }

    #[test]
    fn the_same_number_is_sealed_differently_but_indexed_alike() {
        let cipher = cipher("a");
        let first = cipher.seal(&number("A123456789")).unwrap();
        let second = cipher.seal(&number("ａ123456789 ")).unwrap();
        assert_ne!(first.ciphertext, second.ciphertext);
        assert_eq!(first.blind_index, second.blind_index);
        assert_eq!(first.blind_index.len(), 64);
        assert!(!first.ciphertext.contains("A123456789"));
        let other = cipher.seal(&number("A123456780")).unwrap();
        assert_ne!(first.blind_index, other.blind_index);
    }

    #[test]
    fn any_changed_character_is_noticed() {
        let cipher = cipher("a");
        let text = cipher.seal(&number("A123456789")).unwrap().ciphertext;
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(cipher.open(&changed).is_err(), "{at}");
        }
        for damaged in ["", "v1", "v1.", "v1..", "v2.00000000.AAAA", &text[..20]] {
            assert_eq!(cipher.open(damaged), Err(VaultError::Damaged), "{damaged}");
        }
    }

    #[test]
    fn another_key_opens_nothing_and_has_other_indexes() {
        let sealed = cipher("a").seal(&number("A123456789")).unwrap();
        let other = cipher("b");
        assert_eq!(other.open(&sealed.ciphertext), Err(VaultError::UnknownKey));
        let indexes = other.blind_indexes(&number("A123456789"));
        assert!(!indexes.contains(&sealed.blind_index));
        // Not even when the key's id is put in its place.
        let own = other.seal(&number("A1")).unwrap().ciphertext;
        let disguised = format!("{}{}", &own[..12], &sealed.ciphertext[12..]);
        assert_eq!(other.open(&disguised), Err(VaultError::Damaged));
    }

    #[test]
    fn a_text_of_another_column_is_not_opened() {
        let elsewhere = IdNumberCipher::of_column("members.passport", &master("a"), None).unwrap();
        let sealed = elsewhere.seal(&number("A123456789")).unwrap();
        let opened = cipher("a").open(&sealed.ciphertext);
        assert_eq!(opened, Err(VaultError::Damaged));
    }

    #[test]
    fn a_text_moved_to_another_row_does_not_fit_the_index_there() {
        let cipher = cipher("a");
        let here = cipher.seal(&number("A123456789")).unwrap();
        let there = cipher.seal(&number("B123456789")).unwrap();
        let opened = cipher.open(&here.ciphertext).unwrap();
        let indexes = cipher.blind_indexes(&opened);
        assert!(indexes.contains(&here.blind_index));
        assert!(!indexes.contains(&there.blind_index));
    }

    #[test]
    fn a_change_of_keys_loses_nothing() {
        let before = cipher("a").seal(&number("A123456789")).unwrap();
        let during = IdNumberCipher::new(&master("b"), Some(&master("a"))).unwrap();

        assert!(!during.is_current(&before.ciphertext));
        let opened = during.open(&before.ciphertext).unwrap();
        let after = during.seal(&opened).unwrap();
        assert!(during.is_current(&after.ciphertext));
        assert_eq!(
            during.blind_indexes(&opened),
            [after.blind_index.clone(), before.blind_index]
        );
        assert_eq!(cipher("b").open(&after.ciphertext), Ok(opened));
    }

    #[test]
    fn the_same_key_given_twice_counts_once() {
        let cipher = IdNumberCipher::new(&master("a"), Some(&master("a"))).unwrap();
        assert_eq!(cipher.blind_indexes(&number("A123456789")).len(), 1);
    }

    #[test]
    fn debug_output_names_keys_by_their_id_only() {
        let shown = format!("{:?}", cipher("a"));
        assert!(shown.len() < 80, "{shown}");
    }

    proptest! {
        #[test]
        fn what_is_sealed_can_be_opened_and_fits_its_column(text in "\\PC{1,50}") {
            // Some rare letters take another form each time they are put in capitals.
            let again = IdNumber::parse(&text).and_then(|once| IdNumber::parse(once.as_str()));
            prop_assume!(again == IdNumber::parse(&text) && again.is_ok());
            let sealed = cipher("a").seal(&number(&text)).unwrap();
            prop_assert!(sealed.ciphertext.len() <= 400);
            prop_assert_eq!(cipher("a").open(&sealed.ciphertext), Ok(number(&text)));
        }
    }
}
