use chrono_tz::Tz;
use secrecy::SecretString;
use std::time::Duration;
use thiserror::Error;
use url::Url;

/// How to reach the vendor's system.
#[derive(Clone, Debug)]
pub struct DexonConfig {
    /// Where it is; `/v1/…` is appended. https, except on this machine.
    pub api_url: Url,
    /// The key.
    pub api_key: SecretString,
    /// Which hotel, where the system holds several.
    pub hotel_code: Option<String>,
    /// Which customer of the vendor's.
    pub athena_id: Option<String>,
    /// Rows of a page, 1 to 1000.
    pub page_size: u32,
    /// How long a request may take from beginning to end.
    pub timeout: Duration,
    /// What is waited before each further try.
    pub pauses: Vec<Duration>,
    /// The hotel's time zone: that of days and clocks without an offset.
    pub zone: Tz,
}

impl DexonConfig {
    /// Most rows of a page.
    pub const MAX_PAGE_SIZE: u32 = 1_000;

    /// With everything but address, key and zone as the contract has it.
    #[must_use]
    pub fn new(api_url: Url, api_key: SecretString, zone: Tz) -> Self {
        Self {
            api_url,
            api_key,
            hotel_code: None,
            athena_id: None,
            page_size: 200,
            timeout: Duration::from_secs(30),
            pauses: [1, 2, 4].map(Duration::from_secs).to_vec(),
            zone,
        }
    }
}

/// The adapter cannot be made.
#[derive(Debug, Error)]
pub enum DexonError {
    /// An address that nothing can be appended to, or that would show the key to the network.
    #[error("the address must be https, except on this machine, and hold no user")]
    Address,
    /// The key or a code has characters that no header can carry.
    #[error("{0} has characters that are not possible")]
    Header(&'static str),
    /// The crate's own data file is damaged.
    #[error("the data file cannot be read: {0}")]
    Data(#[from] serde_json::Error),
    /// TLS or the connection pool could not be set up.
    #[error("the http client cannot be made")]
    Http(#[from] reqwest::Error),
}
