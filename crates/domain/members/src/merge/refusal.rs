use chrono::TimeDelta;
use crm_kernel::{CampaignId, MergeId};
use serde_json::{Value, json};
use thiserror::Error;

/// For how long a merge can be undone; what it needs for that is kept no longer.
pub(super) const UNDO_WITHIN: TimeDelta = TimeDelta::days(30);

/// Why two members cannot become one, or cannot be parted again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MergeRefusal {
    /// Each has a LINE account, so they are two people to LINE.
    #[error("both members have a line account")]
    BothHaveLine,
    /// Each has an id number, and not the same.
    #[error("the members have different id numbers")]
    DifferentIdNumbers,
    /// More than 30 days have passed.
    #[error("a merge can be undone for 30 days")]
    TooOld,
    /// It was undone already.
    #[error("the merge was undone already")]
    Undone,
    /// The member that was kept exists no more: deleted, or merged into another.
    #[error("the member that was kept exists no more")]
    MemberGone,
    /// Another was merged into the same member later, and would take the first one's values for
    /// the kept one's own.
    #[error("another was merged into the member since; undo that first")]
    NotLast(MergeId),
    /// A campaign is being sent to one of them: what was said to LINE names the member by id.
    #[error("a campaign is being sent to the member; try again when it is through")]
    CampaignUnderWay(CampaignId),
}

impl MergeRefusal {
    /// The stable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BothHaveLine => "both_have_line",
            Self::DifferentIdNumbers => "different_id_numbers",
            Self::TooOld => "merge_too_old",
            Self::Undone => "merge_undone",
            Self::MemberGone => "member_gone",
            Self::NotLast(_) => "merge_not_last",
            Self::CampaignUnderWay(_) => "campaign_under_way",
        }
    }

    /// What is in the way, for programs.
    #[must_use]
    pub fn details(self) -> Option<Value> {
        match self {
            Self::NotLast(last) => Some(json!({ "merge_id": last })),
            Self::CampaignUnderWay(campaign) => Some(json!({ "campaign_id": campaign })),
            _ => None,
        }
    }
}
