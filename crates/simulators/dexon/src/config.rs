//! How a simulator is set up.

use std::net::{Ipv4Addr, SocketAddr};

use crate::clock::Clock;
use crate::hotel::Hotel;

/// Everything a [`DexonSimulator`](crate::DexonSimulator) needs to know at its start.
#[derive(Debug, Clone)]
pub struct SimulatorConfig {
    /// Where to listen; port 0 takes a free one.
    pub addr: SocketAddr,
    /// What `X-API-Key` must be.
    pub api_key: String,
    /// What `X-Hotel-Code` must be; any will do without it.
    pub hotel_code: Option<String>,
    /// What `X-Athena-Id` must be; any will do without it.
    pub athena_id: Option<String>,
    /// The hotel whose rows are told.
    pub hotel: Hotel,
    /// Its clock; without one it stands still at ten in the morning of the hotel's day.
    pub clock: Option<Clock>,
}

impl Default for SimulatorConfig {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            api_key: "simulator-pms-key".to_owned(),
            hotel_code: None,
            athena_id: None,
            hotel: Hotel::seeded(42, 500, 2_000),
            clock: None,
        }
    }
}
