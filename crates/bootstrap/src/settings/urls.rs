//! Addresses, and where plain http is good enough.

use super::AppEnv;
use crate::read::Reader;
use std::net::SocketAddr;
use url::Url;

pub(super) fn origins(r: &mut Reader<'_>) -> Vec<String> {
    let text = r.text("CORS_ALLOWED_ORIGINS").unwrap_or_default();
    let origins: Vec<String> = text
        .split(',')
        .map(|origin| origin.trim().trim_end_matches('/').to_owned())
        .filter(|origin| !origin.is_empty())
        .collect();
    for origin in &origins {
        let is_origin = Url::parse(origin)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.path() == "/");
        if !is_origin {
            r.problem(
                "CORS_ALLOWED_ORIGINS",
                "must be origins such as https://crm.hotel.tw, separated by commas",
            );
        }
    }
    origins
}

pub(super) fn url(r: &mut Reader<'_>, name: &'static str, default: &str) -> Option<Url> {
    let text = r.text(name).unwrap_or_else(|| default.to_owned());
    match Url::parse(&text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Some(url),
        _ => {
            r.problem(name, "must be a URL with http or https");
            None
        }
    }
}

pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

pub(super) fn public_base_url(r: &mut Reader<'_>, env: AppEnv, http_addr: SocketAddr) -> Url {
    let default = format!("http://{http_addr}");
    let found = url(r, "PUBLIC_BASE_URL", &default);
    if let Some(found) = &found
        && env == AppEnv::Production
        && found.scheme() == "http"
        && !is_loopback(found)
    {
        r.problem(
            "PUBLIC_BASE_URL",
            "must be https in production: guests follow links to it",
        );
    }
    found.unwrap_or_else(loopback)
}

/// Stands in for a URL that was refused; the start ends before it is used.
pub(super) fn loopback() -> Url {
    #[expect(clippy::expect_used, reason = "a constant that parses")]
    Url::parse("http://127.0.0.1").expect("a URL")
}
