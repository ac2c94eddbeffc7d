//! Accepted retry keys, remembered for 24 hours.

use std::collections::{HashMap, VecDeque};

use serde_json::Value;
use uuid::Uuid;

const REMEMBERED_MS: i64 = 24 * 60 * 60_000;

/// What a repeated request is told.
#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    pub request_id: String,
    pub sent_messages: Option<Value>,
}

/// The keys of the last 24 hours.
#[derive(Debug, Default)]
pub(crate) struct RetryKeys {
    accepted: HashMap<Uuid, Accepted>,
    by_age: VecDeque<(i64, Uuid)>,
}

impl RetryKeys {
    pub(crate) fn find(&mut self, key: Uuid, now_ms: i64) -> Option<Accepted> {
        while let Some((at, old)) = self.by_age.front()
            && now_ms - at > REMEMBERED_MS
        {
            self.accepted.remove(old);
            self.by_age.pop_front();
        }
        self.accepted.get(&key).cloned()
    }

    pub(crate) fn remember(&mut self, key: Uuid, accepted: Accepted, now_ms: i64) {
        self.accepted.insert(key, accepted);
        self.by_age.push_back((now_ms, key));
    }
}
