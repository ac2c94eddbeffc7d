use crate::status::words;
use crm_kernel::UPLOADS;
use url::Url;

/// Units of UTF-16 in a text (LINE Messaging API reference, text message).
pub const MAX_TEXT_UTF16: usize = 5000;
/// Characters in a picture's address.
pub const MAX_IMAGE_CHARS: usize = 1000;

words! {
    /// The form of a message.
    MessageType {
        /// Words.
        Text = "text",
        /// A picture; the content is its address.
        Image = "image",
        /// A template; the content says which.
        Template = "template",
    }
}

/// What a message says.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageContent {
    kind: MessageType,
    body: String,
}

impl MessageContent {
    /// What staff typed, to be sent by hand.
    ///
    /// # Errors
    /// What is wrong with it, safe to show.
    pub fn typed(kind: MessageType, body: &str) -> Result<Self, &'static str> {
        match kind {
            MessageType::Text => {
                if body.trim().is_empty() {
                    return Err("must not be empty");
                }
                if body.encode_utf16().count() > MAX_TEXT_UTF16 {
                    return Err("must have at most 5000 characters");
                }
            }
            MessageType::Image => check_image(body)?,
            MessageType::Template => return Err("a template has its own words"),
        }
        let body = body.to_owned();
        Ok(Self { kind, body })
    }

    /// What a guest wrote or a rule said: cut to what a message can hold, never refused.
    #[must_use]
    pub fn said(body: &str) -> Self {
        let mut left = MAX_TEXT_UTF16;
        let fits = |c: &char| {
            let rest = left.checked_sub(c.len_utf16());
            left = rest.unwrap_or_default();
            rest.is_some()
        };
        Self {
            kind: MessageType::Text,
            body: body.chars().take_while(fits).collect(),
        }
    }

    /// Content that was checked before it was stored.
    #[must_use]
    pub const fn from_stored(kind: MessageType, body: String) -> Self {
        Self { kind, body }
    }

    /// Its form.
    #[must_use]
    pub const fn kind(&self) -> MessageType {
        self.kind
    }

    /// The words, or a picture's address.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }
}

/// Words of guests do not belong in logs.
impl std::fmt::Debug for MessageContent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MessageContent({}, …)", self.kind.as_str())
    }
}

fn check_image(address: &str) -> Result<(), &'static str> {
    const WRONG: &str = "must be an https address or one of our own uploads";
    if address.chars().count() > MAX_IMAGE_CHARS {
        return Err("must have at most 1000 characters");
    }
    if address.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("must not contain blanks");
    }
    if let Some(name) = address.strip_prefix(UPLOADS) {
        let is_name = !name.is_empty() && !name.contains("..") && name.is_ascii();
        return if is_name { Ok(()) } else { Err(WRONG) };
    }
    match Url::parse(address) {
        Ok(url) if url.scheme() == "https" && address.is_ascii() => Ok(()),
        Ok(url) if url.scheme() == "https" => Err("must be percent-encoded"),
        _ => Err(WRONG),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_1_to_5000_units_as_line_counts_them() {
        let typed = |text: &str| MessageContent::typed(MessageType::Text, text);
        assert!(typed(&"😀".repeat(2500)).is_ok());
        assert!(typed(&"😀".repeat(2501)).is_err());
        assert!(typed(" \n").is_err());
    }

    #[test]
    fn a_picture_comes_by_https_or_from_our_uploads() {
        let typed = |text: &str| MessageContent::typed(MessageType::Image, text);
        for fine in ["https://h.tw/a.jpg", "/static/uploads/2026/a.webp"] {
            assert!(typed(fine).is_ok(), "{fine}");
        }
        for wrong in [
            "http://h.tw/a.jpg",
            "/static/uploads/",
            "/static/uploads/../x",
            "/etc/a.jpg",
            "https://h.tw/房",
            "",
        ] {
            assert!(typed(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_was_said_is_cut_between_characters() {
        assert_eq!(MessageContent::said(" hi ").body(), " hi ");
        let long = format!("a{}", "😀".repeat(3000));
        assert_eq!(
            MessageContent::said(&long).body().encode_utf16().count(),
            4999
        );
    }
}
