//! LINE's limits on message objects (Messaging API reference: message objects, actions, flex;
//! LINE Developers, character counting). Almost everything counts in UTF-16 units; labels and
//! what a guest seems to write count in grapheme clusters.

use crm_workflows::EncodeError;
use serde_json::Value;
use unicode_segmentation::UnicodeSegmentation;
use url::Url;

/// Message objects of one request.
const MESSAGES: usize = 5;
/// Units of a text message.
pub(crate) const TEXT: usize = 5000;
/// Units of an alternative text.
pub(crate) const ALT_TEXT: usize = 1500;
/// Graphemes of a label; flex would take 40, but the same action may stand elsewhere too.
const LABEL: usize = 20;
/// Units of the address of an action.
const LINK: usize = 1000;
/// Units of the address of a picture.
const MEDIA_URL: usize = 2000;
/// Units of a postback's data.
const POSTBACK_DATA: usize = 300;
/// Graphemes of a postback's displayed text.
const DISPLAY_TEXT: usize = 300;
/// Bubbles of a carousel.
const BUBBLES: usize = 12;
/// LINE says 30 KB and 50 KB without saying which KB; the smaller reading is safe.
const BUBBLE_BYTES: usize = 30_000;
const CAROUSEL_BYTES: usize = 50_000;

/// The body of any request, by the smaller reading of 2 MB.
pub(crate) const REQUEST_BYTES: usize = 2_000_000;
/// Recipients of a multicast.
pub(crate) const MULTICAST_RECIPIENTS: usize = 500;

pub(crate) type Checked = Result<(), EncodeError>;

pub(crate) fn message_count(count: usize) -> Checked {
    if (1..=MESSAGES).contains(&count) {
        return Ok(());
    }
    broken("messages", "must have 1 to 5 entries")
}

pub(crate) fn bubble_count(at: &str, count: usize) -> Checked {
    if (1..=BUBBLES).contains(&count) {
        return Ok(());
    }
    broken(at, "must have 1 to 12 entries")
}

pub(crate) fn words(at: &str, text: &str, limit: usize) -> Checked {
    if text.trim().is_empty() {
        return broken(at, "must not be empty");
    }
    if text.encode_utf16().count() > limit {
        return broken(at, format!("must have at most {limit} characters"));
    }
    Ok(())
}

pub(crate) fn label(at: &str, label: &str) -> Checked {
    if label.trim().is_empty() {
        return broken(at, "must not be empty");
    }
    graphemes(at, label, LABEL)
}

pub(crate) fn display_text(at: &str, text: &str) -> Checked {
    graphemes(at, text, DISPLAY_TEXT)
}

pub(crate) fn postback_data(at: &str, data: &str) -> Checked {
    words(at, data, POSTBACK_DATA)
}

/// The address of an action.
pub(crate) fn link(at: &str, url: &str) -> Checked {
    address(at, url, LINK, &["http", "https", "line", "tel"])
}

/// The address of a picture. LINE itself takes https only; whether plain http may stand for it
/// on the demo's own machine is decided where the template is written.
pub(crate) fn media_url(at: &str, url: &str) -> Checked {
    address(at, url, MEDIA_URL, &["http", "https"])
}

pub(crate) fn bubble_size(at: &str, bubble: &Value) -> Checked {
    json_size(at, bubble, BUBBLE_BYTES)
}

pub(crate) fn carousel_size(at: &str, carousel: &Value) -> Checked {
    json_size(at, carousel, CAROUSEL_BYTES)
}

fn graphemes(at: &str, text: &str, limit: usize) -> Checked {
    if text.graphemes(true).count() > limit {
        return broken(at, format!("must have at most {limit} characters"));
    }
    Ok(())
}

fn address(at: &str, url: &str, limit: usize, schemes: &[&str]) -> Checked {
    words(at, url, limit)?;
    if !url.is_ascii() {
        return broken(at, "must be percent-encoded");
    }
    match Url::parse(url) {
        Ok(parsed) if schemes.contains(&parsed.scheme()) => Ok(()),
        Ok(_) => broken(at, "has a scheme that is not possible here"),
        Err(_) => broken(at, "is not an address"),
    }
}

fn json_size(at: &str, value: &Value, limit: usize) -> Checked {
    let size = value.to_string().len();
    if size > limit {
        return broken(at, format!("takes {size} bytes of at most {limit}"));
    }
    Ok(())
}

fn broken(at: &str, message: impl Into<String>) -> Checked {
    Err(EncodeError {
        property: at.into(),
        message: message.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_count_in_utf16_units_and_labels_in_graphemes() {
        assert!(words("text", &"😀".repeat(2500), TEXT).is_ok());
        assert!(words("text", &"😀".repeat(2501), TEXT).is_err());
        assert!(label("label", &"👨‍👩‍👧".repeat(20)).is_ok());
        assert!(label("label", &"a".repeat(21)).is_err());
    }

    #[test]
    fn an_action_opens_four_schemes_and_must_be_encoded() {
        for fine in ["https://h.tw", "http://h.tw", "tel:+8862", "line://ti/p/@h"] {
            assert!(link("uri", fine).is_ok(), "{fine}");
        }
        for wrong in ["ftp://h.tw", "https://h.tw/房", "rooms", ""] {
            assert!(link("uri", wrong).is_err(), "{wrong}");
        }
        assert!(media_url("url", "tel:1").is_err());
        assert!(link("uri", &format!("https://h.tw/{}", "a".repeat(1000))).is_err());
    }

    #[test]
    fn an_error_names_the_property_and_not_the_text() {
        let error = words("messages[0].text", &"secret".repeat(1000), TEXT).unwrap_err();
        assert_eq!(
            error.to_string(),
            "messages[0].text: must have at most 5000 characters"
        );
    }
}
