//! Who asked for what, and how fast.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::faults::Endpoint;

/// Requests that the page shows.
const REMEMBERED: usize = 100;
const SECOND: Duration = Duration::from_secs(1);

/// What was asked for so far.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Counts {
    /// By path.
    pub paths: BTreeMap<&'static str, PathCounts>,
    /// The most requests that arrived within one second.
    pub max_per_second: usize,
    /// The most requests that were being answered at once.
    pub max_at_once: usize,
    /// Faults that struck.
    pub faults: u64,
}

impl Counts {
    /// Requests to an endpoint.
    #[must_use]
    pub fn of(&self, endpoint: Endpoint) -> PathCounts {
        self.paths.get(endpoint.path()).cloned().unwrap_or_default()
    }

    /// All requests.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.paths.values().map(|path| path.requests).sum()
    }
}

/// What was asked of one path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PathCounts {
    /// How often.
    pub requests: u64,
    /// How often with which status; 0 is a cut connection.
    pub statuses: BTreeMap<u16, u64>,
    /// How often from the very beginning: a first page without `updated_since` and days of arrival.
    pub full_loads: u64,
    /// First pages of days of arrival.
    pub arrival_windows: u64,
    /// Rows sent.
    pub rows: u64,
    /// Bytes of bodies sent.
    pub bytes: u64,
}

/// A request that was answered, without its key.
#[derive(Debug, Clone, Serialize)]
pub struct Request {
    /// Counts up from 1.
    pub number: u64,
    /// When, by the hotel's clock.
    pub at: String,
    /// The path.
    pub path: &'static str,
    /// The query; a cursor is shortened.
    pub query: String,
    /// The answer's status; 0 is a cut connection.
    pub status: u16,
    /// Rows in it.
    pub rows: usize,
    /// Bytes in it.
    pub bytes: usize,
    /// The fault that struck.
    pub fault: Option<String>,
}

/// The counts and what they are counted with.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    pub counts: Counts,
    pub last: VecDeque<Request>,
    arrived: VecDeque<Instant>,
    now: usize,
    number: u64,
}

impl Counter {
    pub(crate) fn arrive(&mut self, endpoint: Endpoint, at: Instant) {
        while self
            .arrived
            .front()
            .is_some_and(|&first| at.duration_since(first) >= SECOND)
        {
            self.arrived.pop_front();
        }
        self.arrived.push_back(at);
        self.now += 1;
        self.counts.max_per_second = self.counts.max_per_second.max(self.arrived.len());
        self.counts.max_at_once = self.counts.max_at_once.max(self.now);
        self.path(endpoint).requests += 1;
    }

    pub(crate) const fn leave(&mut self) {
        self.now = self.now.saturating_sub(1);
    }

    pub(crate) fn answered(&mut self, endpoint: Endpoint, mut request: Request) {
        let path = self.path(endpoint);
        *path.statuses.entry(request.status).or_default() += 1;
        path.rows += request.rows as u64;
        path.bytes += request.bytes as u64;
        self.counts.faults += u64::from(request.fault.is_some());
        self.number += 1;
        request.number = self.number;
        self.last.push_front(request);
        self.last.truncate(REMEMBERED);
    }

    pub(crate) fn path(&mut self, endpoint: Endpoint) -> &mut PathCounts {
        self.counts.paths.entry(endpoint.path()).or_default()
    }

    /// Begins anew; requests that are being answered stay counted as such.
    pub(crate) fn reset(&mut self) {
        *self = Self {
            now: self.now,
            number: self.number,
            ..Self::default()
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fastest_second_is_found_wherever_it_begins() {
        let mut counter = Counter::default();
        let start = Instant::now();
        for ms in [0, 900, 950, 1_100, 1_850, 2_900] {
            counter.arrive(Endpoint::Guests, start + Duration::from_millis(ms));
            counter.leave();
        }
        assert_eq!(counter.counts.max_per_second, 4);
        assert_eq!(counter.counts.max_at_once, 1);
    }
}
