//! What a guest sends besides words, and taking it back.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock;
use crate::guest::Refused;
use crate::shared::Shared;
use crate::state::{Content, Uid};
use crate::webhook::Event;

/// Content of its own: what a guest picks from the phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Media {
    /// A picture.
    Image,
    /// One of several pictures sent together.
    ImageOf {
        /// The same for all of them.
        set: String,
        /// Which one, from 1.
        index: u32,
        /// How many.
        total: u32,
    },
    /// A video of so many milliseconds.
    Video(u64),
    /// A recording of so many milliseconds.
    Audio(u64),
    /// A file of that name.
    File(String),
}

impl Media {
    fn kind(&self) -> &'static str {
        match self {
            Self::Image | Self::ImageOf { .. } => "image",
            Self::Video(_) => "video",
            Self::Audio(_) => "audio",
            Self::File(_) => "file",
        }
    }

    /// LINE works on videos and sound before they can be fetched.
    fn is_prepared(&self) -> bool {
        matches!(self, Self::Video(_) | Self::Audio(_))
    }

    /// What the webhook says of it.
    fn told(&self, size: usize) -> Value {
        let with_line = json!({"type": "line"});
        match self {
            Self::Image => json!({"contentProvider": with_line}),
            Self::ImageOf { set, index, total } => json!({"contentProvider": with_line,
                "imageSet": {"id": set, "index": index, "total": total}}),
            Self::Video(duration) | Self::Audio(duration) => {
                json!({"contentProvider": with_line, "duration": duration})
            }
            Self::File(name) => json!({"fileName": name, "fileSize": size}),
        }
    }
}

/// A place on the map.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Place {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

impl Shared {
    /// The bubble in the guest's chat, then the webhook; gives the `webhookEventId`.
    fn say(&self, uid: Uid, id: &str, bubble: Value, more: &Value) -> Result<String, Refused> {
        let mut message = bubble.clone();
        self.guest_bubble(uid, id.to_owned(), bubble)?;
        message["id"] = json!(id);
        for (name, value) in more.as_object().into_iter().flatten() {
            message[name] = value.clone();
        }
        Ok(self.emit(uid, Event::Message(message)))
    }

    pub(crate) fn send_sticker(
        &self,
        uid: Uid,
        package_id: &str,
        sticker_id: &str,
        keywords: &[String],
    ) -> Result<String, Refused> {
        let sticker = json!({"type": "sticker", "packageId": package_id, "stickerId": sticker_id});
        let mut more = json!({"quoteToken": clock::token(), "stickerResourceType": "STATIC"});
        if !keywords.is_empty() {
            more["keywords"] = json!(keywords);
        }
        self.say(uid, &clock::message_id(), sticker, &more)
    }

    pub(crate) fn send_place(&self, uid: Uid, place: &Place) -> Result<String, Refused> {
        let mut location = json!(place);
        location["type"] = json!("location");
        self.say(uid, &clock::message_id(), location, &Value::Null)
    }

    pub(crate) fn send_media(
        &self,
        uid: Uid,
        media: &Media,
        content: Content,
    ) -> Result<String, Refused> {
        {
            let world = self.world();
            let user = world.users.get(uid).ok_or(Refused::UnknownUser)?;
            if !user.following {
                return Err(Refused::Blocked);
            }
        }
        let id = clock::message_id();
        let told = media.told(content.bytes.len());
        let mut bubble = json!({"type": media.kind(), "mime": content.mime,
            "contentUrl": format!("/sim/contents/{id}")});
        for name in ["duration", "fileName", "fileSize"] {
            if let Some(value) = told.get(name) {
                bubble[name] = value.clone();
            }
        }
        let from = media.is_prepared().then(|| self.clock.now_ms());
        // Before anybody is told, so that whoever is can fetch it.
        self.world().contents.keep(id.clone(), content, from);
        self.guest_bubble(uid, id.clone(), bubble)?;
        let mut message = told;
        message["type"] = json!(media.kind());
        message["id"] = json!(id);
        if matches!(media.kind(), "image" | "video") {
            message["quoteToken"] = json!(clock::token());
        }
        Ok(self.emit(uid, Event::Message(message)))
    }

    /// The guest takes back what they sent; gives the `webhookEventId`.
    pub(crate) fn unsend(&self, uid: Uid, message_id: &str) -> Result<String, Refused> {
        let now = self.clock.now_ms();
        {
            let mut world = self.world();
            let user = world.users.get_mut(uid).ok_or(Refused::UnknownUser)?;
            if !user.unsend(message_id, now) {
                return Err(Refused::NoSuchMessage);
            }
            world.contents.unsend(message_id);
        }
        let message_id = message_id.to_owned();
        let event = self.emit(uid, Event::Unsend { message_id });
        self.announce_chats(&[uid]);
        Ok(event)
    }
}
