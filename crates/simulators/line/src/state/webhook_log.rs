//! Webhooks that went out, so that one can be looked at or sent again.

use std::collections::{HashMap, VecDeque};

use serde::Serialize;
use serde_json::Value;

/// Webhooks remembered.
const KEPT: usize = 10_000;

/// One webhook and what became of it.
#[derive(Debug, Clone, Serialize)]
pub struct WebhookRecord {
    /// The idempotency key of the event.
    pub webhook_event_id: String,
    /// The event as first sent.
    pub event: Value,
    /// How often it was sent.
    pub attempts: u32,
    /// The receiver's last answer; `None` for no answer within two seconds, or no receiver.
    pub last_status: Option<u16>,
    /// Whether the receiver took it.
    pub delivered: bool,
}

/// The latest webhooks.
#[derive(Debug, Default)]
pub(crate) struct WebhookLog {
    records: HashMap<String, WebhookRecord>,
    order: VecDeque<String>,
}

impl WebhookLog {
    pub(crate) fn add(&mut self, id: &str, event: &Value) {
        if self.order.len() == KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.records.remove(&oldest);
        }
        self.order.push_back(id.to_owned());
        self.records.insert(
            id.to_owned(),
            WebhookRecord {
                webhook_event_id: id.to_owned(),
                event: event.clone(),
                attempts: 0,
                last_status: None,
                delivered: false,
            },
        );
    }

    pub(crate) fn get(&self, id: &str) -> Option<&WebhookRecord> {
        self.records.get(id)
    }

    /// The webhook that told of this message.
    pub(crate) fn of_message(&self, message_id: &str) -> Option<String> {
        let mut told = self.order.iter().rev();
        let id = told.find(|id| {
            let record = self.records.get(*id);
            record.is_some_and(|record| record.event["message"]["id"] == message_id)
        });
        id.cloned()
    }

    pub(crate) fn attempted(&mut self, id: &str, status: Option<u16>) {
        if let Some(record) = self.records.get_mut(id) {
            record.attempts += 1;
            record.last_status = status;
            record.delivered |= status.is_some_and(|s| (200..300).contains(&s));
        }
    }

    /// Oldest first.
    pub(crate) fn list(&self) -> Vec<WebhookRecord> {
        self.order
            .iter()
            .filter_map(|id| self.records.get(id).cloned())
            .collect()
    }
}
