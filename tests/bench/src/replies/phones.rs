//! The guests' phones, as the simulator has them.

use super::rules::{answer, question};
use crate::seed::uid;
use serde_json::{Value, json};
use std::error::Error;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

type Failed = Box<dyn Error>;

/// An answer that reached a guest.
pub struct Answered {
    /// From the guest's words to LINE's having it.
    pub after_ms: u32,
    /// Whether it cost nothing.
    pub by_token: bool,
}

pub struct Phones {
    http: reqwest::Client,
    line: String,
}

impl Phones {
    pub fn new(line: &str) -> Result<Self, Failed> {
        Ok(Self {
            http: reqwest::Client::builder()
                .timeout(Duration::from_secs(30))
                .build()?,
            line: line.to_owned(),
        })
    }

    async fn post(&self, path: &str, body: &Value) -> Result<(), Failed> {
        let request = self.http.post(format!("{}{path}", self.line)).json(body);
        request.send().await?.error_for_status()?;
        Ok(())
    }

    pub async fn befriend(&self, guests: &[u64]) -> Result<(), Failed> {
        let user = |n: &u64| json!({"uid": uid(*n), "display_name": format!("guest {n}")});
        let users: Vec<Value> = guests.iter().map(user).collect();
        self.post("/sim/users", &json!(users)).await
    }

    pub async fn send_webhooks_to(&self, api: &str) -> Result<(), Failed> {
        let url = format!("{api}/api/v1/line/webhook");
        self.post("/sim/webhook", &json!({"url": url})).await
    }

    /// One guest after the other writes, whether the one before was answered or not.
    pub async fn write(&self, guests: &[u64], pace: Duration) -> Result<(), Failed> {
        let mut writing = JoinSet::new();
        let mut due = Instant::now();
        for guest in guests {
            tokio::time::sleep_until(due.into()).await;
            due += pace;
            let url = format!("{}/sim/friends/{}/text", self.line, uid(*guest));
            let text = json!({"text": question(*guest)});
            let request = self.http.post(url).json(&text);
            writing.spawn(async move { request.send().await?.error_for_status() });
        }
        while let Some(wrote) = writing.join_next().await {
            wrote??;
        }
        Ok(())
    }

    /// The right answers, each once.
    pub async fn answers(&self, guests: &[u64]) -> Result<Vec<Answered>, Failed> {
        let mut answers = Vec::with_capacity(guests.len());
        for guest in guests {
            let url = format!("{}/sim/friends/{}/messages", self.line, uid(*guest));
            let answer = self.http.get(url).send().await?.error_for_status()?;
            let chat: Value = answer.json().await?;
            answers.extend(found(*guest, &chat)?);
        }
        Ok(answers)
    }
}

/// What a guest was answered; nothing while that is still to come.
fn found(guest: u64, chat: &Value) -> Result<Option<Answered>, Failed> {
    let messages = chat["messages"].as_array().ok_or("no messages")?;
    let of = |who: &'static str| messages.iter().filter(move |line| line["from"] == who);
    let asked = of("guest").next().and_then(|line| line["at"].as_i64());
    let asked = asked.ok_or("a guest wrote nothing")?;
    let answers: Vec<&Value> = of("account").collect();
    match answers.as_slice() {
        [] => Ok(None),
        [one] if one["message"]["text"] == answer(guest).as_str() => {
            let at = one["at"].as_i64().ok_or("an answer without a time")?;
            Ok(Some(Answered {
                after_ms: u32::try_from(at - asked)?,
                by_token: one["endpoint"] == "reply",
            }))
        }
        other => Err(format!("guest {guest} was answered {} times", other.len()).into()),
    }
}
