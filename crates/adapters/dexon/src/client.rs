use crate::config::{DexonConfig, DexonError};
use crate::known::Known;
use crate::mapper::Mapper;
use crate::turns::Turns;
use crm_kernel::{Clock, HotelTime};
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, RequestBuilder, redirect};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use std::time::Duration;
use url::{Host, Url};

/// A connection that takes longer than this never comes.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Asks the vendor's system, one request at a time and at most five a second.
pub struct DexonClient {
    http: Client,
    api: Url,
    key: SecretString,
    pub(crate) page_size: u32,
    pub(crate) pauses: Vec<Duration>,
    pub(crate) turns: Turns,
    pub(crate) mapper: Mapper,
    pub(crate) clock: Arc<dyn Clock>,
}

impl DexonClient {
    /// Makes a client with its own connection pool. A rustls provider must be installed.
    ///
    /// # Errors
    /// [`DexonError`] for settings that can never work; nothing is sent.
    pub fn new(config: DexonConfig, clock: Arc<dyn Clock>) -> Result<Self, DexonError> {
        if !may_see_the_key(&config.api_url) {
            return Err(DexonError::Address);
        }
        let http = Client::builder()
            .default_headers(headers(&config)?)
            .connect_timeout(config.timeout.min(CONNECT_TIMEOUT))
            .timeout(config.timeout)
            // the key is for nobody else
            .redirect(redirect::Policy::none())
            .build()?;
        Ok(Self {
            http,
            api: config.api_url,
            key: config.api_key,
            page_size: config.page_size.clamp(1, DexonConfig::MAX_PAGE_SIZE),
            pauses: config.pauses,
            turns: Turns::new(),
            mapper: Mapper {
                known: Arc::new(Known::read()?),
                hotel: HotelTime::new(config.zone),
                clock: clock.clone(),
            },
            clock,
        })
    }

    pub(crate) fn request(&self, what: &str, query: &[(&str, String)]) -> RequestBuilder {
        let mut url = self.api.clone();
        url.set_query(None);
        url.set_fragment(None);
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["v1", what]);
        }
        self.http.get(url).query(query)
    }

    /// Words of the vendor's without the key, should they repeat it.
    pub(crate) fn without_key(&self, words: &str) -> String {
        words.replace(self.key.expose_secret(), "…")
    }
}

fn headers(config: &DexonConfig) -> Result<HeaderMap, DexonError> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    let key = config.api_key.expose_secret();
    let mut key = HeaderValue::from_str(key).map_err(|_| DexonError::Header("the key"))?;
    key.set_sensitive(true);
    headers.insert(HeaderName::from_static("x-api-key"), key);
    for (name, what, code) in [
        ("x-hotel-code", "the hotel's code", &config.hotel_code),
        ("x-athena-id", "the customer's id", &config.athena_id),
    ] {
        if let Some(code) = code {
            let code = HeaderValue::from_str(code).map_err(|_| DexonError::Header(what))?;
            headers.insert(HeaderName::from_static(name), code);
        }
    }
    Ok(headers)
}

fn may_see_the_key(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    let names_a_user = !url.username().is_empty() || url.password().is_some();
    !names_a_user && (url.scheme() == "https" || url.scheme() == "http" && is_here)
}
