use super::GuestCode;
use chrono::{DateTime, Utc};
use crm_kernel::MemberId;

/// What became of a guest of the hotel's own system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkState {
    /// It is known which member they are.
    Linked,
    /// A person must say; nothing is written to any member, and stays wait.
    Review,
    /// A person said that they are nobody of ours; their rows are passed over.
    Ignored,
    /// Their member was erased; their rows are passed over, so that they do not come back by the
    /// next run.
    Erased,
}

impl LinkState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Linked, Self::Review, Self::Ignored, Self::Erased];

    /// Reads the stored word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// The stored word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Linked => "linked",
            Self::Review => "review",
            Self::Ignored => "ignored",
            Self::Erased => "erased",
        }
    }
}

/// What the hotel's own system counts and knows of a guest, for tags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PmsFacts {
    /// How often they stayed.
    pub visits: Option<u32>,
    /// Whether it calls them a VIP.
    pub vip: Option<bool>,
}

/// Which member a guest of the hotel's own system is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestLink {
    /// The guest's key there; unique.
    pub code: GuestCode,
    /// What became of them.
    pub state: LinkState,
    /// The member, while `state` is `Linked`; while it is `Review`, whose the guest was before
    /// the question, if anybody's; else none.
    pub member: Option<MemberId>,
    /// Whether a person said so; then nobody is asked about this guest again.
    pub is_decided: bool,
    /// When the guest's row that was taken over last changed there; none while only stays spoke
    /// of them. Rows that are not newer change nothing.
    pub updated_at: Option<DateTime<Utc>>,
    /// What that row said for tags.
    pub facts: PmsFacts,
    /// The guest that this one turned out to be, as that row said.
    pub merged_into: Option<GuestCode>,
}

impl GuestLink {
    /// Whether rows of this guest are passed over and nobody is asked.
    #[must_use]
    pub const fn is_passed_over(&self) -> bool {
        matches!(self.state, LinkState::Ignored | LinkState::Erased)
    }
}
