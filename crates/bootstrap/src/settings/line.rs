//! How to reach LINE.

use super::urls::{is_loopback, loopback, url};
use super::{AppEnv, LineSettings, number32};
use crate::read::Reader;
use secrecy::SecretString;
use std::time::Duration;

pub(super) fn line(r: &mut Reader<'_>, env: AppEnv) -> LineSettings {
    let mut secret = |name: &'static str| {
        let text = r.text(name);
        if text.is_none() && env == AppEnv::Production {
            r.problem(name, "must be set in production");
        }
        SecretString::from(text.unwrap_or_default())
    };
    let channel_access_token = secret("LINE_CHANNEL_ACCESS_TOKEN");
    let channel_secret = secret("LINE_CHANNEL_SECRET");
    let mut base = |name: &'static str, default: &str| {
        let found = url(r, name, default);
        if let Some(found) = &found
            && found.scheme() == "http"
            && !is_loopback(found)
        {
            r.problem(name, "must be https, except on this machine");
        }
        found.unwrap_or_else(loopback)
    };
    let api_base_url = base("LINE_API_BASE_URL", "https://api.line.me");
    let data_default = if api_base_url.host_str() == Some("api.line.me") {
        "https://api-data.line.me".to_owned()
    } else {
        api_base_url.to_string()
    };
    let data_api_base_url = base("LINE_DATA_API_BASE_URL", &data_default);
    LineSettings {
        channel_access_token,
        channel_secret,
        api_base_url,
        data_api_base_url,
        timeout: r.seconds(
            "LINE_TIMEOUT",
            Duration::from_secs(10),
            Duration::from_millis(100),
            Duration::from_secs(60),
        ),
        multicast_per_second: number32(r, "LINE_MULTICAST_PER_SECOND", 150, 0..=100_000),
        push_per_second: number32(r, "LINE_PUSH_PER_SECOND", 1_500, 0..=1_000_000),
    }
}
