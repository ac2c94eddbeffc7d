//! What the simulator remembers, behind one lock so that a request is accepted or refused as a whole.

mod chat;
mod contents;
mod counters;
mod faults;
mod quota;
mod rates;
mod reply_tokens;
mod retry_keys;
mod units;
mod users;
mod webhook_log;
mod world;

pub(crate) use chat::{ChatLine, GuestMessage, Sent};
pub use chat::{ChatMessage, Speaker};
pub(crate) use contents::{Content, Contents, Found, Preparation, Prepared};
pub(crate) use counters::Counters;
pub use counters::{CountersReport, RequestCount};
pub(crate) use faults::{Drawn, Faults};
pub use faults::{Fault, FaultEndpoint, FaultKind};
pub(crate) use quota::Quota;
pub(crate) use rates::RateLimits;
pub(crate) use reply_tokens::ReplyTokens;
pub(crate) use retry_keys::{Accepted, RetryKeys};
pub(crate) use units::Units;
pub use users::SeedUser;
pub(crate) use users::{Uid, User, Users};
pub(crate) use webhook_log::WebhookLog;
pub use webhook_log::WebhookRecord;
pub(crate) use world::World;

/// One endpoint of the Messaging API.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// `POST /v2/bot/message/push`
    Push,
    /// `POST /v2/bot/message/multicast`
    Multicast,
    /// `POST /v2/bot/message/reply`
    Reply,
    /// `POST /v2/bot/message/validate/push`
    ValidatePush,
    /// `POST /v2/bot/message/validate/multicast`
    ValidateMulticast,
    /// `POST /v2/bot/message/validate/reply`
    ValidateReply,
    /// `GET /v2/bot/profile/{userId}`
    Profile,
    /// `GET /v2/bot/message/quota`
    Quota,
    /// `GET /v2/bot/message/quota/consumption`
    Consumption,
    /// `GET /v2/bot/info`
    Info,
    /// `GET /v2/bot/message/{messageId}/content`
    Content,
    /// `GET /v2/bot/message/{messageId}/content/transcoding`
    Transcoding,
    /// `GET /v2/bot/insight/message/event/aggregation`
    UnitInsight,
    /// `GET /v2/bot/message/aggregation/info`
    UnitsUsed,
}

impl Endpoint {
    /// Only sending endpoints other than reply know the retry key.
    pub(crate) fn takes_retry_key(self) -> bool {
        matches!(self, Self::Push | Self::Multicast)
    }

    /// Requests per second of the endpoint's token bucket.
    pub(crate) fn per_second(self) -> u32 {
        if self == Self::Multicast { 200 } else { 2_000 }
    }
}
