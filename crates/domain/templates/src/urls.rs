use crate::{limits, uploads};
use url::{Host, Url};

/// Whether `url` is one that LINE can load a picture from: https, or http on this very machine
/// so that the demo works without certificates, or the path of a picture uploaded here.
pub(crate) fn check_image(url: &str, longest: usize) -> Result<(), String> {
    if url.starts_with('/') {
        return match uploads::is_upload(url) {
            true if url.len() <= longest => Ok(()),
            true => Err(format!("must have at most {longest} characters")),
            false => Err("must be an https address or the path of an uploaded picture".into()),
        };
    }
    let parsed = parse(url, longest)?;
    match parsed.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(&parsed) => Ok(()),
        _ => Err("must start with https://".into()),
    }
}

/// Whether `url` is one that a tap may open (LINE reference, URI action).
pub(crate) fn check_link(url: &str, longest: usize) -> Result<(), String> {
    match parse(url, longest)?.scheme() {
        "http" | "https" | "line" | "tel" => Ok(()),
        _ => Err("must be an http, https, line or tel address".into()),
    }
}

/// Whether a tap on it goes through our own counting address: a browser must be able to be
/// sent on, which it is not to an app or a telephone.
pub(crate) fn is_trackable(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// The address that LINE loads a picture from.
pub(crate) fn picture(url: &str, base_url: &str) -> String {
    uploads::address(url, base_url).unwrap_or_else(|| encoded(url))
}

/// The address in the form LINE takes: percent-encoded, as written when it already is.
pub(crate) fn encoded(url: &str) -> String {
    let plain = url
        .bytes()
        .all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b));
    if plain {
        return url.to_owned();
    }
    Url::parse(url).map_or_else(|_| url.to_owned(), String::from)
}

fn parse(url: &str, longest: usize) -> Result<Url, String> {
    if url.is_empty() {
        return Err("must not be empty".into());
    }
    if url.contains("{{") {
        return Err("variables are not possible in an address".into());
    }
    if url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("must not contain blanks".into());
    }
    // percent-encoding makes an address longer, LINE's limit stays
    if url.chars().count() > longest || encoded(url).len() > limits::URL {
        return Err(format!("must have at most {longest} characters"));
    }
    let parsed = Url::parse(url).map_err(|_| "is not an address".to_owned())?;
    if parsed.path().is_empty() && !parsed.has_host() {
        return Err("is not an address".into());
    }
    Ok(parsed)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_come_by_https_or_from_this_machine() {
        assert!(check_image("https://cdn.hotel.com/001.jpg", 500).is_ok());
        for local in [
            "http://localhost:8080/a.png",
            "http://127.0.0.1/a.png",
            "http://[::1]/a",
        ] {
            assert!(check_image(local, 500).is_ok(), "{local}");
        }
        for wrong in [
            "http://hotel.com/a.jpg",
            "http://localhost.evil.com/a",
            "ftp://h/a",
            "a",
            "",
        ] {
            assert!(check_image(wrong, 500).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_picture_may_be_an_upload_and_no_other_path() {
        let upload = |stem: &str| format!("/static/uploads/images/templates/{stem}.webp");
        assert!(check_image(&upload("a"), 500).is_ok());
        for wrong in [
            upload(&"a".repeat(500)),
            upload("../a"),
            "/rooms/a.jpg".into(),
            "//h.tw/a.jpg".into(),
            "/".into(),
        ] {
            assert!(check_image(&wrong, 500).is_err(), "{wrong}");
        }
        assert!(check_link(&upload("a"), 500).is_err());
    }

    #[test]
    fn a_tap_opens_pages_telephones_and_line_itself_but_no_script() {
        for fine in [
            "https://h.tw",
            "http://h.tw/a?b=c",
            "tel:+886-2-1234",
            "line://ti/p/@hotel",
        ] {
            assert!(check_link(fine, 1000).is_ok(), "{fine}");
        }
        for wrong in [
            "javascript:alert(1)",
            "tel:",
            "https://",
            "/rooms",
            "https://h.tw/{{name}}",
        ] {
            assert!(check_link(wrong, 1000).is_err(), "{wrong}");
        }
        assert!(is_trackable("HTTPS://h.tw"));
        assert!(!is_trackable("tel:+8862"));
    }

    #[test]
    fn an_address_is_percent_encoded_only_where_it_must_be() {
        assert_eq!(encoded("https://h.tw"), "https://h.tw");
        assert_eq!(encoded("https://h.tw/房"), "https://h.tw/%E6%88%BF");
    }

    #[test]
    fn a_long_address_is_refused() {
        let url = format!("https://h.tw/{}", "a".repeat(488));
        assert!(check_link(&url, 500).is_err());
        assert!(check_link(&url, 1000).is_ok());
    }
}
