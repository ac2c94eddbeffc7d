//! The client against a server with canned answers: every status, and everything between
//! answers and silence.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod canned;
mod reading;
mod sending;

use canned::Treatment::{self, Answer};
use canned::{Asked, Server};
use crm_line::{LineClient, LineConfig};
use crm_workflows::WireMessages;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

const OK: Treatment = Answer("200 OK", Vec::new(), "{}");
const KEY: Uuid = Uuid::from_u128(0x123e_4567_e89b_12d3_a456_4266_1417_4000);

fn client(server: &Server) -> LineClient {
    client_with(server, |_| {})
}

fn client_with(server: &Server, change: impl FnOnce(&mut LineConfig)) -> LineClient {
    // the second caller of a process finds it installed
    let _ = rustls::crypto::ring::default_provider().install_default();
    let base = url::Url::parse(&server.url).unwrap();
    let mut config = LineConfig {
        api_base_url: base.clone(),
        data_api_base_url: base,
        channel_access_token: "token".into(),
        timeout: Duration::from_millis(400),
    };
    change(&mut config);
    LineClient::new(config).unwrap()
}

fn hello() -> WireMessages {
    WireMessages(vec![json!({"type": "text", "text": "hello"})])
}

fn body_of(asked: &Asked) -> Value {
    serde_json::from_str(&asked.body).unwrap()
}
