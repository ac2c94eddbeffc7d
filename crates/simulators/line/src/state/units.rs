//! Aggregation units: who saw and tapped what was sent under a name.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use chrono::{DateTime, Datelike, TimeDelta};
use serde_json::{Value, json};

use super::Uid;

/// Names of one month; the next one is silently not counted.
const NAMES: usize = 1_000;
/// What fewer people did is hidden.
const HIDDEN_BELOW: usize = 20;
/// Questions about figures in an hour.
const QUESTIONS: usize = 60;
const HOUR_MS: i64 = 3_600_000;

#[derive(Debug, Default)]
struct Figures {
    seen: HashSet<Uid>,
    seen_at_all: u64,
    tapped: HashSet<Uid>,
    links: BTreeMap<String, Link>,
}

#[derive(Debug, Default)]
struct Link {
    taps: u64,
    by: HashSet<Uid>,
}

/// All units of the channel.
#[derive(Debug, Default)]
pub(crate) struct Units {
    month: (i32, u32),
    names: BTreeSet<String>,
    figures: HashMap<String, Figures>,
    asked: VecDeque<i64>,
}

impl Units {
    /// Whether what is sent now under this name is counted.
    pub(crate) fn assign(&mut self, name: &str, now_ms: i64) -> bool {
        self.turn(now_ms);
        if self.names.contains(name) {
            return true;
        }
        if self.names.len() >= NAMES {
            return false;
        }
        self.names.insert(name.to_owned());
        self.figures.entry(name.to_owned()).or_default();
        true
    }

    /// Names used this month.
    pub(crate) fn used(&mut self, now_ms: i64) -> &BTreeSet<String> {
        self.turn(now_ms);
        &self.names
    }

    /// The guest has the message before their eyes.
    pub(crate) fn see(&mut self, name: &str, uid: Uid) {
        let figures = self.figures.entry(name.to_owned()).or_default();
        figures.seen_at_all += 1;
        figures.seen.insert(uid);
    }

    /// The guest opens an address in the message, which they must see for it.
    pub(crate) fn tap(&mut self, name: &str, uid: Uid, address: &str) {
        self.see(name, uid);
        let figures = self.figures.entry(name.to_owned()).or_default();
        figures.tapped.insert(uid);
        let link = figures.links.entry(address.to_owned()).or_default();
        link.taps += 1;
        link.by.insert(uid);
    }

    /// Whether one more question fits into the hour.
    pub(crate) fn ask(&mut self, now_ms: i64) -> bool {
        while self.asked.front().is_some_and(|at| now_ms - at >= HOUR_MS) {
            self.asked.pop_front();
        }
        let fits = self.asked.len() < QUESTIONS;
        self.asked.push_back(now_ms);
        fits
    }

    /// The answer to a question about a unit.
    pub(crate) fn report(&self, name: &str) -> Value {
        let none = Figures::default();
        let figures = self.figures.get(name).unwrap_or(&none);
        let seen = shown(figures.seen.len());
        let bubble = json!({
            "seq": 1,
            "impression": if seen.is_null() { Value::Null } else { json!(figures.seen_at_all) },
            "uniqueImpression": seen,
        });
        let links: Vec<Value> = figures
            .links
            .iter()
            .map(|(address, link)| {
                let people = shown(link.by.len());
                json!({
                    "seq": 1,
                    "url": address,
                    "click": if people.is_null() { Value::Null } else { json!(link.taps) },
                    "uniqueClick": people,
                    "uniqueClickOfRequest": people,
                })
            })
            .collect();
        json!({
            "overview": {
                "uniqueImpression": seen,
                "uniqueClick": shown(figures.tapped.len()),
                "uniqueMediaPlayed": null,
                "uniqueMediaPlayed100Percent": null,
            },
            "messages": [bubble],
            "clicks": links,
        })
    }

    /// With a new month, in Japan's time, all names are free again.
    fn turn(&mut self, now_ms: i64) {
        let now = DateTime::from_timestamp_millis(now_ms).unwrap_or_default();
        let today = now + TimeDelta::hours(9);
        let month = (today.year(), today.month());
        if month != self.month {
            self.month = month;
            self.names.clear();
        }
    }
}

fn shown(people: usize) -> Value {
    if people < HIDDEN_BELOW {
        Value::Null
    } else {
        json!(people)
    }
}
