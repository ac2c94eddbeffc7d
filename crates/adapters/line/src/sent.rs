//! What a guest sent, read from a message event. Whatever is missing or of another shape than
//! LINE describes is left out.

use crate::webhook::text;
use crm_messages::{
    Elsewhere, Emoji, ImageSet, Mention, Picture, Place, Recording, SentFile, SentKind, Sticker,
    TextParts,
};
use serde_json::{Number, Value};

/// More parts than LINE allows in one message are not kept.
const MOST_PARTS: usize = 20;

/// Reads the `message` of an event.
pub(crate) fn read_sent(message: &Value) -> SentKind {
    match text(message, "/type").as_deref() {
        Some("text") => SentKind::Text(TextParts {
            emojis: parts(message, "/emojis").map(emoji).collect(),
            mentions: parts(message, "/mention/mentionees").map(mention).collect(),
            quoted_message_id: text(message, "/quotedMessageId"),
        }),
        Some("sticker") => SentKind::Sticker(Sticker {
            package_id: text(message, "/packageId").unwrap_or_default(),
            sticker_id: text(message, "/stickerId").unwrap_or_default(),
            resource_type: text(message, "/stickerResourceType"),
            keywords: parts(message, "/keywords")
                .filter_map(|word| word.as_str().map(str::to_owned))
                .collect(),
            text: text(message, "/text"),
            quoted_message_id: text(message, "/quotedMessageId"),
        }),
        Some("image") => SentKind::Image(Picture {
            elsewhere: elsewhere(message),
            image_set: text(message, "/imageSet/id").map(|id| ImageSet {
                id,
                index: number(message, "/imageSet/index"),
                total: number(message, "/imageSet/total"),
            }),
        }),
        Some("video") => SentKind::Video(recording(message)),
        Some("audio") => SentKind::Audio(recording(message)),
        Some("file") => SentKind::File(SentFile {
            name: text(message, "/fileName").unwrap_or_default(),
            size: number(message, "/fileSize"),
        }),
        Some("location") => SentKind::Location(Place {
            title: text(message, "/title"),
            address: text(message, "/address"),
            latitude: degrees(message, "/latitude"),
            longitude: degrees(message, "/longitude"),
        }),
        _ => SentKind::Other,
    }
}

fn recording(message: &Value) -> Recording {
    Recording {
        duration_ms: number(message, "/duration"),
        elsewhere: elsewhere(message),
    }
}

/// Content without a provider, as LINE once sent it, lies with LINE.
fn elsewhere(message: &Value) -> Option<Elsewhere> {
    let provider = text(message, "/contentProvider/type")?;
    let address = |pointer: &str| {
        let is_web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        text(message, pointer).filter(is_web)
    };
    (provider != "line").then(|| Elsewhere {
        content_url: address("/contentProvider/originalContentUrl"),
        preview_url: address("/contentProvider/previewImageUrl"),
    })
}

fn emoji(part: &Value) -> Emoji {
    Emoji {
        index: number(part, "/index").unwrap_or_default(),
        length: number(part, "/length").unwrap_or_default(),
        product_id: text(part, "/productId").unwrap_or_default(),
        emoji_id: text(part, "/emojiId").unwrap_or_default(),
    }
}

fn mention(part: &Value) -> Mention {
    Mention {
        index: number(part, "/index").unwrap_or_default(),
        length: number(part, "/length").unwrap_or_default(),
        everybody: text(part, "/type").as_deref() == Some("all"),
        us: part.pointer("/isSelf").and_then(Value::as_bool) == Some(true),
    }
}

fn parts<'a>(message: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    let list = message.pointer(pointer).and_then(Value::as_array);
    list.into_iter().flatten().take(MOST_PARTS)
}

fn number(message: &Value, pointer: &str) -> Option<u64> {
    message.pointer(pointer).and_then(Value::as_u64)
}

fn degrees(message: &Value, pointer: &str) -> Option<Number> {
    match message.pointer(pointer) {
        Some(Value::Number(degrees)) => Some(degrees.clone()),
        _ => None,
    }
}
