use crate::verify_signature;
use chrono::{DateTime, Datelike, Utc};
use crm_workflows::{InboundEvent, SentKind, WebhookError, WebhookReader, What};
use ring::digest;
use secrecy::SecretString;
use serde_json::Value;

/// Longer than LINE's ids ever were. An event with a longer one is known by its hash, a message
/// by its event.
const LONGEST_ID: usize = 64;

/// Reads LINE's webhook requests.
pub struct LineWebhook {
    secrets: Vec<SecretString>,
}

impl LineWebhook {
    /// Takes requests signed with any of these channel secrets. Two are of use while a secret
    /// is being replaced: LINE itself knows no overlap.
    #[must_use]
    pub fn new(secrets: impl IntoIterator<Item = SecretString>) -> Self {
        Self {
            secrets: secrets.into_iter().collect(),
        }
    }
}

impl WebhookReader for LineWebhook {
    fn read(
        &self,
        body: &[u8],
        signature: Option<&str>,
    ) -> Result<Vec<InboundEvent>, WebhookError> {
        let signature = signature.unwrap_or_default();
        let matching = self
            .secrets
            .iter()
            .position(|secret| verify_signature(secret, body, signature));
        match matching {
            None => return Err(WebhookError::BadSignature),
            Some(0) => {}
            Some(which) => tracing::debug!(secret.index = which, "an older channel secret matched"),
        }
        parse_webhook(body)
    }
}

/// Reads the events of a webhook body whose signature is right. Everything within an event is
/// optional: LINE's own samples leave out what its description requires, and new kinds of
/// events come without notice. An empty list is LINE's way of testing the address.
///
/// # Errors
/// `NotAWebhook` when the body is not JSON or has no list of events.
pub fn parse_webhook(body: &[u8]) -> Result<Vec<InboundEvent>, WebhookError> {
    let not = |why: &str| WebhookError::NotAWebhook(why.to_owned());
    let mut body: Value = serde_json::from_slice(body).map_err(|_| not("it is not JSON"))?;
    match body.get_mut("events").map(Value::take) {
        Some(Value::Array(events)) => Ok(events.into_iter().map(read_event).collect()),
        Some(_) => Err(not("events is not a list")),
        None => Err(not("it has no events")),
    }
}

fn read_event(raw: Value) -> InboundEvent {
    let id = id(&raw);
    let raw = without_others(raw);
    InboundEvent {
        id,
        line_uid: guest(&raw),
        at: time(&raw),
        reply_token: text(&raw, "/replyToken"),
        redelivered: flag(&raw, "/deliveryContext/isRedelivery"),
        what: what(&raw),
        raw,
    }
}

/// What is said in a group is not said to the hotel: neither words nor who said them are kept.
fn without_others(mut event: Value) -> Value {
    let is_of_guest = text(&event, "/source/type").is_none_or(|kind| kind == "user");
    if is_of_guest {
        return event;
    }
    if let Some(fields) = event.as_object_mut() {
        for said in ["message", "postback", "replyToken", "unsend"] {
            fields.remove(said);
        }
    }
    if let Some(source) = event.get_mut("source").and_then(Value::as_object_mut) {
        source.remove("userId");
    }
    event
}

fn what(event: &Value) -> What {
    match text(event, "/type").as_deref() {
        Some("follow") => What::Follow {
            unblocked: flag(event, "/follow/isUnblocked"),
        },
        Some("unfollow") => What::Unfollow,
        Some("message") => message(event),
        Some("postback") => What::Postback {
            data: text(event, "/postback/data").unwrap_or_default(),
        },
        Some("unsend") => What::Unsend {
            message_id: text(event, "/unsend/messageId").filter(|id| id.len() <= LONGEST_ID),
        },
        other => What::Other {
            kind: other.unwrap_or("unknown").to_owned(),
        },
    }
}

/// Only a text has words of the guest; a sticker's `text` is what is printed on it.
fn message(event: &Value) -> What {
    let sent = event
        .get("message")
        .map_or(SentKind::Other, crate::sent::read_sent);
    let has_words = matches!(sent, SentKind::Text(_));
    What::Message {
        id: text(event, "/message/id").filter(|id| id.len() <= LONGEST_ID),
        sent,
        text: text(event, "/message/text").filter(|_| has_words),
    }
}

/// The guest of a one-on-one chat. What somebody says in a group is not said to the hotel.
fn guest(event: &Value) -> Option<String> {
    match text(event, "/source/type").as_deref() {
        Some("user") => text(event, "/source/userId"),
        _ => None,
    }
}

/// An event without a usable time counts as older than all others, so that it overrules none.
fn time(event: &Value) -> DateTime<Utc> {
    event
        .get("timestamp")
        .and_then(Value::as_i64)
        .and_then(DateTime::from_timestamp_millis)
        // Further off, it is no time that a database or a rule could do anything with.
        .filter(|time| (2000..2100).contains(&time.year()))
        .unwrap_or(DateTime::UNIX_EPOCH)
}

/// LINE's id, or a hash of what does not change when the event is delivered again.
fn id(event: &Value) -> String {
    if let Some(id) = text(event, "/webhookEventId").filter(|id| id.len() <= LONGEST_ID) {
        return id;
    }
    let mut lasting = event.clone();
    if let Some(fields) = lasting.as_object_mut() {
        fields.remove("deliveryContext");
    }
    let hash = digest::digest(&digest::SHA256, lasting.to_string().as_bytes());
    format!("sha256:{}", hex::encode(hash))
}

fn flag(event: &Value, pointer: &str) -> bool {
    event.pointer(pointer).and_then(Value::as_bool) == Some(true)
}

/// Words that are there and not empty.
pub(crate) fn text(event: &Value, pointer: &str) -> Option<String> {
    event
        .pointer(pointer)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
