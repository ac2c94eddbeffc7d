//! Stories that need several domains at once: a follow becomes a member, a campaign becomes
//! messages, a tap becomes a tag. Each domain keeps its own rules; here they meet in one
//! transaction ([`CrmTx`]) and with the one outside service they share ([`LineGateway`]).

mod answering;
mod brake;
mod bulk_tags;
mod canned;
mod composing;
mod erase;
mod inbound;
mod line_gateway;
mod live;
mod media;
mod pace;
mod pms;
mod ports;
mod reports;
mod sending;
mod talking;
mod taps;
mod template_removal;

pub use answering::{
    AnswerTx, Answering, FinishReply, NewReply, Reply, ReplyEnd, ReplyRepository, ReplyTx, ReplyWay,
};
pub use brake::{
    Brake, BrakeError, BrakeQueries, BrakeRepository, BrakeTx, LOOK_AGAIN, Stop, StopView,
    StoppedBy,
};
pub use bulk_tags::{
    BulkPart, BulkTagRepository, BulkTagged, BulkTagging, BulkTags, BulkTagsTx, BulkWhom,
    MAX_BULK_MEMBERS, MAX_BULK_TAGS,
};
pub use canned::{CannedWords, FillError, FilledReply, GuestWording};
pub use composing::Composing;
pub use erase::Erasure;
pub use inbound::{
    EventClaim, EventFilter, EventInbox, EventRow, EventStatus, GUESTS_AT_ONCE, HandleInboundEvent,
    HandleInboundEvents, Inbound, InboundError, InboundEvent, InboundQueries, InboundRepository,
    InboundRules, InboundTx, Profiles, RescueEvents, SentKind, TrimEvents, WaitingEvent,
    WebhookError, WebhookReader, What,
};
pub use line_gateway::{
    Accepted, EncodeError, LineGateway, LineProfile, MediaContent, Preparation, Quota, SendKind,
    WireMessages,
};
pub use live::{Cursor, KeptEvent, LiveQueries, Standing, Tail};
pub use media::{Fetched, Media, MediaError, OpenMedia, SweptMedia};
pub use pace::{Bucket, Pace, PaceStore, Rate, Reservation, SlowedDown, Unpaced};
pub use pms::{
    BeginSyncs, PmsOverview, PmsPorts, PmsSync, PmsSyncError, RescueSyncs, RunSync, SweepStays,
    tag_by_facts,
};
pub use ports::{CrmTx, Hold, LinkToken, LinkTokens, SentIn};
pub use reports::{ReportError, Reports};
pub use sending::{
    CampaignPreview, Delivery, FetchLineStats, MAX_TESTERS, QuotaView, RescueStranded, Sending,
    SendingError, SendingRules, Started, StrandedQueries, TakenOver, TestOutcome, TestResult,
};
pub use talking::{Pause, SendMessage, Talked, Talking, TalkingError, TalkingTx};
pub use taps::{
    Click, ClickRepository, ClicksTx, PruneClicks, RecordClick, RecordClicks, Tap, TapAnswer,
    Tapped, Taps, TapsPorts, Triggered,
};
pub use template_removal::TemplateRemoval;
