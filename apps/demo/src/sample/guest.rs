use chrono::{DateTime, NaiveDate, Utc};
use crm_members::{Gender, LineState, MemberSource};

/// A guest of the made-up hotel.
pub(super) struct Guest {
    /// The member's id; 0 until stored.
    pub(super) id: i64,
    pub(super) name: Option<Name>,
    pub(super) gender: Option<Gender>,
    pub(super) birthday: Option<NaiveDate>,
    pub(super) email: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) id_number: Option<String>,
    pub(super) line: Option<Friend>,
    pub(super) source: MemberSource,
    pub(super) accept_marketing: bool,
    pub(super) notes: Option<&'static str>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) last_interaction_at: Option<DateTime<Utc>>,
    /// How often they stayed.
    pub(super) stays: i64,
}

/// A person's name.
#[derive(Clone)]
pub(super) struct Name {
    pub(super) last: &'static str,
    /// The family name in Latin letters, for addresses.
    pub(super) latin: &'static str,
    pub(super) first: String,
}

/// A guest's LINE account.
pub(super) struct Friend {
    pub(super) uid: String,
    pub(super) display_name: String,
    pub(super) state: LineState,
    pub(super) followed_at: DateTime<Utc>,
    pub(super) unfollowed_at: Option<DateTime<Utc>>,
    pub(super) profile_synced_at: DateTime<Utc>,
}
