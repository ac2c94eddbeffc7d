//! All of the simulator's memory in one place.

use std::collections::HashSet;
use std::sync::Arc;

use super::{
    ChatLine, Contents, Counters, Faults, Quota, RateLimits, ReplyTokens, RetryKeys, Sent, Uid,
    Units, Users, WebhookLog,
};

/// What the simulator remembers.
#[derive(Debug)]
pub(crate) struct World {
    pub users: Users,
    pub retry_keys: RetryKeys,
    pub reply_tokens: ReplyTokens,
    pub quota: Quota,
    pub units: Units,
    pub rates: RateLimits,
    pub faults: Faults,
    pub counters: Counters,
    pub webhooks: WebhookLog,
    pub contents: Contents,
    pub webhook_url: Option<String>,
}

impl World {
    pub(crate) fn new(quota: Option<u64>, webhook_url: Option<String>) -> Self {
        Self {
            users: Users::default(),
            retry_keys: RetryKeys::default(),
            reply_tokens: ReplyTokens::default(),
            quota: Quota {
                limit: quota,
                used: 0,
            },
            units: Units::default(),
            rates: RateLimits::default(),
            faults: Faults::default(),
            counters: Counters::default(),
            webhooks: WebhookLog::default(),
            contents: Contents::default(),
            webhook_url,
        }
    }

    /// Forgets everything but the settings: the quota's limit and the webhook's address.
    pub(crate) fn reset(&mut self) {
        *self = Self::new(self.quota.limit, self.webhook_url.take());
    }

    /// Those of `to` who receive a message now: known, not blocked, each once.
    pub(crate) fn receivers(&self, to: &[Uid]) -> Vec<Uid> {
        let mut seen = HashSet::with_capacity(to.len());
        to.iter()
            .copied()
            .filter(|uid| self.users.receives(*uid) && seen.insert(*uid))
            .collect()
    }

    /// Puts the messages into the chats of `receivers`.
    pub(crate) fn deliver(&mut self, sent: &Arc<Sent>, receivers: &[Uid]) {
        for uid in receivers {
            if let Some(user) = self.users.get_mut(*uid) {
                user.deliveries += 1;
                user.write(ChatLine::Account(Arc::clone(sent)));
                self.counters
                    .delivered(user.deliveries, sent.messages.len());
            }
        }
    }
}
