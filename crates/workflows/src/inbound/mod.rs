//! What LINE delivers to the webhook: stored once ([`receive`]), handled later, each event
//! in its own job ([`handle`]).

mod event;
mod handle;
mod receive;
mod sent;

pub use event::{HandleInboundEvent, InboundEvent, InboundRepository, InboundTx, What};
pub use handle::InboundError;
pub use receive::{WebhookError, WebhookReader};
pub use sent::SentKind;

use crate::{CrmTx, LineGateway, Taps};
use crm_kernel::{Clock, Transactions};
use crm_members::Members;
use crm_messages::Messages;
use std::sync::Arc;

/// Everything that inbound events need.
#[derive(Clone)]
pub struct Inbound {
    /// Units of work over all domains.
    pub store: Arc<dyn Transactions<dyn CrmTx>>,
    /// Reads and authenticates what arrives.
    pub reader: Arc<dyn WebhookReader>,
    /// LINE, for profiles.
    pub line: Arc<dyn LineGateway>,
    /// Guests.
    pub members: Members,
    /// What guests wrote.
    pub messages: Messages,
    /// What a postback does.
    pub taps: Taps,
    /// The time.
    pub clock: Arc<dyn Clock>,
}
