//! Server-sent events: what all streams have in common. How many may be open, who may listen for
//! how long, and that none outlasts the server.

mod answer;
mod listener;

pub(crate) use answer::{RETRY, event_stream};
pub(crate) use listener::{Heard, Listener};

use crate::http::live::LiveHub;
use crate::http::problem::ApiError;
use crate::http::progress::CampaignFeeds;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// When somebody who was turned away may try again, in seconds.
const TRY_AGAIN: u64 = 30;

/// How streams behave.
#[derive(Clone, Copy, Debug)]
pub struct StreamRules {
    /// Streams that may be open at once in this process.
    pub most: usize,
    /// Pause between two looks at a campaign that somebody watches.
    pub look_every: Duration,
    /// Pause between two looks at what happened, while anybody listens.
    pub tail_every: Duration,
    /// Pause between two signs of life, and between two looks whether the listener is still
    /// signed in.
    pub keep_alive: Duration,
}

impl Default for StreamRules {
    fn default() -> Self {
        Self {
            most: 500,
            look_every: Duration::from_secs(1),
            tail_every: Duration::from_millis(250),
            keep_alive: Duration::from_secs(15),
        }
    }
}

/// The open streams of a process. Whoever listens to the same thing shares one look at it, which
/// ends with the last of them. Cheap to clone; clones are the same.
#[derive(Clone)]
pub struct Streams(Arc<Inner>);

struct Inner {
    rules: StreamRules,
    seats: Arc<Semaphore>,
    stopping: watch::Sender<bool>,
    campaigns: CampaignFeeds,
    live: LiveHub,
}

impl Default for Streams {
    fn default() -> Self {
        Self::new(StreamRules::default())
    }
}

impl Streams {
    /// No stream yet.
    #[must_use]
    pub fn new(rules: StreamRules) -> Self {
        Self(Arc::new(Inner {
            rules,
            seats: Arc::new(Semaphore::new(rules.most)),
            stopping: watch::Sender::new(false),
            campaigns: CampaignFeeds::default(),
            live: LiveHub::default(),
        }))
    }

    /// Ends every stream at once, and each that is opened later after its first event.
    pub fn end(&self) {
        self.0.stopping.send_replace(true);
    }

    /// Campaigns that are looked at just now.
    #[must_use]
    pub fn campaigns_watched(&self) -> usize {
        self.0.campaigns.watched()
    }

    /// Whether what happens is looked at just now.
    #[must_use]
    pub fn is_tailing(&self) -> bool {
        self.0.live.is_tailing()
    }

    pub(crate) fn rules(&self) -> StreamRules {
        self.0.rules
    }

    pub(crate) fn campaigns(&self) -> &CampaignFeeds {
        &self.0.campaigns
    }

    pub(crate) fn live(&self) -> &LiveHub {
        &self.0.live
    }

    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.0.stopping.subscribe()
    }

    /// Room for one more stream.
    fn seat(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        let seats = Arc::clone(&self.0.seats);
        seats.try_acquire_owned().map_err(|_| {
            let message = "too many streams are open; fetch what you need meanwhile";
            ApiError::full("too_many_streams", message, TRY_AGAIN)
        })
    }
}

/// Waits out a pause; `false` when the server stops instead.
pub(crate) async fn pause(time: Duration, stopping: &mut watch::Receiver<bool>) -> bool {
    tokio::select! {
        _ = stopping.wait_for(|stopping| *stopping) => false,
        () = tokio::time::sleep(time) => true,
    }
}
