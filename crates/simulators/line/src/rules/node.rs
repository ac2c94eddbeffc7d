//! A cursor over a JSON object that knows its own path and notes every broken rule.

use std::cell::RefCell;

use serde_json::{Map, Value};
use unicode_segmentation::UnicodeSegmentation;

/// One entry of `details` in LINE's error body.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Violation {
    /// What is wrong, in LINE's words.
    pub message: String,
    /// Where, such as `messages[0].text`.
    pub property: String,
}

/// How LINE counts the length of a property.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unit {
    /// UTF-16 code units, the default.
    Utf16,
    /// Grapheme clusters: labels, texts of templates, texts inside actions.
    Grapheme,
}

impl Unit {
    pub(super) fn count(self, text: &str) -> usize {
        match self {
            Self::Utf16 => text.encode_utf16().count(),
            Self::Grapheme => text.graphemes(true).count(),
        }
    }
}

/// Whether a property may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Required,
    Optional,
}

/// Everything wrong with one request.
#[derive(Debug, Default)]
pub(crate) struct Findings(RefCell<Vec<Violation>>);

impl Findings {
    pub(super) fn add(&self, property: &str, message: impl Into<String>) {
        self.0.borrow_mut().push(Violation {
            message: message.into(),
            property: property.to_owned(),
        });
    }

    pub(super) fn into_vec(self) -> Vec<Violation> {
        self.0.into_inner()
    }
}

/// A JSON object at a path.
pub(crate) struct Node<'a> {
    object: &'a Map<String, Value>,
    path: String,
    findings: &'a Findings,
}

impl<'a> Node<'a> {
    /// `value` as an object, or `None` after noting that it is not one.
    pub(super) fn new(value: &'a Value, path: String, findings: &'a Findings) -> Option<Self> {
        if let Some(object) = value.as_object() {
            return Some(Self {
                object,
                path,
                findings,
            });
        }
        findings.add(&path, "Must be an object");
        None
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.object.contains_key(key)
    }

    pub(super) fn value(&self, key: &str) -> Option<&'a Value> {
        self.object.get(key)
    }

    pub(super) fn object(&self) -> &'a Map<String, Value> {
        self.object
    }

    pub(super) fn note(&self, key: &str, message: impl Into<String>) {
        self.findings.add(&self.at(key), message);
    }

    fn at(&self, key: &str) -> String {
        if key.is_empty() {
            return self.path.clone();
        }
        format!("{}.{key}", self.path)
    }

    /// A string property; notes it when missing, of another type, empty although required, or too long.
    pub(super) fn text(
        &self,
        key: &str,
        presence: Presence,
        max: usize,
        unit: Unit,
    ) -> Option<&'a str> {
        let Some(value) = self.object.get(key) else {
            if presence == Presence::Required {
                self.note(key, "May not be empty");
            }
            return None;
        };
        let Some(text) = value.as_str() else {
            self.note(key, "Must be a string");
            return None;
        };
        if text.is_empty() && presence == Presence::Required {
            self.note(key, "May not be empty");
        } else if unit.count(text) > max {
            self.note(key, format!("Length must be between 0 and {max}"));
        }
        Some(text)
    }

    /// A string property out of a closed list.
    pub(super) fn one_of(
        &self,
        key: &str,
        presence: Presence,
        allowed: &[&str],
    ) -> Option<&'a str> {
        let found = self.text(key, presence, usize::MAX, Unit::Utf16)?;
        if !allowed.contains(&found) {
            let list = allowed.join(", ");
            self.note(
                key,
                format!("Must be one of the following values: [{list}]"),
            );
        }
        Some(found)
    }

    /// The address of an image, video or audio file. LINE takes https only; the simulator also takes
    /// plain http on the loopback interface, where a demo serves its pictures.
    pub(super) fn media_url(&self, key: &str, presence: Presence) {
        let Some(url) = self.text(key, presence, 2000, Unit::Utf16) else {
            return;
        };
        if !is_media_url(url) {
            self.note(key, "Must be a valid HTTPS URL");
        }
    }

    /// A link a guest opens.
    pub(super) fn link(&self, key: &str, presence: Presence, max: usize) {
        let Some(uri) = self.text(key, presence, max, Unit::Utf16) else {
            return;
        };
        let scheme = uri
            .split_once(':')
            .map(|(scheme, rest)| (scheme, !rest.is_empty()));
        let known = matches!(scheme, Some((s, true)) if ["http", "https", "line", "tel"].contains(&s.to_ascii_lowercase().as_str()));
        if !known || uri.chars().any(char::is_whitespace) {
            self.note(key, "Invalid action URI scheme");
        }
    }

    /// A number property.
    pub(super) fn number(&self, key: &str, presence: Presence) -> Option<f64> {
        let Some(value) = self.object.get(key) else {
            if presence == Presence::Required {
                self.note(key, "May not be null");
            }
            return None;
        };
        let number = value.as_f64();
        if number.is_none() {
            self.note(key, "Must be a number");
        }
        number
    }

    /// An object property.
    pub(super) fn child(&self, key: &str, presence: Presence) -> Option<Node<'a>> {
        match self.object.get(key) {
            Some(value) => Node::new(value, self.at(key), self.findings),
            None => {
                if presence == Presence::Required {
                    self.note(key, "May not be null");
                }
                None
            }
        }
    }

    /// An array of objects whose length lies between `min` and `max`.
    pub(super) fn children(
        &self,
        key: &str,
        presence: Presence,
        min: usize,
        max: usize,
    ) -> Vec<Node<'a>> {
        let Some(value) = self.object.get(key) else {
            if presence == Presence::Required {
                self.note(key, "May not be null");
            }
            return Vec::new();
        };
        let Some(items) = value.as_array() else {
            self.note(key, "Must be an array");
            return Vec::new();
        };
        if items.len() < min || items.len() > max {
            self.note(key, format!("Size must be between {min} and {max}"));
        }
        items
            .iter()
            .enumerate()
            .filter_map(|(i, item)| {
                Node::new(item, format!("{}[{i}]", self.at(key)), self.findings)
            })
            .collect()
    }
}

fn is_media_url(url: &str) -> bool {
    if url.chars().any(char::is_whitespace) {
        return false;
    }
    if let Some(rest) = url.strip_prefix("https://") {
        return !rest.is_empty();
    }
    url.strip_prefix("http://").is_some_and(|rest| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        matches!(name, "127.0.0.1" | "localhost")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_apple_counts_twice_in_texts_and_once_in_labels() {
        assert_eq!(Unit::Utf16.count("🍎"), 2);
        assert_eq!(Unit::Grapheme.count("🍎"), 1);
        assert_eq!(Unit::Grapheme.count("👨‍👩‍👧"), 1);
    }

    #[test]
    fn media_is_https_or_plain_http_on_loopback() {
        assert!(is_media_url("https://hotel.example/a.png"));
        assert!(is_media_url("http://127.0.0.1:8080/a.png"));
        assert!(is_media_url("http://localhost/a.png"));
        assert!(!is_media_url("http://hotel.example/a.png"));
        assert!(!is_media_url("http://127.0.0.1.hotel.example/a.png"));
    }
}
