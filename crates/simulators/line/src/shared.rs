//! What every part of the running simulator holds on to.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::broadcast;

use crate::clock::SimulatedClock;
use crate::config::SimulatorConfig;
use crate::state::{CountersReport, RequestCount, Uid, World};
use crate::webhook::Outbox;

/// The bot's own user ID: `destination` of webhooks and `userId` of `GET /v2/bot/info`.
pub(crate) const BOT_USER_ID: &str = "U5f1e0c7a9b3d4e6f8a2c4b6d8e0f1a3c";

/// More receivers than this are announced as "many", so that a campaign does not flood the page.
const ANNOUNCED_USERS: usize = 20;

/// The simulator's state and its ways out.
#[derive(Debug)]
pub(crate) struct Shared {
    pub config: SimulatorConfig,
    pub clock: SimulatedClock,
    pub outbox: Outbox,
    world: Mutex<World>,
    announcements: broadcast::Sender<String>,
}

impl Shared {
    pub(crate) fn new(config: SimulatorConfig) -> Self {
        Self {
            world: Mutex::new(World::new(config.quota, config.webhook_url.clone())),
            clock: SimulatedClock::default(),
            outbox: Outbox::default(),
            announcements: broadcast::channel(256).0,
            config,
        }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        // A poisoned lock means a bug in one request; the figures are still the best there are.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<String> {
        self.announcements.subscribe()
    }

    /// Tells open pages what changed.
    pub(crate) fn announce(&self, kind: &str, detail: &Value) {
        let news = json!({"type": kind, "detail": detail}).to_string();
        // No page open is no problem.
        let _nobody_listens = self.announcements.send(news);
    }

    /// Tells open pages whose chats have something new.
    pub(crate) fn announce_chats(&self, uids: &[Uid]) {
        if self.announcements.receiver_count() == 0 || uids.is_empty() {
            return;
        }
        let many = uids.len() > ANNOUNCED_USERS;
        let named: Vec<String> = if many {
            Vec::new()
        } else {
            uids.iter().map(ToString::to_string).collect()
        };
        self.announce("chat", &json!({"uids": named, "many": many}));
    }

    /// A reply token such as an event of this user would bring.
    pub(crate) fn issue_reply_token(&self, uid: Uid) -> String {
        let token = crate::clock::token();
        let now = self.clock.now_ms();
        self.world().reply_tokens.issue(token.clone(), uid, now);
        token
    }

    pub(crate) fn counters(&self) -> CountersReport {
        let world = self.world();
        let counts = &world.counters;
        CountersReport {
            requests: counts
                .requests
                .iter()
                .map(|(&(endpoint, status), &count)| RequestCount {
                    endpoint,
                    status,
                    count,
                })
                .collect(),
            faults: counts.faults.clone(),
            deliveries: counts.deliveries,
            bubbles: counts.bubbles,
            distinct_users: counts.distinct_users,
            max_deliveries_per_user: counts.max_per_user,
            users: world.users.len(),
            friends: world.users.friends(),
            quota_limit: world.quota.limit,
            quota_used: world.quota.used,
            webhook_url: world.webhook_url.clone(),
            webhooks_pending: self.outbox.pending(),
            webhooks_delivered: counts.webhooks_delivered,
            webhooks_failed: counts.webhooks_failed,
        }
    }
}
