//! How a simulator is set up.

use std::net::{Ipv4Addr, SocketAddr};

/// Everything a [`LineSimulator`](crate::LineSimulator) needs to know at its start.
#[derive(Debug, Clone)]
pub struct SimulatorConfig {
    /// Where to listen; port 0 takes a free one.
    pub addr: SocketAddr,
    /// The bearer token that calls to the Messaging API must carry.
    pub channel_access_token: String,
    /// The key webhooks are signed with.
    pub channel_secret: String,
    /// Where webhooks go; without it they are only recorded.
    pub webhook_url: Option<String>,
    /// Recipients per month; `None` means no cap, as `type: none` of LINE's quota endpoint.
    pub quota: Option<u64>,
    /// Whether the token buckets of LINE's rate limits are enforced.
    pub enforce_rate_limits: bool,
}

impl Default for SimulatorConfig {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            channel_access_token: "simulator-channel-access-token".to_owned(),
            channel_secret: "simulator-channel-secret".to_owned(),
            webhook_url: None,
            quota: None,
            enforce_rate_limits: false,
        }
    }
}
