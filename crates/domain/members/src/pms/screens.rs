use super::{Review, ReviewStatus};
use crm_kernel::MemberId;

/// A member whom a guest may be, as a list shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewCandidate {
    /// The id.
    pub member_id: MemberId,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// The LINE name.
    pub line_display_name: Option<String>,
    /// Phone as typed.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// The sealed id number, to be shown masked.
    pub id_number_sealed: Option<String>,
    /// How many stays they have.
    pub stays: u64,
}

/// A review with who it may be; candidates that were erased are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewRow {
    /// The review.
    pub review: Review,
    /// Who it may be.
    pub candidates: Vec<ReviewCandidate>,
    /// Stays that wait for the decision.
    pub waiting_stays: u64,
}

impl ReviewRow {
    /// Whether somebody must still decide.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.review.status == ReviewStatus::Open
    }
}
