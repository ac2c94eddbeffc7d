//! Delivers a plan as LINE does: signed, one to fifty events in a body, each connection one body
//! at a time, and again what was not answered with 200 within two seconds.

use super::line::Line;
use super::plan::{Event, LANES, Plan, What};
use crm_simulator_line::{SimulatorConfig, sign};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

const MOST_AT_ONCE: usize = 50;
/// Somebody else's data.
const FOREIGN: &str = "action=buy&item=7";

/// Everything that the connections share.
pub struct Sender {
    pub plan: Plan,
    pub uids: Vec<String>,
    /// What the campaign's buttons carry.
    pub postbacks: Vec<String>,
    pub url: String,
    pub line: Arc<Line>,
    pub seed: u64,
    /// Set while what waits is to be worked off first.
    pub holds: AtomicBool,
    /// Events of which every one was answered with 200.
    pub taken: AtomicUsize,
    /// Events in bodies that were answered, each as often as it was.
    pub delivered: AtomicUsize,
    /// Events that LINE delivered again though they had been taken.
    pub repeated: AtomicUsize,
    /// Bodies that were not answered with 200, and delivered again.
    pub unanswered: AtomicUsize,
    pub http: reqwest::Client,
}

/// LINE's id of an event.
pub fn event_id(number: usize) -> String {
    format!("01JTEST{number:019}")
}

/// LINE's id of the message that an event brings.
pub fn message_id(number: usize) -> String {
    format!("7{number:017}")
}

/// A connection's position.
struct Lane {
    tokens: BTreeMap<usize, String>,
    /// What is to be delivered again, with the number of bodies until then.
    again: VecDeque<(usize, usize)>,
    chance: StdRng,
}

impl Sender {
    /// Delivers everything; several connections at once.
    pub async fn deliver_all(self: Arc<Self>) {
        let lanes = (0..LANES).map(|lane| tokio::spawn(Arc::clone(&self).deliver_lane(lane)));
        let lanes: Vec<_> = lanes.collect();
        for lane in lanes {
            lane.await.unwrap();
        }
    }

    /// Delivers what was held back, as a redelivery of something that never arrived.
    pub async fn deliver_stragglers(&self) {
        let mut lane = Lane::new(0);
        let numbers = self.plan.stragglers();
        self.issue_tokens(&mut lane, &numbers).await;
        let events = numbers.iter();
        let events = events.map(|n| self.event(&lane, *n, true)).collect();
        self.deliver(events).await;
    }

    async fn deliver_lane(self: Arc<Self>, number: usize) {
        let order = self.plan.lane(number);
        let mut lane = Lane::new(self.seed.wrapping_add(number as u64 + 1));
        let mut rest = order.as_slice();
        while !rest.is_empty() || !lane.again.is_empty() {
            while self.holds.load(Ordering::SeqCst) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let size = lane.chance.random_range(1..=MOST_AT_ONCE).min(rest.len());
            let (fresh, later) = rest.split_at(size);
            rest = later;
            self.deliver_some(&mut lane, fresh).await;
        }
    }

    /// One body; some of it at the same time by another connection.
    async fn deliver_some(&self, lane: &mut Lane, fresh: &[usize]) {
        let mut repeated = lane.due(fresh.is_empty());
        self.issue_tokens(lane, fresh).await;
        let mut at_once = Vec::new();
        for (place, number) in fresh.iter().enumerate() {
            if !self.plan.events[*number].is_repeated {
                continue;
            }
            // What would overtake another event of its guest waits for its turn.
            let guest = |number: &usize| self.plan.events[*number].guest;
            let is_first = fresh[..place].iter().all(|n| guest(n) != guest(number));
            if is_first && lane.chance.random_bool(0.5) {
                at_once.push(*number);
            } else {
                let bodies = lane.chance.random_range(0..20);
                lane.again.push_back((*number, bodies));
            }
        }
        let events = |numbers: &[usize], again| -> Vec<Value> {
            let events = numbers.iter();
            events.map(|n| self.event(lane, *n, again)).collect()
        };
        let mut body = events(fresh, false);
        body.extend(events(&repeated, true));
        let copy = events(&at_once, true);
        tokio::join!(self.deliver(body), self.deliver(copy));
        repeated.extend(at_once);
        self.repeated.fetch_add(repeated.len(), Ordering::SeqCst);
        self.taken.fetch_add(fresh.len(), Ordering::SeqCst);
    }

