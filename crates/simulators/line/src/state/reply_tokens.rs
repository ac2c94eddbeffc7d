//! Reply tokens: single use, one minute after the webhook, twenty minutes after the event.

use std::collections::HashMap;

use super::Uid;

const AFTER_WEBHOOK_MS: i64 = 60_000;
const AFTER_EVENT_MS: i64 = 20 * 60_000;

#[derive(Debug)]
struct Token {
    uid: Uid,
    event_ms: i64,
    valid_until_ms: i64,
}

/// The tokens that may still be used.
#[derive(Debug, Default)]
pub(crate) struct ReplyTokens(HashMap<String, Token>);

impl ReplyTokens {
    pub(crate) fn issue(&mut self, token: String, uid: Uid, now_ms: i64) {
        // Forgetting old tokens now and then keeps long runs small.
        if self.0.len() >= 4096 && self.0.len().is_power_of_two() {
            self.0.retain(|_, t| now_ms - t.event_ms <= AFTER_EVENT_MS);
        }
        self.0.insert(
            token,
            Token {
                uid,
                event_ms: now_ms,
                valid_until_ms: now_ms + AFTER_WEBHOOK_MS,
            },
        );
    }

    /// A webhook went out (again): its token is good for another minute, unless the event is too old.
    pub(crate) fn renew(&mut self, token: &str, now_ms: i64) {
        if let Some(found) = self.0.get_mut(token) {
            found.valid_until_ms = (now_ms + AFTER_WEBHOOK_MS).min(found.event_ms + AFTER_EVENT_MS);
        }
    }

    /// The user the token stands for; whoever asks has used it.
    pub(crate) fn redeem(&mut self, token: &str, now_ms: i64) -> Option<Uid> {
        let found = self.0.remove(token)?;
        (now_ms <= found.valid_until_ms).then_some(found.uid)
    }
}
