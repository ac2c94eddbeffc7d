use crate::UserId;

/// Who caused a change; written down wherever a change is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A signed-in back-office user.
    User {
        /// Their id.
        id: UserId,
    },
    /// A guest, through LINE.
    Guest,
    /// The product itself: a schedule or a job.
    System,
}

impl Actor {
    /// The user's id, when a user acted.
    #[must_use]
    pub const fn user_id(&self) -> Option<UserId> {
        match self {
            Self::User { id } => Some(*id),
            Self::Guest | Self::System => None,
        }
    }
}
