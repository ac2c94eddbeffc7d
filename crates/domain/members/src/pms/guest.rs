use crate::{
    Email, Gender, IdNumber, IdNumberVault, PersonName, Phone, SealedIdNumber, VaultError,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The key under which the hotel's own system keeps a guest: 1–40 printable characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GuestCode(String);

impl GuestCode {
    /// Longest code stored.
    pub const MAX_CHARS: usize = 40;

    /// A code without the blanks around it.
    ///
    /// # Errors
    /// What is wrong with it, safe to show.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if !(1..=Self::MAX_CHARS).contains(&text.chars().count()) {
            return Err("must have 1 to 40 characters");
        }
        if text.chars().any(char::is_control) {
            return Err("must not contain control characters");
        }
        Ok(Self(text.to_owned()))
    }

    /// A code that was checked before it was stored.
    #[must_use]
    pub const fn from_stored(stored: String) -> Self {
        Self(stored)
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A guest as the hotel's own system knows them. What it does not say is `None`.
#[derive(Clone, PartialEq, Eq)]
pub struct PmsGuest {
    /// Their key there; a stay may have none.
    pub code: Option<GuestCode>,
    /// Family name.
    pub last_name: Option<PersonName>,
    /// Given name.
    pub first_name: Option<PersonName>,
    /// Gender.
    pub gender: Option<Gender>,
    /// Birthday.
    pub birthday: Option<NaiveDate>,
    /// E-mail address.
    pub email: Option<Email>,
    /// Phone, in its international form where it can be told.
    pub phone: Option<Phone>,
    /// Identity or passport number.
    pub id_number: Option<IdNumber>,
    /// Whether they want advertising.
    pub accepts_marketing: Option<bool>,
    /// The guest they turned out to be.
    pub merged_into: Option<GuestCode>,
    /// How often they stayed, by the other system's own count.
    pub visits: Option<u32>,
    /// Whether the other system calls them a VIP.
    pub vip: Option<bool>,
    /// When the row changed there.
    pub updated_at: DateTime<Utc>,
}

/// The same as it is kept while somebody has to decide: the id number sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptGuest {
    /// Their key there.
    pub code: Option<GuestCode>,
    /// Family name.
    pub last_name: Option<String>,
    /// Given name.
    pub first_name: Option<String>,
    /// Gender, as its word.
    pub gender: Option<String>,
    /// Birthday.
    pub birthday: Option<NaiveDate>,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone.
    pub phone: Option<String>,
    /// The sealed id number.
    pub id_number: Option<String>,
    /// The index of the id number.
    pub id_index: Option<String>,
    /// Whether they want advertising.
    pub accepts_marketing: Option<bool>,
    /// How often they stayed.
    pub visits: Option<u32>,
    /// Whether they are a VIP.
    pub vip: Option<bool>,
    /// When the row changed there.
    pub updated_at: DateTime<Utc>,
}

impl PmsGuest {
    /// Somebody of whom nothing is known but when that was.
    #[must_use]
    pub const fn nobody(updated_at: DateTime<Utc>) -> Self {
        Self {
            code: None,
            last_name: None,
            first_name: None,
            gender: None,
            birthday: None,
            email: None,
            phone: None,
            id_number: None,
            accepts_marketing: None,
            merged_into: None,
            visits: None,
            vip: None,
            updated_at,
        }
    }

    /// The form in which it may be kept.
    ///
    /// # Errors
    /// The vault's.
    pub fn kept(&self, vault: &dyn IdNumberVault) -> Result<KeptGuest, VaultError> {
        let sealed = self.id_number.as_ref().map(|n| vault.seal(n)).transpose()?;
        let text = |name: &Option<PersonName>| name.as_ref().map(|n| n.as_str().to_owned());
        Ok(KeptGuest {
            code: self.code.clone(),
            last_name: text(&self.last_name),
            first_name: text(&self.first_name),
            gender: self.gender.map(|g| g.as_str().to_owned()),
            birthday: self.birthday,
            email: self.email.as_ref().map(|e| e.as_str().to_owned()),
            phone: self.phone.as_ref().map(|p| p.as_str().to_owned()),
            id_index: sealed.as_ref().map(|s| s.blind_index.clone()),
            id_number: sealed.map(|s| s.ciphertext),
            accepts_marketing: self.accepts_marketing,
            visits: self.visits,
            vip: self.vip,
            updated_at: self.updated_at,
        })
    }
}

impl KeptGuest {
    /// The guest again. An id number whose key is gone is left out.
    #[must_use]
    pub fn opened(&self, vault: &dyn IdNumberVault) -> PmsGuest {
        let name = |text: &Option<String>| text.clone().map(PersonName::from_stored);
        PmsGuest {
            code: self.code.clone(),
            last_name: name(&self.last_name),
            first_name: name(&self.first_name),
            gender: self.gender.as_deref().and_then(Gender::parse),
            birthday: self.birthday,
            email: self.email.clone().map(Email::from_stored),
            phone: self.phone.clone().map(Phone::from_stored),
            id_number: self.id_number.as_deref().and_then(|c| vault.open(c).ok()),
            accepts_marketing: self.accepts_marketing,
            merged_into: None,
            visits: self.visits,
            vip: self.vip,
            updated_at: self.updated_at,
        }
    }

    /// The sealed id number.
    #[must_use]
    pub fn sealed(&self) -> Option<SealedIdNumber> {
        Some(SealedIdNumber {
            ciphertext: self.id_number.clone()?,
            blind_index: self.id_index.clone()?,
        })
    }
}

impl fmt::Debug for PmsGuest {
    /// Without personal data: this may end up in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PmsGuest(…)")
    }
}

impl fmt::Debug for KeptGuest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeptGuest(…)")
    }
}