    /// Until it is answered with 200.
    async fn deliver(&self, mut events: Vec<Value>) {
        let secret = SimulatorConfig::default().channel_secret;
        while !events.is_empty() {
            let body = json!({"destination": "Uhotel", "events": events}).to_string();
            let request = self
                .http
                .post(&self.url)
                .header("content-type", "application/json")
                .header("x-line-signature", sign(&secret, body.as_bytes()))
                .body(body);
            if let Ok(answer) = request.send().await {
                let status = answer.status();
                if status == StatusCode::OK {
                    self.delivered.fetch_add(events.len(), Ordering::SeqCst);
                    return;
                }
                assert!(status.is_server_error(), "a webhook got {status}");
            }
            self.unanswered.fetch_add(1, Ordering::SeqCst);
            for event in &mut events {
                event["deliveryContext"]["isRedelivery"] = true.into();
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn issue_tokens(&self, lane: &mut Lane, fresh: &[usize]) {
        let events = fresh.iter().copied();
        let answerable: Vec<usize> = events
            .filter(|n| self.plan.events[*n].what.has_token())
            .collect();
        let uids: Vec<&str> = answerable
            .iter()
            .map(|n| self.uids[self.plan.events[*n].guest].as_str())
            .collect();
        let tokens = self.line.reply_tokens(&uids).await;
        lane.tokens.extend(answerable.into_iter().zip(tokens));
    }

    /// The event as LINE writes it.
    fn event(&self, lane: &Lane, number: usize, again: bool) -> Value {
        let Event {
            guest, at, what, ..
        } = self.plan.events[number];
        let mut event = json!({
            "mode": "active", "timestamp": at, "webhookEventId": event_id(number),
            "source": {"type": "user", "userId": self.uids[guest]},
            "deliveryContext": {"isRedelivery": again},
        });
        if let Some(token) = lane.tokens.get(&number) {
            event["replyToken"] = token.as_str().into();
        }
        let (kind, part) = match what {
            What::Follow => ("follow", json!({"isUnblocked": false})),
            What::Unfollow => ("unfollow", Value::Null),
            What::Text(phrase) => (
                "message",
                json!({"id": message_id(number), "type": "text",
                    "text": super::model::words(number, phrase)}),
            ),
            What::Sticker => (
                "message",
                json!({"id": message_id(number), "type": "sticker", "packageId": "446",
                    "stickerId": "1988", "stickerResourceType": "STATIC"}),
            ),
            What::Tap(button) => {
                let data = self.postbacks.get(button).map_or(FOREIGN, String::as_str);
                ("postback", json!({"data": data}))
            }
            What::Unsend(of) => ("unsend", json!({"messageId": message_id(of)})),
            What::Unknown => (
                "membership",
                json!({"type": "joined", "membershipId": 3189}),
            ),
        };
        event["type"] = kind.into();
        if !part.is_null() {
            event[kind] = part;
        }
        event
    }
}

impl What {
    const fn has_token(self) -> bool {
        !matches!(self, Self::Unfollow | Self::Unsend(_))
    }
}

impl Lane {
    fn new(seed: u64) -> Self {
        Self {
            tokens: BTreeMap::new(),
            again: VecDeque::new(),
            chance: StdRng::seed_from_u64(seed),
        }
    }

    /// What is to be delivered again now; all of it when nothing else is left.
    fn due(&mut self, all: bool) -> Vec<usize> {
        let mut due = Vec::new();
        self.again.retain_mut(|(number, bodies)| {
            let is_due = all || *bodies == 0;
            if is_due {
                due.push(*number);
            } else {
                *bodies -= 1;
            }
            !is_due
        });
        due
    }
}
