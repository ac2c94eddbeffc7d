//! LINE as a program of its own, and what it tells of itself.

use crate::processes::{Process, folder, status};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Users that are asked for at once.
const AT_ONCE: usize = 5_000;

/// `crm-simulator-line`; it ends with its last owner.
pub struct Line {
    pub base: String,
    http: reqwest::Client,
    _process: Process,
}

impl Line {
    pub async fn start() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let child = Command::new(folder().join("crm-simulator-line"))
            .env_clear()
            .args(["--port", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("build it first: cargo build -p crm-simulator-line");
        let line = Self {
            base: format!("http://127.0.0.1:{port}"),
            http: reqwest::Client::builder()
                .timeout(Duration::from_secs(30))
                .build()
                .unwrap(),
            _process: Process::of(child),
        };
        let counters = format!("{}/sim/counters", line.base);
        for _ in 0..200 {
            if status(&counters).await == Some(200) {
                return line;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the simulator does not answer");
    }

    async fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}{path}", self.base));
        answer_of(request).await
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.http.post(format!("{}{path}", self.base)).json(body);
        answer_of(request).await
    }

    /// Guests who have LINE and our account; nobody is told.
    pub async fn add_friends(&self, count: usize) -> Vec<String> {
        let mut uids = Vec::with_capacity(count);
        while uids.len() < count {
            let some = AT_ONCE.min(count - uids.len());
            let answer = self
                .post("/sim/friends/bulk", &json!({"count": some}))
                .await;
            uids.extend(strings(&answer["uids"]));
        }
        uids
    }

    /// A reply token for each of these.
    pub async fn reply_tokens(&self, uids: &[&str]) -> Vec<String> {
        let answer = self.post("/sim/reply-tokens", &json!({"uids": uids})).await;
        strings(&answer["tokens"]).collect()
    }

    /// How many requests reached each guest.
    pub async fn deliveries(&self) -> BTreeMap<String, i64> {
        serde_json::from_value(self.get("/sim/deliveries").await).unwrap()
    }

    /// What the buttons that a guest was sent last carry.
    pub async fn postbacks_of(&self, uid: &str) -> Vec<String> {
        let chat = self.get(&format!("/sim/friends/{uid}/messages")).await;
        let mut found = Vec::new();
        postbacks(&chat["messages"], &mut found);
        found
    }
}

/// What is asked of the simulator is asked again when a connection goes that was idle for long.
async fn answer_of(request: reqwest::RequestBuilder) -> Value {
    for _ in 0..5 {
        if let Ok(answer) = request.try_clone().unwrap().send().await
            && let Ok(answer) = answer.error_for_status()
            && let Ok(answer) = answer.json().await
        {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the simulator does not answer");
}

fn strings(list: &Value) -> impl Iterator<Item = String> {
    let list = list.as_array().unwrap().iter();
    list.map(|entry| entry.as_str().unwrap().to_owned())
}

fn postbacks(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            if map.get("type").is_some_and(|kind| kind == "postback") {
                found.push(map["data"].as_str().unwrap().to_owned());
            }
            map.values().for_each(|value| postbacks(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| postbacks(value, found)),
        _ => {}
    }
}
