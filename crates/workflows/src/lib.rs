//! Stories that need several domains at once: a follow becomes a member, a campaign becomes
//! messages, a tap becomes a tag. Each domain keeps its own rules; here they meet in one
//! transaction ([`CrmTx`]) and with the one outside service they share ([`LineGateway`]).

mod brake;
mod bulk_tags;
mod erase;
mod inbound;
mod line_gateway;
mod media;
mod pace;
mod ports;
mod sending;
mod talking;
mod taps;
mod template_removal;

pub use brake::{
    Brake, BrakeError, BrakeQueries, BrakeRepository, BrakeTx, LOOK_AGAIN, Stop, StopView,
    StoppedBy,
};
pub use bulk_tags::{
    BulkPart, BulkTagRepository, BulkTagged, BulkTagging, BulkTags, BulkTagsTx, BulkWhom,
    MAX_BULK_MEMBERS, MAX_BULK_TAGS,
};
pub use erase::Erasure;
pub use inbound::{
    HandleInboundEvent, Inbound, InboundError, InboundEvent, InboundRepository, InboundTx,
    SentKind, WebhookError, WebhookReader, What,
};
pub use line_gateway::{
    Accepted, EncodeError, LineGateway, LineProfile, MediaContent, Preparation, Quota, SendKind,
    WireMessages,
};
pub use media::{Fetched, Media, MediaError, OpenMedia, SweptMedia};
pub use pace::{Bucket, Pace, PaceStore, Rate, Reservation, SlowedDown, Unpaced};
pub use ports::{CrmTx, Hold, LinkToken, LinkTokens};
pub use sending::{
    CampaignPreview, Delivery, FetchLineStats, MAX_TESTERS, QuotaView, RescueStranded, Sending,
    SendingError, SendingRules, Started, StrandedQueries, TakenOver, TestOutcome, TestResult,
};
pub use talking::{Pause, SendMessage, Talked, Talking, TalkingError, TalkingTx};
pub use taps::{RecordClick, Tap, Taps};
pub use template_removal::TemplateRemoval;
