use crate::http::problem::ApiError;
use crate::http::streams::{Streams, pause};
use crm_bootstrap::Crm;
use crm_campaigns::{CampaignError, CampaignProgress};
use crm_kernel::CampaignId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::watch;

type Feed = watch::Sender<CampaignProgress>;
type Feeds = HashMap<CampaignId, Weak<Feed>>;

/// The feed of a campaign, if somebody watches it.
fn join(feeds: &Feeds, id: CampaignId) -> Option<watch::Receiver<CampaignProgress>> {
    Some(feeds.get(&id)?.upgrade()?.subscribe())
}

/// The campaigns that somebody watches. Whoever watches the same shares one look at it a second.
#[derive(Default)]
pub(crate) struct CampaignFeeds {
    /// Owned by the task that feeds them.
    feeds: Mutex<Feeds>,
}

impl CampaignFeeds {
    /// How many are looked at just now.
    pub(crate) fn watched(&self) -> usize {
        let feeds = self.feeds();
        feeds
            .values()
            .filter(|feed| feed.strong_count() > 0)
            .count()
    }

    fn feeds(&self) -> MutexGuard<'_, Feeds> {
        self.feeds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Streams {
    /// How the campaign stands, and whatever becomes of it. Only the latest is kept for a slow
    /// reader.
    pub(crate) async fn watch(
        &self,
        crm: &Crm,
        id: CampaignId,
    ) -> Result<watch::Receiver<CampaignProgress>, ApiError> {
        if let Some(receiver) = join(&self.campaigns().feeds(), id) {
            return Ok(receiver);
        }
        let now = crm.campaigns.progress(id).await?;
        if now.is_over() {
            // Its sender is gone with this line: there is nothing to wait for.
            return Ok(watch::channel(now).1);
        }
        let mut feeds = self.campaigns().feeds();
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
        while pause(self.rules().look_every, &mut stopping).await {
            {
                let mut feeds = self.campaigns().feeds();
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
        let mut feeds = self.campaigns().feeds();
        feeds.retain(|_, feed| feed.strong_count() > 0);
    }
}
