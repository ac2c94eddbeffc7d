use crm_kernel::{InboundEventId, Job, Lane};
use serde::{Deserialize, Serialize};

/// Handle what waits of the guests of these events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandleInboundEvents {
    /// One event for each guest.
    pub event_ids: Vec<InboundEventId>,
}

/// Guests in one job; others share the work.
pub const GUESTS_AT_ONCE: usize = 32;

impl Job for HandleInboundEvents {
    const NAME: &'static str = "inbound.handle_events";
    const LANE: Lane = Lane::Interactive;
    // Only crashes and a storage that is away count.
    const MAX_ATTEMPTS: u32 = 30;
}

/// Handle what waits of the guest of one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandleInboundEvent {
    /// Which event.
    pub event_id: InboundEventId,
}

impl Job for HandleInboundEvent {
    const NAME: &'static str = "inbound.handle_event";
    const LANE: Lane = Lane::Interactive;
    const MAX_ATTEMPTS: u32 = 30;
}

/// Delete events that were handled long ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrimEvents {}

impl Job for TrimEvents {
    const NAME: &'static str = "inbound.trim";
    const LANE: Lane = Lane::Background;
    const MAX_ATTEMPTS: u32 = 3;
}

/// Find events that nobody goes on with any more, whatever the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RescueEvents {}

impl Job for RescueEvents {
    const NAME: &'static str = "inbound.rescue";
    const LANE: Lane = Lane::Background;
    const MAX_ATTEMPTS: u32 = 3;
}
