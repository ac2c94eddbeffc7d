//! What LINE would send: ready-made requests, each signed, each with events of its own.

use crate::seed::uid;
use crm_simulator_line::sign;
use serde_json::{Value, json};

/// Guests who write.
const GUESTS: u64 = 50_000;
/// The account that they write to.
const ACCOUNT: &str = "U4af4980629d2f4f4a6b5e8d1c3a79b20";
/// When the first of them wrote.
const BEGAN: u64 = 1_767_225_600_000;
/// Odd, so that no two numbers become the same.
const SCATTER: u64 = 0x9E37_79B9_7F4A_7C15;

/// Makes requests; no event comes twice.
pub struct Deliveries {
    secret: String,
    made: u64,
}

impl Deliveries {
    pub const fn new(secret: String) -> Self {
        Self { secret, made: 0 }
    }

    /// So many requests with so many events each.
    pub fn sign(&mut self, requests: usize, events_each: usize) -> Vec<Vec<u8>> {
        let request = |_| {
            let events: Vec<Value> = (0..events_each).map(|_| self.event()).collect();
            let body = json!({"destination": ACCOUNT, "events": events}).to_string();
            let signature = sign(&self.secret, body.as_bytes());
            let length = body.len();
            format!(
                "POST /api/v1/line/webhook HTTP/1.1\r\nhost: localhost\r\n\
                 user-agent: LineBotWebhook/2.0\r\n\
                 content-type: application/json; charset=utf-8\r\n\
                 x-line-signature: {signature}\r\ncontent-length: {length}\r\n\r\n{body}"
            )
            .into_bytes()
        };
        (0..requests).map(request).collect()
    }

    /// A guest writes a few words.
    fn event(&mut self) -> Value {
        self.made += 1;
        let number = self.made;
        let scattered = number.wrapping_mul(SCATTER);
        json!({
            "type": "message",
            "message": {
                "type": "text",
                "id": format!("{}", 460_000_000_000_000_000 + number),
                "quoteToken": format!("{scattered:064x}"),
                "text": format!("請問今晚還有雙人房嗎？我們是第 {number} 位想住的人"),
            },
            "webhookEventId": format!("01KBENCH00{scattered:016X}"),
            "deliveryContext": {"isRedelivery": false},
            "timestamp": BEGAN + number,
            "source": {"type": "user", "userId": uid(number * 7_919 % GUESTS + 1)},
            "replyToken": format!("{number:032x}"),
            "mode": "active",
        })
    }
}
