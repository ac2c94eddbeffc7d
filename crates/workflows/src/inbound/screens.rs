use super::{Inbound, InboundError};
use chrono::{DateTime, Utc};
use crm_kernel::{InboundEventId, Page, PageRequest};

/// How far an event came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventStatus {
    /// It is to be handled, or in hand.
    Waiting,
    /// It was handled, or nothing was to be done.
    Handled,
    /// It could not be handled, and waits for somebody to look into it.
    Dead,
    /// What it said was forgotten with its guest, or taken back by them.
    Forgotten,
}

impl EventStatus {
    /// Reads the stored and spoken word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "waiting" => Some(Self::Waiting),
            "handled" => Some(Self::Handled),
            "dead" => Some(Self::Dead),
            "forgotten" => Some(Self::Forgotten),
            _ => None,
        }
    }

    /// The stored and spoken word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Handled => "handled",
            Self::Dead => "dead",
            Self::Forgotten => "forgotten",
        }
    }
}

/// Which events a list shows; every part narrows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// This far.
    pub status: Option<EventStatus>,
    /// LINE's name of what happened.
    pub kind: Option<String>,
}

/// An event on a screen: never what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// The row.
    pub id: InboundEventId,
    /// LINE's id of it.
    pub webhook_event_id: String,
    /// LINE's name of what happened.
    pub kind: String,
    /// How far it came.
    pub status: EventStatus,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// When LINE delivered it.
    pub received_at: DateTime<Utc>,
    /// When it was handled.
    pub handled_at: Option<DateTime<Utc>>,
    /// How often it was taken in hand.
    pub attempts: u32,
    /// Why it was put off or given up.
    pub last_error: Option<String>,
}

impl Inbound {
    /// A page of events, the newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(
        &self,
        filter: &EventFilter,
        page: PageRequest,
    ) -> Result<Page<EventRow>, InboundError> {
        Ok(self.queries.list(filter, page).await?)
    }
}
