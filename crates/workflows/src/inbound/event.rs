use super::SentKind;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// One event of a webhook request, read tolerantly: whatever we do not know is kept as it came.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct InboundEvent {
    /// LINE's `webhookEventId`, or a hash of the event where it has none. The same event, sent
    /// again, has the same.
    pub id: String,
    /// The guest, if the event is about one.
    pub line_uid: Option<String>,
    /// When it happened, by LINE's clock; unchanged by redelivery.
    pub at: DateTime<Utc>,
    /// For an answer that costs nothing.
    pub reply_token: Option<String>,
    /// Whether LINE says it delivers it again; the first delivery may have been lost.
    #[serde(default)]
    pub redelivered: bool,
    /// What happened.
    pub what: What,
    /// The whole event as it came.
    pub raw: Value,
}

impl fmt::Debug for InboundEvent {
    // Without what the guest wrote.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InboundEvent({}, {})", self.id, self.what.name())
    }
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum What {
    /// Added or unblocked the account.
    Follow {
        /// Unblocked it, as far as LINE can tell.
        #[serde(default)]
        unblocked: bool,
    },
    /// Blocked the account.
    Unfollow,
    /// Wrote or sent something.
    Message {
        /// LINE's id of the message, the same when it is delivered again; none if it has none
        /// that can be kept.
        #[serde(default)]
        id: Option<String>,
        /// What kind of thing.
        #[serde(default)]
        sent: SentKind,
        /// The words, if it was text.
        text: Option<String>,
    },
    /// Tapped something that carries data.
    Postback {
        /// The data.
        data: String,
    },
    /// Took back what they had sent.
    Unsend {
        /// LINE's id of the message; none if it has none that can be kept.
        #[serde(default)]
        message_id: Option<String>,
    },
    /// Anything else; kept, not acted upon.
    Other {
        /// LINE's name for it.
        kind: String,
    },
}

impl InboundEvent {
    /// Whether there is anything to be done about it. What is not about a guest, or of a kind we
    /// do not know, is only kept.
    #[must_use]
    pub fn is_to_be_handled(&self) -> bool {
        self.line_uid.is_some() && !matches!(self.what, What::Other { .. })
    }

    /// Whether another system has the chat at present: LINE's `mode` is `standby`, and nothing is
    /// to be said (LINE Messaging API reference, common properties of webhook events).
    #[must_use]
    pub fn is_standby(&self) -> bool {
        self.raw.get("mode").and_then(Value::as_str) == Some("standby")
    }

    /// LINE's id of the message that it brings or takes back.
    #[must_use]
    pub fn message_id(&self) -> Option<&str> {
        match &self.what {
            What::Message { id, .. } => id.as_deref(),
            What::Unsend { message_id } => message_id.as_deref(),
            _ => None,
        }
    }
}

impl What {
    /// The name stored.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Follow { .. } => "follow",
            Self::Unfollow => "unfollow",
            Self::Message { .. } => "message",
            Self::Postback { .. } => "postback",
            Self::Unsend { .. } => "unsend",
            Self::Other { kind } => kind,
        }
    }
}
