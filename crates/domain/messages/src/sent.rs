use crate::{ContentKind, Incoming};
use serde::{Deserialize, Serialize};
use serde_json::Number;

/// What kind of thing a guest sent, with what LINE tells of it; the words of a text stand beside
/// it. A document that is stored: fields may be added, every one of them may be missing.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SentKind {
    /// Words.
    Text(TextParts),
    /// A sticker.
    Sticker(Sticker),
    /// A picture.
    Image(Picture),
    /// A video.
    Video(Recording),
    /// A recording of sound.
    Audio(Recording),
    /// A file.
    File(SentFile),
    /// A place.
    Location(Place),
    /// Something that LINE invented since.
    #[default]
    #[serde(other)]
    Other,
}

/// What stands in a text besides its words.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TextParts {
    /// LINE's own emoji, which the words hold as `(love)`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emojis: Vec<Emoji>,
    /// People spoken to by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<Mention>,
    /// LINE's id of the message it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quoted_message_id: Option<String>,
}

/// One of LINE's emoji in a text.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Emoji {
    /// Where its placeholder begins, as LINE counts.
    pub index: u64,
    /// How long its placeholder is.
    pub length: u64,
    /// The set it is of.
    pub product_id: String,
    /// Which one.
    pub emoji_id: String,
}

/// Somebody spoken to by name in a text; who it is is not kept.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mention {
    /// Where the name begins, as LINE counts.
    pub index: u64,
    /// How long it is.
    pub length: u64,
    /// Everybody is meant.
    pub everybody: bool,
    /// The account itself is meant.
    pub us: bool,
}

/// A sticker.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sticker {
    /// The set it is of.
    pub package_id: String,
    /// Which one.
    pub sticker_id: String,
    /// `STATIC`, `ANIMATION`, …; LINE adds more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<String>,
    /// What it stands for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// What is printed on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// LINE's id of the message it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quoted_message_id: Option<String>,
}

/// A picture.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Picture {
    /// Where it lies, if not with LINE.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<Elsewhere>,
    /// The others it was sent together with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_set: Option<ImageSet>,
}

/// Pictures sent together, which arrive one by one in any order.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageSet {
    /// The same for all of them.
    pub id: String,
    /// Which one it is, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// How many they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// A video, or a recording of sound.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recording {
    /// How long it plays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// Where it lies, if not with LINE.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<Elsewhere>,
}

/// Content that lies with somebody else and is never fetched by us.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Elsewhere {
    /// Its address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_url: Option<String>,
    /// The address of a small picture of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview_url: Option<String>,
}

/// A file.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SentFile {
    /// Its name.
    pub name: String,
    /// Its bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
}

/// A place.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Degrees north, as LINE wrote them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<Number>,
    /// Degrees east.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<Number>,
}

/// What guests send does not belong in logs.
impl std::fmt::Debug for SentKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl SentKind {
    /// The word for it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Sticker(_) => "sticker",
            Self::Image(_) => "image",
            Self::Video(_) => "video",
            Self::Audio(_) => "audio",
            Self::File(_) => "file",
            Self::Location(_) => "location",
            Self::Other => "other",
        }
    }

    /// As the conversation record takes it.
    #[must_use]
    pub fn incoming(&self, words: Option<&str>) -> Incoming {
        match words {
            Some(words) if *self == Self::Text(TextParts::default()) => {
                Incoming::Text(words.to_owned())
            }
            _ => Incoming::Sent {
                kind: self.clone(),
                words: words.map(str::to_owned),
            },
        }
    }

    /// Content that LINE keeps for us to fetch, if it is such a thing.
    #[must_use]
    pub const fn content(&self) -> Option<ContentKind> {
        match self {
            Self::Image(Picture {
                elsewhere: None, ..
            }) => Some(ContentKind::Image),
            Self::Video(Recording {
                elsewhere: None, ..
            }) => Some(ContentKind::Video),
            Self::Audio(Recording {
                elsewhere: None, ..
            }) => Some(ContentKind::Audio),
            Self::File(_) => Some(ContentKind::File),
            _ => None,
        }
    }

    /// The name and size that a file was announced with.
    #[must_use]
    pub const fn file(&self) -> Option<&SentFile> {
        match self {
            Self::File(file) => Some(file),
            _ => None,
        }
    }
}
