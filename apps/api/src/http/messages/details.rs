use crm_messages::{
    Elsewhere, Emoji, ImageSet, Mention, Picture, Place, Recording, SentKind, Sticker, TextParts,
};
use serde::Serialize;
use serde_json::Number;
use utoipa::ToSchema;

/// What LINE tells of a guest's message besides its words.
#[derive(Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(example = json!({"kind": "location", "title": "台北 101", "address": "台北市信義區",
    "latitude": 25.033_964, "longitude": 121.564_468}))]
pub(crate) enum MessageDetails {
    /// A text with more than words
    Text {
        /// LINE's own emoji, which the words hold as `(love)`
        emojis: Vec<TextEmoji>,
        /// People spoken to by name
        mentions: Vec<TextMention>,
        /// LINE's id of the message it answers
        quoted_message_id: Option<String>,
    },
    /// A sticker
    Sticker {
        package_id: String,
        sticker_id: String,
        /// `STATIC`, `ANIMATION`, …
        resource_type: Option<String>,
        /// What it stands for
        keywords: Vec<String>,
        /// What is printed on it
        text: Option<String>,
        quoted_message_id: Option<String>,
    },
    /// A picture
    Image {
        /// Those it was sent together with
        image_set: Option<PictureSet>,
        /// Where it lies, if not with LINE; such is never fetched
        elsewhere: Option<OtherPlace>,
    },
    /// A video
    Video {
        duration_ms: Option<u64>,
        elsewhere: Option<OtherPlace>,
    },
    /// A recording of sound
    Audio {
        duration_ms: Option<u64>,
        elsewhere: Option<OtherPlace>,
    },
    /// A file
    File {
        name: String,
        /// Bytes, as announced
        size: Option<u64>,
    },
    /// A place
    Location {
        title: Option<String>,
        address: Option<String>,
        #[schema(value_type = Option<f64>)]
        latitude: Option<Number>,
        #[schema(value_type = Option<f64>)]
        longitude: Option<Number>,
    },
}

/// One of LINE's emoji in a text.
#[derive(Serialize, ToSchema)]
pub(crate) struct TextEmoji {
    index: u64,
    length: u64,
    product_id: String,
    emoji_id: String,
}

/// Somebody spoken to by name.
#[derive(Serialize, ToSchema)]
pub(crate) struct TextMention {
    index: u64,
    length: u64,
    /// Everybody is meant
    everybody: bool,
    /// The hotel itself is meant
    us: bool,
}

/// Pictures sent together.
#[derive(Serialize, ToSchema)]
pub(crate) struct PictureSet {
    id: String,
    /// Which one it is, from 1
    index: Option<u64>,
    /// How many they are
    total: Option<u64>,
}

/// Where content lies that LINE does not keep.
#[derive(Serialize, ToSchema)]
pub(crate) struct OtherPlace {
    content_url: Option<String>,
    preview_url: Option<String>,
}

impl MessageDetails {
    /// None for what has nothing to tell.
    pub(super) fn of(kind: SentKind) -> Option<Self> {
        Some(match kind {
            SentKind::Text(TextParts {
                emojis,
                mentions,
                quoted_message_id,
            }) => Self::Text {
                emojis: emojis.into_iter().map(Into::into).collect(),
                mentions: mentions.into_iter().map(Into::into).collect(),
                quoted_message_id,
            },
            SentKind::Sticker(Sticker {
                package_id,
                sticker_id,
                resource_type,
                keywords,
                text,
                quoted_message_id,
            }) => Self::Sticker {
                package_id,
                sticker_id,
                resource_type,
                keywords,
                text,
                quoted_message_id,
            },
            SentKind::Image(Picture {
                elsewhere,
                image_set,
            }) => Self::Image {
                image_set: image_set.map(Into::into),
                elsewhere: elsewhere.map(Into::into),
            },
            SentKind::Video(Recording {
                duration_ms,
                elsewhere,
            }) => Self::Video {
                duration_ms,
                elsewhere: elsewhere.map(Into::into),
            },
            SentKind::Audio(Recording {
                duration_ms,
                elsewhere,
            }) => Self::Audio {
                duration_ms,
                elsewhere: elsewhere.map(Into::into),
            },
            SentKind::File(file) => Self::File {
                name: file.name,
                size: file.size,
            },
            SentKind::Location(Place {
                title,
                address,
                latitude,
                longitude,
            }) => Self::Location {
                title,
                address,
                latitude,
                longitude,
            },
            SentKind::Other => return None,
        })
    }
}

impl From<Emoji> for TextEmoji {
    fn from(emoji: Emoji) -> Self {
        Self {
            index: emoji.index,
            length: emoji.length,
            product_id: emoji.product_id,
            emoji_id: emoji.emoji_id,
        }
    }
}

impl From<Mention> for TextMention {
    fn from(mention: Mention) -> Self {
        Self {
            index: mention.index,
            length: mention.length,
            everybody: mention.everybody,
            us: mention.us,
        }
    }
}

impl From<ImageSet> for PictureSet {
    fn from(set: ImageSet) -> Self {
        Self {
            id: set.id,
            index: set.index,
            total: set.total,
        }
    }
}

impl From<Elsewhere> for OtherPlace {
    fn from(elsewhere: Elsewhere) -> Self {
        Self {
            content_url: elsewhere.content_url,
            preview_url: elsewhere.preview_url,
        }
    }
}
