//! How to reach the hotel's own system.

use super::number32;
use super::urls::{is_loopback, loopback, url};
use crate::read::Reader;
use secrecy::SecretString;
use std::time::Duration;
use url::Url;

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);

/// How to reach the hotel's own system (PMS), and how often.
#[derive(Clone, Debug)]
pub struct PmsSettings {
    /// `PMS_API_URL`
    pub api_url: Url,
    /// `PMS_API_KEY`; none = there is no system to ask
    pub api_key: Option<SecretString>,
    /// `PMS_HOTEL_CODE`
    pub hotel_code: Option<String>,
    /// `PMS_ATHENA_ID`
    pub athena_id: Option<String>,
    /// `PMS_SYNC_INTERVAL`; none (0) = only when somebody asks for it
    pub sync_interval: Option<Duration>,
    /// `PMS_PAGE_SIZE`
    pub page_size: u32,
    /// `PMS_OVERLAP`
    pub overlap: Duration,
    /// `PMS_TIMEOUT`
    pub timeout: Duration,
}

pub(super) fn pms(r: &mut Reader<'_>) -> PmsSettings {
    let interval = r.seconds("PMS_SYNC_INTERVAL", 3_600 * SECOND, Duration::ZERO, 7 * DAY);
    if !interval.is_zero() && interval < SECOND {
        r.problem("PMS_SYNC_INTERVAL", "must be 0 (off) or at least 1 second");
    }
    PmsSettings {
        api_url: api_url(r),
        api_key: r.text("PMS_API_KEY").and_then(|key| api_key(r, key)),
        hotel_code: code(r, "PMS_HOTEL_CODE"),
        athena_id: code(r, "PMS_ATHENA_ID"),
        sync_interval: (!interval.is_zero()).then_some(interval),
        page_size: number32(r, "PMS_PAGE_SIZE", 200, 1..=1_000),
        overlap: r.seconds("PMS_OVERLAP", 900 * SECOND, Duration::ZERO, DAY),
        timeout: r.seconds("PMS_TIMEOUT", 30 * SECOND, SECOND / 10, 300 * SECOND),
    }
}

fn api_url(r: &mut Reader<'_>) -> Url {
    const NAME: &str = "PMS_API_URL";
    let found = url(r, NAME, "https://pms.dexon.com.tw/api");
    if let Some(found) = &found {
        if found.scheme() == "http" && !is_loopback(found) {
            r.problem(NAME, "must be https, except on this machine");
        }
        if !found.username().is_empty() || found.password().is_some() {
            r.problem(NAME, "must hold no user and no password");
        }
    }
    found.unwrap_or_else(loopback)
}

fn api_key(r: &mut Reader<'_>, key: String) -> Option<SecretString> {
    if fits_a_header(&key) {
        return Some(SecretString::from(key));
    }
    r.problem(
        "PMS_API_KEY",
        "must have plain letters, digits and signs only",
    );
    None
}

fn code(r: &mut Reader<'_>, name: &'static str) -> Option<String> {
    let code = r.text(name)?;
    if !fits_a_header(&code) {
        r.problem(name, "must have plain letters, digits and signs only");
    }
    Some(code)
}

fn fits_a_header(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
}
