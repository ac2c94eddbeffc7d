//! Which rows are special, and how: by their place among the others.
//!
//! The place is the row's number modulo the period, so how many there are of each is known without
//! looking; the seed changes names, numbers, and forms, never which row is special.

use super::row::{Meaning, Verdict};

/// What is special about a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GuestCase {
    MissingKey,
    ChangedIn1800,
    ChangedUnreadable,
    Nobody,
    FamilyOnOnePhone,
    PhoneAndId,
    SamePhoneOtherId,
    IdUpperCase,
    IdLowerCase,
    MergedIntoLater,
    MergedIntoEarlier,
    MergeTarget,
    AgencyName,
    AgencyNameOnly,
    Placeholders,
    BirthIn1911,
    BirthIn1800,
    NoAdvertising,
    LatinName,
    LongFamilyName,
    LandlineOnly,
}

/// What is special about a stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StayCase {
    MissingKey,
    ArrivalIn1800,
    TextAmount,
    NegativeAmount,
    LeavesBeforeArrival,
    MissingStatus,
    Nobody,
    MasterFolio,
    ThreeRooms,
    DCheckedOut,
    DCheckedOutByDates,
    DCancelled,
    DUnknown,
    SCheckedIn,
    SNoShow,
    NoShowMark,
    CancelledAfterCheckIn,
    GuestLeft,
    NeverArrived,
    AgencyName,
    WithoutGuestCode,
    SameDay,
    NumbersAsText,
    UnknownGuestCode,
}

/// Guests repeat after this many.
pub const GUEST_PERIOD: usize = 500;
/// Stays repeat after this many.
pub const STAY_PERIOD: usize = 400;

impl GuestCase {
    pub(crate) const fn of(index: usize) -> Option<Self> {
        Some(match index % GUEST_PERIOD {
            0 => Self::MissingKey,
            1 => Self::ChangedIn1800,
            2 => Self::ChangedUnreadable,
            3 => Self::Nobody,
            10..=12 => Self::FamilyOnOnePhone,
            20 => Self::PhoneAndId,
            21 => Self::SamePhoneOtherId,
            30 => Self::IdUpperCase,
            31 => Self::IdLowerCase,
            40 => Self::MergedIntoLater,
            43 => Self::MergedIntoEarlier,
            41 | 42 => Self::MergeTarget,
            50 => Self::AgencyName,
            51 => Self::AgencyNameOnly,
            60 => Self::Placeholders,
            61 => Self::BirthIn1911,
            62 => Self::BirthIn1800,
            70..=79 => Self::NoAdvertising,
            90 => Self::LatinName,
            91 => Self::LongFamilyName,
            100..=109 => Self::LandlineOnly,
            _ => return None,
        })
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::MissingKey => "missing_key",
            Self::ChangedIn1800 => "changed_in_1800",
            Self::ChangedUnreadable => "changed_unreadable",
            Self::Nobody => "nobody",
            Self::FamilyOnOnePhone => "family_on_one_phone",
            Self::PhoneAndId => "phone_and_id",
            Self::SamePhoneOtherId => "same_phone_other_id",
            Self::IdUpperCase => "id_upper_case",
            Self::IdLowerCase => "id_lower_case",
            Self::MergedIntoLater => "merged_into_later",
            Self::MergedIntoEarlier => "merged_into_earlier",
            Self::MergeTarget => "merge_target",
            Self::AgencyName => "agency_name",
            Self::AgencyNameOnly => "agency_name_only",
            Self::Placeholders => "placeholders",
            Self::BirthIn1911 => "birth_in_1911",
            Self::BirthIn1800 => "birth_in_1800",
            Self::NoAdvertising => "no_advertising",
            Self::LatinName => "latin_name",
            Self::LongFamilyName => "long_family_name",
            Self::LandlineOnly => "landline_only",
        }
    }

    pub(crate) const fn verdict(self) -> Verdict {
        match self {
            Self::MissingKey | Self::ChangedIn1800 | Self::ChangedUnreadable | Self::Nobody => {
                Verdict::Bad
            }
            _ => Verdict::Good,
        }
    }
}

impl StayCase {
    pub(crate) const fn of(index: usize) -> Option<Self> {
        Some(match index % STAY_PERIOD {
            0 => Self::MissingKey,
            1 => Self::ArrivalIn1800,
            2 => Self::TextAmount,
            3 => Self::NegativeAmount,
            4 => Self::LeavesBeforeArrival,
            5 => Self::MissingStatus,
            6 => Self::Nobody,
            7 | 8 => Self::MasterFolio,
            10..=12 => Self::ThreeRooms,
            20 => Self::DCheckedOut,
            21 => Self::DCheckedOutByDates,
            22 => Self::DCancelled,
            23 => Self::DUnknown,
            30 => Self::SCheckedIn,
            31 => Self::SNoShow,
            32 => Self::NoShowMark,
            40 => Self::CancelledAfterCheckIn,
            50 => Self::GuestLeft,
            51 => Self::NeverArrived,
            60 => Self::AgencyName,
            61 => Self::WithoutGuestCode,
            63 => Self::SameDay,
            64 => Self::NumbersAsText,
            65 => Self::UnknownGuestCode,
            _ => return None,
        })
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::MissingKey => "missing_key",
            Self::ArrivalIn1800 => "arrival_in_1800",
            Self::TextAmount => "text_amount",
            Self::NegativeAmount => "negative_amount",
            Self::LeavesBeforeArrival => "leaves_before_arrival",
            Self::MissingStatus => "missing_status",
            Self::Nobody => "nobody",
            Self::MasterFolio => "master_folio",
            Self::ThreeRooms => "three_rooms",
            Self::DCheckedOut => "d_checked_out",
            Self::DCheckedOutByDates => "d_checked_out_by_dates",
            Self::DCancelled => "d_cancelled",
            Self::DUnknown => "d_unknown",
            Self::SCheckedIn => "s_checked_in",
            Self::SNoShow => "s_no_show",
            Self::NoShowMark => "no_show_mark",
            Self::CancelledAfterCheckIn => "cancelled_after_check_in",
            Self::GuestLeft => "guest_left",
            Self::NeverArrived => "never_arrived",
            Self::AgencyName => "agency_name",
            Self::WithoutGuestCode => "without_guest_code",
            Self::SameDay => "same_day",
            Self::NumbersAsText => "numbers_as_text",
            Self::UnknownGuestCode => "unknown_guest_code",
        }
    }

    pub(crate) const fn verdict(self) -> Verdict {
        match self {
            Self::MissingKey
            | Self::ArrivalIn1800
            | Self::TextAmount
            | Self::NegativeAmount
            | Self::LeavesBeforeArrival
            | Self::MissingStatus
            | Self::Nobody => Verdict::Bad,
            Self::MasterFolio => Verdict::Ignored,
            _ => Verdict::Good,
        }
    }

    pub(crate) const fn meaning(self) -> Option<Meaning> {
        Some(match self {
            Self::DCheckedOut | Self::DCheckedOutByDates | Self::GuestLeft | Self::SameDay => {
                Meaning::CheckedOut
            }
            Self::DCancelled | Self::CancelledAfterCheckIn => Meaning::Cancelled,
            Self::DUnknown => Meaning::Unknown,
            Self::SCheckedIn => Meaning::InHouse,
            Self::SNoShow | Self::NoShowMark => Meaning::NoShow,
            Self::NeverArrived => Meaning::Booked,
            _ => return None,
        })
    }
}
