use async_trait::async_trait;
use chrono::NaiveDate;
use crm_campaigns::LineFigures;
use crm_kernel::GatewayError;
use crm_messages::Bytes;
use crm_templates::OutgoingMessage;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use uuid::Uuid;

/// Message objects in the vendor's own form, checked against its limits and ready to send.
/// They are stored as they are, so that a repetition says exactly the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WireMessages(pub Vec<Value>);

/// Which endpoint messages are meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendKind {
    /// One person (`push`).
    Push,
    /// Up to 500 people (`multicast`).
    Multicast,
    /// An answer to an event (`reply`).
    Reply,
}

impl SendKind {
    /// The endpoint's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Multicast => "multicast",
            Self::Reply => "reply",
        }
    }
}

/// LINE took the request. It does not say that anybody received it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// `X-Line-Request-Id` of the attempt that was accepted.
    pub request_id: Option<String>,
    /// True when LINE had accepted an earlier attempt with the same retry key (its 409).
    pub repeated: bool,
}

/// What LINE tells of a friend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineProfile {
    /// The name the guest gave themself.
    pub display_name: String,
    /// Their picture.
    pub picture_url: Option<String>,
}

/// The channel's monthly message quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Messages allowed this month; `None` = no limit set.
    pub limit: Option<u64>,
    /// Messages used this month, approximately.
    pub used: u64,
}

impl Quota {
    /// What may still be sent; `None` = no limit.
    #[must_use]
    pub fn remaining(self) -> Option<u64> {
        self.limit.map(|limit| limit.saturating_sub(self.used))
    }
}

/// How far LINE is with a video or sound that a guest sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preparation {
    /// It works on it.
    Going,
    /// It can be fetched.
    Ready,
    /// It could not.
    Failed,
}

/// A picture, video, … that a guest sent, as it comes.
pub struct MediaContent {
    /// How large it is, if LINE says so.
    pub announced_bytes: Option<u64>,
    /// The bytes; the stream fails when they break off.
    pub bytes: Bytes<GatewayError>,
}

/// A message that breaks one of LINE's limits; sending it would be refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{property}: {message}")]
pub struct EncodeError {
    /// Where, in LINE's notation (`messages[0].contents.contents[2]`).
    pub property: String,
    /// What is wrong: short, lower case, without the text itself.
    pub message: String,
}

/// The LINE Messaging API, as much of it as the product uses. Source of every rule:
/// LINE Developers, Messaging API reference.
///
/// A new method promises in its sentence whether it is safe to repeat after
/// [`GatewayError::Unavailable`].
#[async_trait]
pub trait LineGateway: Send + Sync {
    /// Turns rendered messages into LINE's message objects and checks every limit LINE has.
    ///
    /// # Errors
    /// [`EncodeError`] for the first limit broken.
    fn encode(&self, messages: &[OutgoingMessage]) -> Result<WireMessages, EncodeError>;

    /// Asks LINE whether it would take these messages. Sends nothing; safe to repeat.
    ///
    /// # Errors
    /// `Rejected` with the properties at fault, or any other [`GatewayError`].
    async fn validate(&self, kind: SendKind, messages: &WireMessages) -> Result<(), GatewayError>;

    /// Sends the same messages to at most 500 people; LINE counts for `unit` who sees and taps
    /// them. Repeating with the same key, people and
    /// messages within 24 hours sends nothing twice.
    ///
    /// # Errors
    /// After `Unavailable` the messages may have been sent: repeat with the same key.
    async fn multicast(
        &self,
        to: &[String],
        messages: &WireMessages,
        retry_key: Uuid,
        unit: Option<&str>,
    ) -> Result<Accepted, GatewayError>;

    /// Sends messages to one person; repeating is as safe as for [`multicast`](Self::multicast).
    ///
    /// # Errors
    /// After `Unavailable` the messages may have been sent: repeat with the same key.
    async fn push(
        &self,
        to: &str,
        messages: &WireMessages,
        retry_key: Uuid,
        unit: Option<&str>,
    ) -> Result<Accepted, GatewayError>;

    /// Answers an event. The token works once and for about a minute; LINE has no retry key
    /// here, but a second use is refused, so repeating never answers twice.
    ///
    /// # Errors
    /// `NotFound` when the token is used or too old; after `Unavailable` the answer may have been
    /// given, and then a second try finds the token gone.
    async fn reply(
        &self,
        reply_token: &str,
        messages: &WireMessages,
    ) -> Result<Accepted, GatewayError>;

    /// A friend's profile; `None` when LINE does not know them or they have blocked us.
    ///
    /// # Errors
    /// Any [`GatewayError`] but `NotFound`.
    async fn profile(&self, line_uid: &str) -> Result<Option<LineProfile>, GatewayError>;

    /// What LINE counted for a unit on these days, both included, in Japan's time. Safe to
    /// repeat; LINE answers 60 such questions an hour.
    ///
    /// # Errors
    /// Any [`GatewayError`]; never guesses.
    async fn unit_figures(
        &self,
        unit: &str,
        from: NaiveDate,
        until: NaiveDate,
    ) -> Result<LineFigures, GatewayError>;

    /// The month's quota and use.
    ///
    /// # Errors
    /// Any [`GatewayError`]; never guesses.
    async fn quota(&self) -> Result<Quota, GatewayError>;

    /// How far LINE is with a video or sound that a guest sent. Safe to repeat.
    ///
    /// # Errors
    /// `NotFound` when it was unsent or LINE has deleted it.
    async fn preparation(&self, message_id: &str) -> Result<Preparation, GatewayError>;

    /// What a guest sent as picture, video, audio or file; `None` while LINE prepares it.
    /// Safe to repeat.
    ///
    /// # Errors
    /// `NotFound` when it was unsent or LINE has deleted it.
    async fn content(&self, message_id: &str) -> Result<Option<MediaContent>, GatewayError>;
}
