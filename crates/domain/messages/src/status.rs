use chrono::{DateTime, Utc};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$each])* $variant),* }

        impl $name {
            /// Reads the stored and spoken word.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// The stored and spoken word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    };
}
pub(crate) use words;

words! {
    /// Who speaks to whom.
    Direction {
        /// The guest to the hotel.
        Incoming = "incoming",
        /// The hotel to the guest.
        Outgoing = "outgoing",
    }
}

words! {
    /// Who wrote an outgoing message; an incoming one has none.
    SenderType {
        /// Staff.
        Manual = "manual",
        /// A rule.
        Auto = "auto",
        /// A campaign.
        Campaign = "campaign",
    }
}

words! {
    /// What became of a message.
    MessageStatus {
        /// It came in.
        Received = "received",
        /// Planned, or on its way.
        Pending = "pending",
        /// LINE took it. Whether it was read is never known.
        Sent = "sent",
        /// It will not be sent any more.
        Failed = "failed",
    }
}

words! {
    /// Why a message failed.
    FailReason {
        /// LINE asked to slow down, again and again.
        RateLimited = "rate_limited",
        /// The monthly quota is used up.
        Quota = "quota",
        /// LINE gave no clear answer: the guest may have got it all the same.
        LineUnavailable = "line_unavailable",
        /// LINE refuses the message or the guest.
        LineRejected = "line_rejected",
        /// LINE refuses our credentials.
        Token = "token",
        /// The guest blocked the account after it was planned.
        Blocked = "blocked",
        /// The guest has no LINE account any more.
        NoLine = "no_line",
        /// Its template cannot become a message for the guest any more.
        RenderError = "render_error",
        /// So long after its time that LINE has forgotten the key: a try might say it twice.
        TooLate = "too_late",
        /// The guest's event was too old to be answered for nothing, and the rule may not cost.
        ReplyTokenExpired = "reply_token_expired",
        /// All sending was stopped when it was to be answered.
        Stopped = "sending_stopped",
    }
}

/// How a pending message ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// LINE took it.
    Sent {
        /// When.
        at: DateTime<Utc>,
    },
    /// It will not be sent.
    Failed {
        /// Why.
        reason: FailReason,
        /// In words safe to show, at most 500 characters.
        message: String,
    },
}

impl Settlement {
    /// A failure, its words cut to what can be stored.
    #[must_use]
    pub fn failed(reason: FailReason, words: &str) -> Self {
        Self::Failed {
            reason,
            message: words.chars().take(500).collect(),
        }
    }
}
