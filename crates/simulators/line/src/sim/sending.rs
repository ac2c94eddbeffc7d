//! What guests send besides words.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;

use super::friends::{Outcome, caused};
use crate::guest::Refused;
use crate::sending::{Media, Place};
use crate::shared::Shared;
use crate::state::{Content, Preparation};

/// A picture for guests who send one without bytes: one green pixel.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkOMHwHwAEhgJ/0wq5zwAAAABJRU5ErkJggg==";
/// How long videos and sound last when nobody says.
const USUAL_MS: u64 = 5_000;

#[derive(Deserialize)]
pub(super) struct Sticker {
    package_id: String,
    sticker_id: String,
    #[serde(default)]
    keywords: Vec<String>,
}

pub(super) async fn sticker(
    shared: Data<Shared>,
    uid: Path<String>,
    body: Json<Sticker>,
) -> Outcome {
    let Sticker {
        package_id,
        sticker_id,
        keywords,
    } = body.into_inner();
    caused(shared.send_sticker(Shared::uid(&uid)?, &package_id, &sticker_id, &keywords))
}

/// Content in base64; without any it is a single green pixel.
#[derive(Deserialize)]
pub(super) struct Sent {
    mime: Option<String>,
    base64: Option<String>,
    /// Of files.
    name: Option<String>,
    /// Of videos and sound, in milliseconds.
    duration: Option<u64>,
    /// Of pictures sent together.
    set: Option<String>,
    index: Option<u32>,
    total: Option<u32>,
}

impl Sent {
    fn content(&self) -> Result<Content, Refused> {
        let bytes = STANDARD.decode(self.base64.as_deref().unwrap_or(PIXEL));
        let mime = self.mime.clone();
        Ok(Content {
            mime: mime.unwrap_or_else(|| "image/png".to_owned()),
            bytes: bytes.map_err(|_| Refused::BadAction)?.into(),
        })
    }

    fn media(&self, kind: &str) -> Option<Media> {
        let duration = self.duration.unwrap_or(USUAL_MS);
        Some(match kind {
            "image" => match (&self.set, self.index, self.total) {
                (Some(set), Some(index), Some(total)) => Media::ImageOf {
                    set: set.clone(),
                    index,
                    total,
                },
                _ => Media::Image,
            },
            "video" => Media::Video(duration),
            "audio" => Media::Audio(duration),
            "file" => {
                let name = self.name.clone();
                Media::File(name.unwrap_or_else(|| "file.bin".to_owned()))
            }
            _ => return None,
        })
    }
}

/// `image`, `video`, `audio` or `file`.
pub(super) async fn media(
    shared: Data<Shared>,
    path: Path<(String, String)>,
    body: Json<Sent>,
) -> Outcome {
    let (uid, kind) = path.into_inner();
    let media = body.media(&kind).ok_or(Refused::BadAction)?;
    caused(shared.send_media(Shared::uid(&uid)?, &media, body.content()?))
}

pub(super) async fn place(shared: Data<Shared>, uid: Path<String>, body: Json<Place>) -> Outcome {
    caused(shared.send_place(Shared::uid(&uid)?, &body))
}

#[derive(Deserialize)]
pub(super) struct Message {
    message_id: String,
}

pub(super) async fn unsend(
    shared: Data<Shared>,
    uid: Path<String>,
    body: Json<Message>,
) -> Outcome {
    caused(shared.unsend(Shared::uid(&uid)?, &body.message_id))
}

#[derive(Deserialize)]
pub(super) struct Preparing {
    #[serde(default)]
    seconds: f64,
    #[serde(default)]
    looks: u32,
    #[serde(default)]
    fails: bool,
}

/// How LINE prepares videos and sound from now on.
pub(super) async fn preparation(shared: Data<Shared>, body: Json<Preparing>) -> Outcome {
    let time = std::time::Duration::try_from_secs_f64(body.seconds);
    shared.world().contents.preparation = Preparation {
        time: time.map_err(|_| Refused::BadAction)?,
        looks: body.looks,
        fails: body.fails,
    };
    Ok(HttpResponse::Ok().json(json!({})))
}

/// LINE deletes content.
pub(super) async fn delete(shared: Data<Shared>, id: Path<String>) -> Outcome {
    if shared.world().contents.delete(&id) {
        Ok(HttpResponse::Ok().json(json!({})))
    } else {
        Err(Refused::NoSuchMessage)
    }
}
