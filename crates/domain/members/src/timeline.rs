use crate::{MemberError, Members};
use chrono::{DateTime, Utc};
use crm_kernel::{MemberId, Page, PageRequest};
use tracing::instrument;

/// What happened with a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimelineKind {
    /// They became known.
    Created,
    /// They followed on LINE.
    Followed,
    /// They left on LINE.
    Unfollowed,
    /// They arrived.
    Stay,
    /// A tag was put on them.
    Tag,
    /// A campaign reached them.
    CampaignSent,
    /// They opened a campaign.
    CampaignOpened,
    /// They tapped in a campaign.
    CampaignClicked,
    /// They wrote.
    MessageIncoming,
    /// They were written to.
    MessageOutgoing,
    /// Another member was found to be them.
    Merged,
}

impl TimelineKind {
    /// The spoken word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Followed => "followed",
            Self::Unfollowed => "unfollowed",
            Self::Stay => "stay",
            Self::Tag => "tag",
            Self::CampaignSent => "campaign_sent",
            Self::CampaignOpened => "campaign_opened",
            Self::CampaignClicked => "campaign_clicked",
            Self::MessageIncoming => "message_incoming",
            Self::MessageOutgoing => "message_outgoing",
            Self::Merged => "merged",
        }
    }
}

/// One thing that happened with a guest.
#[derive(Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// When; for a stay the hotel's midnight of the day of arrival.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: TimelineKind,
    /// The same in a few words.
    pub title: String,
    /// The stay, tag, campaign, message or merge it speaks of.
    pub subject_id: Option<i64>,
}

impl std::fmt::Debug for TimelineEntry {
    /// Without the words, which may be the guest's own.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TimelineEntry({} {})", self.kind.as_str(), self.at)
    }
}

impl Members {
    /// A page of what happened with a member, the latest first.
    ///
    /// # Errors
    /// `member_not_found`, or the store's.
    #[instrument(name = "members.timeline", skip_all, fields(member.id = %id))]
    pub async fn timeline(
        &self,
        id: MemberId,
        page: PageRequest,
    ) -> Result<Page<TimelineEntry>, MemberError> {
        if !self.queries.exists(id).await? {
            return Err(MemberError::NotFound);
        }
        let at = (self.clock.now(), self.hotel);
        Ok(self.queries.timeline(id, at, page).await?)
    }
}
