use crm_messages::Incoming;
use serde::{Deserialize, Serialize};

/// What kind of thing a guest sent. The words of a text stand beside it, so that events stored
/// before there were kinds are read like all others.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SentKind {
    /// Words.
    Text,
    /// A sticker.
    Sticker,
    /// A picture.
    Image,
    /// A video.
    Video,
    /// A recording.
    Audio,
    /// A file.
    File {
        /// Its name.
        name: String,
    },
    /// A place.
    Location,
    /// Something that LINE invented since.
    #[default]
    #[serde(other)]
    Other,
}

impl SentKind {
    /// As the conversation record takes it.
    pub(super) fn incoming(&self, text: Option<&str>) -> Incoming {
        if let Some(text) = text {
            return Incoming::Text(text.to_owned());
        }
        match self {
            Self::Sticker => Incoming::Sticker,
            Self::Image => Incoming::Image,
            Self::Video => Incoming::Video,
            Self::Audio => Incoming::Audio,
            Self::File { name } => Incoming::File { name: name.clone() },
            Self::Location => Incoming::Location,
            Self::Text | Self::Other => Incoming::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::What;
    use serde_json::{Value, json};

    fn said(stored: Value) -> String {
        let Ok(What::Message { sent, text, .. }) = serde_json::from_value(stored) else {
            return "not a message".into();
        };
        sent.incoming(text.as_deref()).content().body().to_owned()
    }

    #[test]
    fn an_event_of_any_version_tells_what_was_sent() {
        for (stored, content) in [
            (json!({"type": "message", "text": "𠮷野 😀"}), "𠮷野 😀"),
            (json!({"type": "message", "text": null}), "[message]"),
            (
                json!({"type": "message", "id": "1", "sent": {"kind": "text"}, "text": "hi"}),
                "hi",
            ),
            (
                json!({"type": "message", "sent": {"kind": "sticker"}, "text": null}),
                "[sticker]",
            ),
            (
                json!({"type": "message", "sent": {"kind": "file", "name": "房.pdf"}, "text": null}),
                "[file] 房.pdf",
            ),
            (
                json!({"type": "message", "sent": {"kind": "hologram", "size": 3}, "text": null}),
                "[message]",
            ),
        ] {
            assert_eq!(said(stored.clone()), content, "{stored}");
        }
    }
}
