/// Where a campaign stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CampaignStatus {
    /// Being written.
    Draft,
    /// Goes out at its time.
    Scheduled,
    /// The plan is frozen and batches are on their way.
    Sending,
    /// Every recipient is settled and at least one was sent.
    Sent,
    /// It did not go out, or nobody could be sent.
    Failed,
    /// Goes, until it is cancelled, to everybody who comes to fulfil its condition, once each.
    Active,
    /// Stopped in the middle, to be resumed.
    Paused,
    /// Stopped for good.
    Cancelled,
}

impl CampaignStatus {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Draft,
        Self::Scheduled,
        Self::Sending,
        Self::Sent,
        Self::Failed,
        Self::Active,
        Self::Paused,
        Self::Cancelled,
    ];

    /// The name stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == name)
    }

    /// Whether untried batches may be taken and sent.
    #[must_use]
    pub const fn sends(self) -> bool {
        matches!(self, Self::Sending | Self::Active)
    }
}

/// Why a campaign stopped, for people and for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusReason {
    /// Its time had passed by more than the allowed lateness.
    MissedWindow,
    /// Nobody to send it to.
    AudienceEmpty,
    /// A tag that it names does not exist any more.
    AudienceTagMissing,
    /// A campaign that it names does not exist any more.
    AudienceCampaignMissing,
    /// LINE's quota would not suffice.
    QuotaInsufficient,
    /// LINE's monthly quota ended in the middle.
    QuotaExhausted,
    /// LINE refuses our channel access token.
    LineCredentials,
    /// LINE refuses the message itself.
    MessageRejected,
    /// Something answers in a way that LINE never does.
    LineUnexpected,
    /// No recipient could be sent.
    NobodyReached,
    /// Somebody asked for it.
    ByUser,
}

impl StatusReason {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::MissedWindow,
        Self::AudienceEmpty,
        Self::AudienceTagMissing,
        Self::AudienceCampaignMissing,
        Self::QuotaInsufficient,
        Self::QuotaExhausted,
        Self::LineCredentials,
        Self::MessageRejected,
        Self::LineUnexpected,
        Self::NobodyReached,
        Self::ByUser,
    ];

    /// The code stored and shown as `status_reason`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MissedWindow => "missed_window",
            Self::AudienceEmpty => "audience_empty",
            Self::AudienceTagMissing => "audience_tag_missing",
            Self::AudienceCampaignMissing => "audience_campaign_missing",
            Self::QuotaInsufficient => "quota_insufficient",
            Self::QuotaExhausted => "quota_exhausted",
            Self::LineCredentials => "line_credentials",
            Self::MessageRejected => "message_rejected",
            Self::LineUnexpected => "line_unexpected",
            Self::NobodyReached => "nobody_reached",
            Self::ByUser => "by_user",
        }
    }

    /// The reason of that code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == code)
    }

    /// The sentence shown as `status_message`.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::MissedWindow => "the scheduled time had passed by too long, so it was not sent",
            Self::AudienceEmpty => "nobody fits the audience",
            Self::AudienceTagMissing => "a tag of the audience does not exist any more",
            Self::AudienceCampaignMissing => "a campaign of the audience does not exist any more",
            Self::QuotaInsufficient => {
                "the LINE quota left this month is smaller than the audience"
            }
            Self::QuotaExhausted => {
                "the LINE quota of this month is used up; resume when there is more"
            }
            Self::LineCredentials => {
                "LINE refuses the channel access token; resume when it is mended"
            }
            Self::MessageRejected => "LINE refuses the message; correct the template",
            Self::LineUnexpected => {
                "something answers that is not LINE; check the address of its API and resume"
            }
            Self::NobodyReached => "LINE accepted the message for nobody",
            Self::ByUser => "stopped by a user",
        }
    }
}
