//! The lines of a chat.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Endpoint;

/// Messages of one accepted request, shared by all who received it.
#[derive(Debug)]
pub(crate) struct Sent {
    pub request_id: String,
    pub retry_key: Option<Uuid>,
    pub endpoint: Endpoint,
    pub at_ms: i64,
    /// The name it is counted under.
    pub unit: Option<String>,
    pub ids: Vec<String>,
    pub messages: Vec<Value>,
}

/// Something the guest wrote or tapped.
#[derive(Debug)]
pub(crate) struct GuestMessage {
    pub id: String,
    pub at_ms: i64,
    pub message: Value,
}

/// One line of a chat.
#[derive(Debug, Clone)]
pub(crate) enum ChatLine {
    Account(Arc<Sent>),
    Guest(Arc<GuestMessage>),
    Notice { at_ms: i64, text: &'static str },
}

/// Who a chat message is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The hotel's Official Account.
    Account,
    /// The guest.
    Guest,
    /// LINE itself: followed, blocked.
    Notice,
}

/// One bubble of a chat, as tests and the phone page see it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChatMessage {
    /// LINE's message id.
    pub id: String,
    /// Who it is from.
    pub from: Speaker,
    /// UNIX time in milliseconds.
    pub at: i64,
    /// The message object, as sent.
    pub message: Value,
    /// The accepted request that carried it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The retry key of that request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_key: Option<Uuid>,
    /// The endpoint of that request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
}

impl ChatLine {
    /// What the line shows: an accepted request may hold several bubbles.
    pub(super) fn bubbles(&self) -> Vec<ChatMessage> {
        let plain = |id: String, from, at, message| ChatMessage {
            id,
            from,
            at,
            message,
            request_id: None,
            retry_key: None,
            endpoint: None,
        };
        match self {
            ChatLine::Account(sent) => sent
                .ids
                .iter()
                .zip(&sent.messages)
                .map(|(id, message)| ChatMessage {
                    request_id: Some(sent.request_id.clone()),
                    retry_key: sent.retry_key,
                    endpoint: Some(sent.endpoint),
                    ..plain(id.clone(), Speaker::Account, sent.at_ms, message.clone())
                })
                .collect(),
            ChatLine::Guest(said) => vec![plain(
                said.id.clone(),
                Speaker::Guest,
                said.at_ms,
                said.message.clone(),
            )],
            ChatLine::Notice { at_ms, text } => vec![plain(
                format!("notice-{at_ms}"),
                Speaker::Notice,
                *at_ms,
                json!({"type": "notice", "text": text}),
            )],
        }
    }
}
