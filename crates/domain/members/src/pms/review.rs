use super::{GuestCode, KeptGuest, ReviewReason};
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, ReviewId, SyncRunId, UserId};

/// Whom a review is about; one open review for each.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReviewSubject {
    /// A guest of the hotel's own system, with all their stays.
    Guest(GuestCode),
    /// A stay whose row names no guest.
    Stay(String),
}

impl ReviewSubject {
    /// The stored key: `guest <code>` or `stay <order number>`.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Guest(code) => format!("guest {}", code.as_str()),
            Self::Stay(order) => format!("stay {order}"),
        }
    }

    /// Reads a stored key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        if let Some(code) = key.strip_prefix("guest ") {
            return Some(Self::Guest(GuestCode::from_stored(code.to_owned())));
        }
        let order = key.strip_prefix("stay ")?;
        Some(Self::Stay(order.to_owned()))
    }
}

/// Whether somebody has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReviewStatus {
    /// Nobody has.
    Open,
    /// Somebody has; it is not asked again.
    Decided,
    /// It is no question any more: the rows became clear by themselves, or the member was erased.
    Settled,
}

impl ReviewStatus {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Open, Self::Decided, Self::Settled];

    /// Reads the stored and spoken word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// The stored and spoken word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Decided => "decided",
            Self::Settled => "settled",
        }
    }
}

/// What a person says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReviewDecision {
    /// They are this member.
    Member(MemberId),
    /// They are none of the members.
    New,
    /// They are nobody of ours, now and later.
    Ignore,
}

impl ReviewDecision {
    /// The stored and spoken word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member(_) => "member",
            Self::New => "new",
            Self::Ignore => "ignore",
        }
    }
}

/// A review about to be stored, or an open one brought up to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReview {
    /// Whom it is about.
    pub subject: ReviewSubject,
    /// Why a person must decide.
    pub reason: ReviewReason,
    /// What the row says of the guest.
    pub guest: KeptGuest,
    /// Who it may be, in the order of their ids.
    pub candidates: Vec<MemberId>,
    /// The run that met it.
    pub run: SyncRunId,
    /// When.
    pub at: DateTime<Utc>,
}

/// A review as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// The id.
    pub id: ReviewId,
    /// Whom it is about and why; `at` is when it was first asked.
    pub new: NewReview,
    /// Whether somebody has decided.
    pub status: ReviewStatus,
    /// What they said; `Member` names nobody once that member was erased, and is then none.
    pub decision: Option<ReviewDecision>,
    /// Whom that made the guest: the member who was named, or the new one; none once erased.
    pub decided_member: Option<MemberId>,
    /// Who.
    pub decided_by: Option<UserId>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
}
