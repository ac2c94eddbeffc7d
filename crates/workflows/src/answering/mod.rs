//! Answers that nobody typed: by a rule, or to a tap. They go out by the event's reply token,
//! which is free, works once and for about a minute (LINE Messaging API reference, "Send reply
//! message"); when it is gone, by a push if the rule may cost something.
//!
//! What if the process dies right here?
//! - Before the event's effects are committed: nothing was said or counted; the event is handled
//!   again.
//! - After that: the answer is stored as pending, and a job that was stored with it takes over
//!   half a minute later. Whether LINE was asked is not known then: the token is tried once more.
//!   LINE takes it: nothing had been said. LINE knows no such token: perhaps it had, so the
//!   answer ends as `line_unavailable`, which says that nobody knows, and is never pushed.
//! - A push has a retry key, under which LINE carries it out once.

mod deliver;
mod jobs;
mod plan;
mod ports;
mod write;

pub use jobs::FinishReply;
pub(crate) use plan::{Answer, Cause};
pub use ports::{AnswerTx, NewReply, Reply, ReplyEnd, ReplyRepository, ReplyTx, ReplyWay};
pub(crate) use write::{Asked, Written};

use crate::{Brake, Composing, LineGateway, Pace, Pause};
use crm_auto_responses::AutoResponses;
use crm_kernel::{Clock, IdGenerator, Transactions};
use std::sync::Arc;

/// Everything that answering needs.
#[derive(Clone)]
pub struct Answering {
    /// Units of work over replies and what they change.
    pub store: Arc<dyn Transactions<dyn AnswerTx>>,
    /// The rules.
    pub rules: AutoResponses,
    /// Makes messages of the templates that answers name.
    pub composing: Composing,
    /// Below which the hotel's own pictures are found, without a slash at its end.
    pub public_base_url: Arc<str>,
    /// LINE.
    pub line: Arc<dyn LineGateway>,
    /// Answers that are pushed pass before campaigns.
    pub pace: Arc<dyn Pace>,
    /// Whether anything may be said at all.
    pub brake: Brake,
    /// Waits between two tries.
    pub pause: Arc<dyn Pause>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Retry keys.
    pub ids: Arc<dyn IdGenerator>,
}
