use super::{GuestCode, KeptGuest, PmsGuest};
use crate::{IdNumberVault, StaySource, VaultError};
use chrono::{DateTime, NaiveDate, Utc};
use crm_kernel::MemberId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a stay stands with the hotel's own system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PmsStatus {
    /// To come.
    Booked,
    /// The guest is there.
    InHouse,
    /// The guest has left.
    CheckedOut,
    /// Called off.
    Cancelled,
    /// The guest did not come.
    NoShow,
    /// It cannot be told.
    Unknown,
}

impl PmsStatus {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Booked,
        Self::InHouse,
        Self::CheckedOut,
        Self::Cancelled,
        Self::NoShow,
        Self::Unknown,
    ];

    /// Reads the stored and spoken word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// The stored and spoken word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::InHouse => "in_house",
            Self::CheckedOut => "checked_out",
            Self::Cancelled => "cancelled",
            Self::NoShow => "no_show",
            Self::Unknown => "unknown",
        }
    }
}

/// A stay as the hotel's own system knows it: one room of one order.
#[derive(Clone, PartialEq, Eq)]
pub struct PmsStay {
    /// Unique: the order's number, and for its second room on `-2` and so on.
    pub order_number: String,
    /// The kind of room.
    pub room_type: Option<String>,
    /// What it costs, in hundredths; never negative.
    pub amount_minor: i64,
    /// The day of arrival.
    pub check_in_date: NaiveDate,
    /// The day of departure, not before the arrival.
    pub check_out_date: NaiveDate,
    /// How it stands.
    pub status: PmsStatus,
    /// When it was booked.
    pub booked_at: Option<DateTime<Utc>>,
    /// When the row changed there.
    pub updated_at: DateTime<Utc>,
    /// What it says of the guest: code, names, phone and id number.
    pub guest: PmsGuest,
}

/// The same as it is kept while somebody has to decide whose it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptStay {
    /// The order's number.
    pub order_number: String,
    /// The kind of room.
    pub room_type: Option<String>,
    /// What it costs, in hundredths.
    pub amount_minor: i64,
    /// The day of arrival.
    pub check_in_date: NaiveDate,
    /// The day of departure.
    pub check_out_date: NaiveDate,
    /// How it stands.
    pub status: PmsStatus,
    /// When it was booked.
    pub booked_at: Option<DateTime<Utc>>,
    /// When the row changed there.
    pub updated_at: DateTime<Utc>,
    /// What it says of the guest.
    pub guest: KeptGuest,
}

/// A stay to be stored for a member, new or in place of what stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncedStay {
    /// Whose.
    pub member: MemberId,
    /// The guest's key, by which it follows when guests are found to be one.
    pub guest_code: Option<GuestCode>,
    /// The order's number.
    pub order_number: String,
    /// The kind of room.
    pub room_type: Option<String>,
    /// What it costs, in hundredths.
    pub amount_minor: i64,
    /// The day of arrival.
    pub check_in_date: NaiveDate,
    /// The day of departure.
    pub check_out_date: NaiveDate,
    /// Nights between the two; 0 for a room used by day.
    pub nights: u32,
    /// How it stands.
    pub status: PmsStatus,
    /// When it was booked.
    pub booked_at: Option<DateTime<Utc>>,
    /// When the row changed in the hotel's own system.
    pub updated_at: DateTime<Utc>,
}

/// What is stored under an order number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownStay {
    /// The content; of a stay that staff typed in, as far as it has it (`updated_at` is then the
    /// beginning of time, the dates fall back to that of the row's birth, and the status to
    /// [`PmsStatus::Unknown`]): only [`source`](Self::source) counts there.
    pub stay: SyncedStay,
    /// Who wrote it down.
    pub source: StaySource,
}

impl PmsStay {
    /// Nights between arrival and departure.
    #[must_use]
    pub fn nights(&self) -> u32 {
        u32::try_from((self.check_out_date - self.check_in_date).num_days()).unwrap_or(0)
    }

    /// What is to be stored once it is known whose it is.
    #[must_use]
    pub fn of(&self, member: MemberId) -> SyncedStay {
        SyncedStay {
            member,
            guest_code: self.guest.code.clone(),
            order_number: self.order_number.clone(),
            room_type: self.room_type.clone(),
            amount_minor: self.amount_minor,
            check_in_date: self.check_in_date,
            check_out_date: self.check_out_date,
            nights: self.nights(),
            status: self.status,
            booked_at: self.booked_at,
            updated_at: self.updated_at,
        }
    }

    /// The form in which it may be kept.
    ///
    /// # Errors
    /// The vault's.
    pub fn kept(&self, vault: &dyn IdNumberVault) -> Result<KeptStay, VaultError> {
        Ok(KeptStay {
            order_number: self.order_number.clone(),
            room_type: self.room_type.clone(),
            amount_minor: self.amount_minor,
            check_in_date: self.check_in_date,
            check_out_date: self.check_out_date,
            status: self.status,
            booked_at: self.booked_at,
            updated_at: self.updated_at,
            guest: self.guest.kept(vault)?,
        })
    }
}

impl KeptStay {
    /// The stay again.
    #[must_use]
    pub fn opened(&self, vault: &dyn IdNumberVault) -> PmsStay {
        PmsStay {
            order_number: self.order_number.clone(),
            room_type: self.room_type.clone(),
            amount_minor: self.amount_minor,
            check_in_date: self.check_in_date,
            check_out_date: self.check_out_date,
            status: self.status,
            booked_at: self.booked_at,
            updated_at: self.updated_at,
            guest: self.guest.opened(vault),
        }
    }
}

impl fmt::Debug for PmsStay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PmsStay({})", self.order_number)
    }
}

impl fmt::Debug for KeptStay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeptStay({})", self.order_number)
    }
}
