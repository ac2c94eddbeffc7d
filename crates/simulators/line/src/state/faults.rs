//! Trouble on demand.

use std::time::Duration;

use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::Endpoint;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FaultKind {
    /// 429, the rate limit has been exceeded.
    #[serde(rename = "429")]
    RateLimited,
    /// 500, and the request was not accepted.
    #[serde(rename = "500")]
    ServerError,
    /// Accepted and delivered, but the caller waits `delay_ms` and then loses the connection.
    #[serde(rename = "timeout_after_accept")]
    TimeoutAfterAccept,
    /// Accepted and delivered, but answered with 500.
    #[serde(rename = "500_after_accept")]
    ServerErrorAfterAccept,
    /// Answered properly after `delay_ms`.
    #[serde(rename = "slow")]
    Slow,
    /// The connection closes and nothing was accepted.
    #[serde(rename = "drop")]
    Drop,
    /// 429, the monthly limit is reached.
    #[serde(rename = "quota")]
    QuotaReached,
    /// 401, as with a revoked token.
    #[serde(rename = "401")]
    Unauthorized,
    /// 400, as with a broken request.
    #[serde(rename = "400")]
    BadRequest,
    /// Content breaks off in the middle; every other answer is a 500.
    #[serde(rename = "cut_off")]
    CutOff,
    /// A multicast that names a user LINE does not know gets a 400 naming it, instead of skipping it
    /// silently; LINE documents both.
    #[serde(rename = "reject_unknown")]
    RejectUnknown,
}

impl FaultKind {
    /// How long the fault holds a request when nothing else was said.
    fn usual_delay(self) -> Duration {
        match self {
            Self::TimeoutAfterAccept => Duration::from_secs(30),
            Self::Slow => Duration::from_secs(3),
            _ => Duration::ZERO,
        }
    }
}

/// Which requests a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultEndpoint {
    /// Push messages.
    Push,
    /// Multicast messages.
    Multicast,
    /// Reply messages.
    Reply,
    /// Profiles.
    Profile,
    /// Content that guests sent.
    Content,
    /// How far a video or sound is prepared.
    Transcoding,
    /// Every endpoint.
    #[default]
    Any,
}

impl FaultEndpoint {
    fn covers(self, endpoint: Endpoint) -> bool {
        match self {
            Self::Any => true,
            Self::Content => endpoint == Endpoint::Content,
            Self::Transcoding => endpoint == Endpoint::Transcoding,
            Self::Push => endpoint == Endpoint::Push,
            Self::Multicast => endpoint == Endpoint::Multicast,
            Self::Reply => endpoint == Endpoint::Reply,
            Self::Profile => endpoint == Endpoint::Profile,
        }
    }
}

/// One order for trouble.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// Which requests.
    #[serde(default)]
    pub endpoint: FaultEndpoint,
    /// What happens to them.
    pub kind: FaultKind,
    /// How many requests it strikes; `None` for all until the faults are cleared.
    #[serde(default)]
    pub times: Option<u32>,
    /// The chance of each request to be struck, 0 to 1.
    #[serde(default = "always")]
    pub probability: f64,
    /// How long a held request waits; each kind has its usual time.
    #[serde(default)]
    pub delay_ms: Option<u64>,
}

fn always() -> f64 {
    1.0
}

impl Fault {
    /// `kind` on the next `times` requests to `endpoint`.
    #[must_use]
    pub fn times(endpoint: FaultEndpoint, kind: FaultKind, times: u32) -> Self {
        Self {
            times: Some(times),
            ..Self::always(endpoint, kind)
        }
    }

    /// `kind` on every request to `endpoint` until the faults are cleared.
    #[must_use]
    pub fn always(endpoint: FaultEndpoint, kind: FaultKind) -> Self {
        Self {
            endpoint,
            kind,
            times: None,
            probability: 1.0,
            delay_ms: None,
        }
    }

    /// The same with a chance of `probability` per request.
    #[must_use]
    pub fn with_probability(self, probability: f64) -> Self {
        Self {
            probability,
            ..self
        }
    }

    /// The same with a held request waiting for `delay`.
    #[must_use]
    pub fn with_delay(self, delay: Duration) -> Self {
        Self {
            delay_ms: u64::try_from(delay.as_millis()).ok(),
            ..self
        }
    }

    fn strikes(&mut self) -> bool {
        if self.times == Some(0) || rand::rng().random::<f64>() >= self.probability {
            return false;
        }
        if let Some(times) = &mut self.times {
            *times -= 1;
        }
        true
    }
}

/// A fault that struck one request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drawn {
    pub kind: FaultKind,
    pub delay: Duration,
}

/// The orders still open.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn list(&self) -> Vec<Fault> {
        self.0.clone()
    }

    /// The first fault that strikes a request to `endpoint`.
    pub(crate) fn draw(&mut self, endpoint: Endpoint) -> Option<Drawn> {
        let struck = self.0.iter_mut().find_map(|fault| {
            let candidate =
                fault.kind != FaultKind::RejectUnknown && fault.endpoint.covers(endpoint);
            (candidate && fault.strikes()).then(|| Drawn {
                kind: fault.kind,
                delay: fault
                    .delay_ms
                    .map_or(fault.kind.usual_delay(), Duration::from_millis),
            })
        });
        self.0.retain(|fault| fault.times != Some(0));
        struck
    }

    /// Whether a multicast with an unknown user is to be refused.
    pub(crate) fn rejects_unknown(&mut self) -> bool {
        let struck = self
            .0
            .iter_mut()
            .any(|fault| fault.kind == FaultKind::RejectUnknown && fault.strikes());
        self.0.retain(|fault| fault.times != Some(0));
        struck
    }
}
