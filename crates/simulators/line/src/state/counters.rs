//! Figures that tests and the phone page look at.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Endpoint, FaultKind};

/// Raw counts, kept while requests run.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub requests: BTreeMap<(Endpoint, u16), u64>,
    pub faults: BTreeMap<FaultKind, u64>,
    pub deliveries: u64,
    pub bubbles: u64,
    pub distinct_users: u64,
    pub max_per_user: u32,
    pub webhooks_delivered: u64,
    pub webhooks_failed: u64,
}

impl Counters {
    pub(crate) fn request(&mut self, endpoint: Endpoint, status: u16) {
        *self.requests.entry((endpoint, status)).or_default() += 1;
    }

    /// A request reached one user who now has `of_user` deliveries.
    pub(crate) fn delivered(&mut self, of_user: u32, bubbles: usize) {
        self.deliveries += 1;
        self.bubbles += bubbles as u64;
        self.distinct_users += u64::from(of_user == 1);
        self.max_per_user = self.max_per_user.max(of_user);
    }
}

/// How often one endpoint gave one answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestCount {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The HTTP status; 0 for a connection that was dropped before an answer.
    pub status: u16,
    /// Number of answers.
    pub count: u64,
}

/// All figures at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CountersReport {
    /// Requests by endpoint and status.
    pub requests: Vec<RequestCount>,
    /// How often each kind of fault struck.
    pub faults: BTreeMap<FaultKind, u64>,
    /// Requests delivered to a user, summed over users (five bubbles in one request count once).
    pub deliveries: u64,
    /// Bubbles delivered.
    pub bubbles: u64,
    /// Users that received anything.
    pub distinct_users: u64,
    /// The most requests delivered to one user.
    pub max_deliveries_per_user: u32,
    /// All known users.
    pub users: usize,
    /// Users that follow the account at present.
    pub friends: usize,
    /// The monthly cap.
    pub quota_limit: Option<u64>,
    /// Recipients counted against the cap.
    pub quota_used: u64,
    /// Where webhooks go.
    pub webhook_url: Option<String>,
    /// Webhooks waiting for their first or next attempt.
    pub webhooks_pending: usize,
    /// Webhooks the receiver took.
    pub webhooks_delivered: u64,
    /// Webhooks given up.
    pub webhooks_failed: u64,
}

impl CountersReport {
    /// Answers of `endpoint` with `status`.
    #[must_use]
    pub fn requests_with(&self, endpoint: Endpoint, status: u16) -> u64 {
        self.requests
            .iter()
            .filter(|row| row.endpoint == endpoint && row.status == status)
            .map(|row| row.count)
            .sum()
    }

    /// All requests to `endpoint`.
    #[must_use]
    pub fn requests_to(&self, endpoint: Endpoint) -> u64 {
        self.requests
            .iter()
            .filter(|row| row.endpoint == endpoint)
            .map(|row| row.count)
            .sum()
    }
}
