use crate::http::problem::ApiError;
use crm_bootstrap::Crm;
use crm_campaigns::{CampaignError, CampaignProgress};
use crm_kernel::CampaignId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
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
    /// Pause between two signs of life, and between two looks whether the watcher is still
    /// signed in.
    pub keep_alive: Duration,
}

impl Default for StreamRules {
    fn default() -> Self {
        Self {
            most: 500,
            look_every: Duration::from_secs(1),
            keep_alive: Duration::from_secs(15),
        }
    }
}

type Feed = watch::Sender<CampaignProgress>;

/// The feed of a campaign, if somebody watches it.
fn join(
    feeds: &HashMap<CampaignId, Weak<Feed>>,
    id: CampaignId,
) -> Option<watch::Receiver<CampaignProgress>> {
    Some(feeds.get(&id)?.upgrade()?.subscribe())
}

/// The open streams of a process. Whoever watches the same campaign shares one look at it a
/// second, which ends with the last of them. Cheap to clone; clones are the same.
#[derive(Clone)]
pub struct ProgressStreams(Arc<Inner>);

struct Inner {
    rules: StreamRules,
    seats: Arc<Semaphore>,
    /// Owned by the task that feeds them.
    feeds: Mutex<HashMap<CampaignId, Weak<Feed>>>,
    stopping: watch::Sender<bool>,
}

impl Default for ProgressStreams {
    fn default() -> Self {
        Self::new(StreamRules::default())
    }
}

impl ProgressStreams {
    /// No stream yet.
    #[must_use]
    pub fn new(rules: StreamRules) -> Self {
        Self(Arc::new(Inner {
            rules,
            seats: Arc::new(Semaphore::new(rules.most)),
            feeds: Mutex::default(),
            stopping: watch::Sender::new(false),
        }))
    }

    /// Ends every stream at once, and each that is opened later after its first event.
    pub fn end(&self) {
        self.0.stopping.send_replace(true);
    }

    /// Campaigns that are looked at just now.
    #[must_use]
    pub fn campaigns_watched(&self) -> usize {
        let feeds = self.feeds();
        feeds
            .values()
            .filter(|feed| feed.strong_count() > 0)
            .count()
    }

    pub(super) fn rules(&self) -> StreamRules {
        self.0.rules
    }

    pub(super) fn stopping(&self) -> watch::Receiver<bool> {
        self.0.stopping.subscribe()
    }

    /// Room for one more stream.
    pub(super) fn seat(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        let seats = Arc::clone(&self.0.seats);
        seats.try_acquire_owned().map_err(|_| {
            let message = "too many streams are open; look at the campaign itself meanwhile";
            ApiError::full("too_many_streams", message, TRY_AGAIN)
        })
    }

    /// How the campaign stands, and whatever becomes of it. Only the latest is kept for a slow
    /// reader.
    pub(super) async fn watch(
        &self,
        crm: &Crm,
        id: CampaignId,
    ) -> Result<watch::Receiver<CampaignProgress>, ApiError> {
        if let Some(receiver) = join(&self.feeds(), id) {
            return Ok(receiver);
        }
        let now = crm.campaigns.progress(id).await?;
        if now.is_over() {
            // Its sender is gone with this line: there is nothing to wait for.
            return Ok(watch::channel(now).1);
        }
        let mut feeds = self.feeds();
        // Somebody else may have come in between.
        if let Some(receiver) = join(&feeds, id) {
            return Ok(receiver);
        }
        let (feed, receiver) = watch::channel(now);
        let feed = Arc::new(feed);
        feeds.insert(id, Arc::downgrade(&feed));
        tokio::spawn(self.clone().feed(crm.clone(), id, feed));
        Ok(receiver)
    }

    async fn feed(self, crm: Crm, id: CampaignId, feed: Arc<Feed>) {
        let mut stopping = self.stopping();
        loop {
            tokio::select! {
                _ = stopping.wait_for(|stopping| *stopping) => break,
                () = tokio::time::sleep(self.0.rules.look_every) => {}
            }
            {
                let mut feeds = self.feeds();
                // Nobody can join while the lock is held.
                if feed.receiver_count() == 0 {
                    feeds.remove(&id);
                    return;
                }
            }
            match crm.campaigns.progress(id).await {
                Ok(now) => {
                    let is_over = now.is_over();
                    feed.send_if_modified(|seen| {
                        let is_news = *seen != now;
                        *seen = now;
                        is_news
                    });
                    if is_over {
                        break;
                    }
                }
                Err(CampaignError::NotFound) => break,
                Err(error) => {
                    tracing::debug!(campaign.id = id.get(), %error, "no look at campaign {id}");
                }
            }
        }
        drop(feed);
        self.feeds().retain(|_, feed| feed.strong_count() > 0);
    }

    fn feeds(&self) -> MutexGuard<'_, HashMap<CampaignId, Weak<Feed>>> {
        self.0.feeds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
