use super::news::Told;
use crate::http::problem::ApiError;
use crate::http::streams::{Streams, pause};
use chrono::TimeDelta;
use crm_bootstrap::Crm;
use crm_kernel::StoreError;
use crm_workflows::{Cursor, LiveQueries, Tail};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};
use tokio::sync::broadcast;

/// Events that a slow listener may be behind before their stream is ended.
const ROOM: usize = 2_048;
/// Most events read at once.
const AT_ONCE: u32 = 500;
/// Pause where more is waiting, so that listeners keep up.
const BREATH: Duration = Duration::from_millis(50);
/// Numbers that may still come are looked for this far back by whoever begins to listen.
const LATELY: TimeDelta = TimeDelta::minutes(1);
const NEWEST: u32 = 1_000;

/// What listeners get, in this order: an event, or only that nothing is missing up to there.
#[derive(Clone)]
pub(super) struct News {
    pub(super) told: Option<Arc<Told>>,
    pub(super) at: Cursor,
}

type Sender = broadcast::Sender<News>;
type Joined = (broadcast::Receiver<News>, Cursor);

#[derive(Default)]
struct Room {
    /// Owned by the task that reads what happened.
    sender: Weak<Sender>,
    /// What was sent last.
    at: Cursor,
}

/// What happens, told to everybody in this process who listens. It is looked at by one task, for
/// as long as anybody does.
#[derive(Default)]
pub(crate) struct LiveHub {
    room: Mutex<Room>,
    opening: tokio::sync::Mutex<()>,
    pub(super) campaigns: super::campaigns::CampaignNews,
}

impl LiveHub {
    /// Whether what happens is looked at just now.
    pub(crate) fn is_tailing(&self) -> bool {
        self.room().sender.strong_count() > 0
    }

    fn room(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn joined(&self) -> Option<Joined> {
        let room = self.room();
        Some((
            room.sender.upgrade()?.subscribe(),
            Cursor::at(room.at.floor),
        ))
    }
}

impl Streams {
    /// Whatever happens from now on, and the place where that begins.
    pub(super) async fn listen(&self, crm: &Crm) -> Result<Joined, ApiError> {
        let hub = self.live();
        if let Some(joined) = hub.joined() {
            return Ok(joined);
        }
        let _turn = hub.opening.lock().await;
        if let Some(joined) = hub.joined() {
            return Ok(joined);
        }
        let since = crm.clock.now() - LATELY;
        let newest = crm.database.newest(since, NEWEST).await?;
        let tail = Tail::behind(&newest, Instant::now());
        let (sender, receiver) = broadcast::channel(ROOM);
        let sender = Arc::new(sender);
        let at = Cursor::at(tail.floor());
        *hub.room() = Room {
            sender: Arc::downgrade(&sender),
            at,
        };
        tokio::spawn(self.clone().tail(crm.clone(), sender, tail));
        Ok((receiver, at))
    }

    async fn tail(self, crm: Crm, sender: Arc<Sender>, mut tail: Tail) {
        let mut stopping = self.stopping();
        let mut rest = self.rules().tail_every;
        while pause(rest, &mut stopping).await {
            {
                let mut room = self.live().room();
                // Nobody can join while the lock is held.
                if sender.receiver_count() == 0 {
                    *room = Room::default();
                    return;
                }
            }
            rest = self.rules().tail_every;
            match look(&crm, &mut tail).await {
                Ok(news) => {
                    if news.len() >= AT_ONCE as usize {
                        rest = BREATH.min(rest);
                    }
                    self.send(&sender, &tail, news);
                }
                Err(error) => tracing::debug!(%error, "no look at what happened"),
            }
        }
    }

    fn send(&self, sender: &Sender, tail: &Tail, news: Vec<News>) {
        let mut room = self.live().room();
        for news in news {
            room.at = news.at;
            // That all have gone meanwhile is seen at the next look.
            let _ = sender.send(news);
        }
        if room.at.floor != tail.floor() {
            room.at = Cursor::at(tail.floor());
            let _ = sender.send(News {
                told: None,
                at: room.at,
            });
        }
    }
}

/// What has come since the last look, in the order in which it was found.
async fn look(crm: &Crm, tail: &mut Tail) -> Result<Vec<News>, StoreError> {
    let database = &crm.database;
    let now = Instant::now();
    let found = database.look(tail.last(), &tail.missing(), AT_ONCE).await?;
    let mut news = Vec::with_capacity(found.len());
    for event in found {
        if let Some(at) = tail.note(event.id, now) {
            let told = Told::of(event).map(Arc::new);
            news.push(News { told, at });
        }
    }
    // What was found is told even where this fails: it is noted as seen.
    let doubtful = tail.doubtful(now);
    if !doubtful.is_empty() {
        match database.never_coming(&doubtful).await {
            Ok(never) => tail.give_up(&never),
            Err(error) => tracing::debug!(%error, "nobody knows what still comes"),
        }
    }
    Ok(news)
}
