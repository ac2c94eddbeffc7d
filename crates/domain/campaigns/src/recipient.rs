/// How far a campaign came with one recipient. It only climbs: pending → sent → opened →
/// clicked, or ends as failed or skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecipientStatus {
    /// Waits for its batch.
    Pending,
    /// LINE accepted the message.
    Sent,
    /// Inferred from a tap or an answer; LINE tells nobody's opening.
    Opened,
    /// Tapped a button, card or link.
    Clicked,
    /// LINE refused it, or nobody can say whether it arrived.
    Failed,
    /// The gate or a cancellation kept it back.
    Skipped,
}

impl RecipientStatus {
    /// All of them, in the order of the climb.
    pub const ALL: [Self; 6] = [
        Self::Pending,
        Self::Sent,
        Self::Opened,
        Self::Clicked,
        Self::Failed,
        Self::Skipped,
    ];

    /// The name stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sent => "sent",
            Self::Opened => "opened",
            Self::Clicked => "clicked",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == name)
    }
}
