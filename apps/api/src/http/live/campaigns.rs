use super::news::progress;
use crate::http::streams::{Streams, pause};
use crm_bootstrap::Crm;
use crm_campaigns::CampaignStatus;
use crm_kernel::CampaignId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::broadcast;
use tokio::task::JoinHandle;

/// So many events of progress wait for a slow listener; the next one tells more anyway.
const ROOM: usize = 64;

type Sender = broadcast::Sender<Arc<str>>;

/// How far campaigns have come that are being sent, told to everybody in this process who
/// listens; from the same look at each that its own stream has.
#[derive(Default)]
pub(crate) struct CampaignNews {
    /// Owned by the task that follows them.
    sender: Mutex<Weak<Sender>>,
}

impl CampaignNews {
    fn sender(&self) -> MutexGuard<'_, Weak<Sender>> {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Streams {
    /// The progress of whatever is sent from now on.
    pub(super) fn follow_campaigns(&self, crm: &Crm) -> broadcast::Receiver<Arc<str>> {
        let mut room = self.live().campaigns.sender();
        if let Some(sender) = room.upgrade() {
            return sender.subscribe();
        }
        let (sender, receiver) = broadcast::channel(ROOM);
        let sender = Arc::new(sender);
        *room = Arc::downgrade(&sender);
        tokio::spawn(self.clone().follow(crm.clone(), sender));
        receiver
    }

    async fn follow(self, crm: Crm, sender: Arc<Sender>) {
        let mut stopping = self.stopping();
        let mut followed: HashMap<CampaignId, JoinHandle<()>> = HashMap::new();
        loop {
            match crm.campaigns.under_way().await {
                Ok(under_way) => {
                    let is_through = |id| under_way.contains(&(id, CampaignStatus::Sent));
                    // One that is through is told once: it stays known as long as it is news.
                    followed.retain(|id, task| !task.is_finished() || is_through(*id));
                    for (id, _) in under_way {
                        followed.entry(id).or_insert_with(|| {
                            let tell = self.clone().tell(crm.clone(), id, Arc::downgrade(&sender));
                            tokio::spawn(tell)
                        });
                    }
                }
                Err(error) => tracing::debug!(%error, "no look at campaigns under way"),
            }
            if !pause(self.rules().look_every, &mut stopping).await {
                break;
            }
            let mut room = self.live().campaigns.sender();
            // Nobody can join while the lock is held.
            if sender.receiver_count() == 0 {
                *room = Weak::new();
                break;
            }
        }
        for task in followed.values() {
            task.abort();
        }
    }

    /// Tells how one campaign stands and whatever becomes of it, until it is sent no longer.
    async fn tell(self, crm: Crm, id: CampaignId, listeners: Weak<Sender>) {
        let Ok(mut campaign) = self.watch(&crm, id).await else {
            return;
        };
        let seen = campaign.borrow_and_update().status;
        if seen != CampaignStatus::Sending {
            // It may be what was before a resumption, which the next look will show.
            let now = crm.campaigns.progress(id).await;
            let is_old = now.is_ok_and(|now| now.status == CampaignStatus::Sending);
            if is_old && campaign.changed().await.is_err() {
                return;
            }
        }
        loop {
            let (text, is_sending) = {
                let seen = campaign.borrow_and_update();
                (progress(&seen), seen.status == CampaignStatus::Sending)
            };
            let Some(sender) = listeners.upgrade() else {
                return;
            };
            let _ = sender.send(text.into());
            drop(sender);
            if !is_sending || campaign.changed().await.is_err() {
                return;
            }
        }
    }
}
