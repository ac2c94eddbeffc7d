//! What LINE delivers to the webhook: stored once ([`receive`]), handled later, a guest's events
//! one after the other ([`handle`], [`take`], [`act`]).
//!
//! What if the process dies right here?
//! - Before an event is stored: LINE has no answer and delivers it again.
//! - After it, before it is handled: a job was stored with it. A claim that its process took along
//!   runs out after half a minute.
//! - While it is handled: effects, the mark and an answer's words are one transaction. What is
//!   done after it is saying the answer ([`crate::Answering`]).

mod act;
mod error;
mod event;
mod handle;
mod jobs;
mod ports;
mod profiles;
mod receive;
mod replay;
mod screens;
mod sent;
mod take;
mod trim;

pub use error::InboundError;
pub use event::{InboundEvent, What};
pub use jobs::{GUESTS_AT_ONCE, HandleInboundEvent, HandleInboundEvents, RescueEvents, TrimEvents};
pub use ports::{
    EventClaim, EventInbox, InboundQueries, InboundRepository, InboundTx, WaitingEvent,
};
pub use profiles::Profiles;
pub use receive::{WebhookError, WebhookReader};
pub use screens::{EventFilter, EventRow, EventStatus};
pub use sent::SentKind;

use crate::{Answering, CrmTx, Taps};
use chrono::TimeDelta;
use crm_kernel::{Clock, IdGenerator, Transactions};
use crm_members::Members;
use crm_messages::Messages;
use std::sync::Arc;

/// What a hotel may set about events.
#[derive(Clone, Copy, Debug)]
pub struct InboundRules {
    /// How long after a campaign a message of the guest counts as having seen it.
    pub open_window: TimeDelta,
    /// How long handled events are kept.
    pub retention: TimeDelta,
}

/// Everything that inbound events need.
#[derive(Clone)]
pub struct Inbound {
    /// Units of work over all domains.
    pub store: Arc<dyn Transactions<dyn CrmTx>>,
    /// Where events are put down.
    pub inbox: Arc<dyn EventInbox>,
    /// Where events stand.
    pub queries: Arc<dyn InboundQueries>,
    /// Reads and authenticates what arrives.
    pub reader: Arc<dyn WebhookReader>,
    /// Guests' names and pictures.
    pub profiles: Profiles,
    /// Guests.
    pub members: Members,
    /// What guests wrote.
    pub messages: Messages,
    /// What a postback does.
    pub taps: Taps,
    /// What is said to an event.
    pub answering: Answering,
    /// What the hotel has set.
    pub rules: InboundRules,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Names of claims.
    pub ids: Arc<dyn IdGenerator>,
}
