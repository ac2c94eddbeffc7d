use crate::{jpeg, scale};
use async_trait::async_trait;
use crm_uploads::{
    MAX_PIXELS, MAX_SIDE, MAX_WIDTH, MadePicture, PictureError, PictureKind, PictureMaker,
    PictureOrder, THUMBNAIL_WIDTH,
};
use image::codecs::{jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, Limits};
use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Pictures in the works at any one time: each may need some hundred megabytes.
const AT_ONCE: usize = 2;
/// How long a picture waits for its turn.
const PATIENCE: Duration = Duration::from_secs(30);
/// Most memory a decoder may ask for: the largest picture with 16 bits for each of 4 channels.
const MAX_MEMORY: u64 = MAX_PIXELS * 8 + 64 * 1024 * 1024;

/// Makes pictures anew on threads of their own, a few at a time.
#[derive(Clone, Debug)]
pub struct Pictures {
    turns: Arc<Semaphore>,
}

impl Pictures {
    /// A maker with nothing to do yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl Default for Pictures {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl PictureMaker for Pictures {
    async fn make(&self, order: PictureOrder) -> Result<MadePicture, PictureError> {
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned())
            .await
            .map_err(|_| PictureError::Busy)?
            .map_err(|_| PictureError::Busy)?;
        // The turn ends with the work, even when nobody waits for the picture any more.
        let work = tokio::task::spawn_blocking(move || {
            let made = make(&order);
            drop(turn);
            made
        });
        work.await.unwrap_or_else(|error| {
            tracing::warn!(%error, "a picture broke the decoder");
            Err(PictureError::Unreadable)
        })
    }
}

fn make(order: &PictureOrder) -> Result<MadePicture, PictureError> {
    let mut image = decode(&order.bytes, order.kind)?;
    if order.crop_square {
        image = scale::square(&image);
    }
    let image = scale::at_most(&image, MAX_WIDTH);
    let thumbnail_kind = match order.kind {
        PictureKind::Png if scale::is_transparent(&image) => PictureKind::Png,
        _ => PictureKind::Jpeg,
    };
    let jpeg = match order.kind {
        PictureKind::WebP => Some(scale::encode(&image, PictureKind::Jpeg)?),
        PictureKind::Jpeg | PictureKind::Png => None,
    };
    Ok(MadePicture {
        main: scale::encode(&image, order.kind)?,
        jpeg,
        thumbnail: scale::encode(&scale::at_most(&image, THUMBNAIL_WIDTH), thumbnail_kind)?,
    })
}

fn decode(bytes: &[u8], kind: PictureKind) -> Result<DynamicImage, PictureError> {
    let file = Cursor::new(bytes);
    match kind {
        PictureKind::Jpeg => {
            let decoder = JpegDecoder::new(file).map_err(unreadable)?;
            if !jpeg::is_whole(bytes) {
                return Err(PictureError::Unreadable);
            }
            upright(decoder)
        }
        PictureKind::Png => {
            let decoder = PngDecoder::with_limits(file, limits()).map_err(unreadable)?;
            if decoder.is_apng().map_err(unreadable)? {
                return Err(PictureError::Animated);
            }
            upright(decoder)
        }
        PictureKind::WebP => {
            let decoder = WebPDecoder::new(file).map_err(unreadable)?;
            if decoder.has_animation() {
                return Err(PictureError::Animated);
            }
            upright(decoder)
        }
    }
}

/// Decodes what is small enough and turns it as the camera meant it, with 8 bits per channel.
fn upright(mut decoder: impl ImageDecoder) -> Result<DynamicImage, PictureError> {
    let (width, height) = decoder.dimensions();
    if width.max(height) > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PictureError::TooManyPixels);
    }
    decoder.set_limits(limits()).map_err(unreadable)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let image = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    let mut image = if image.color().has_alpha() {
        DynamicImage::ImageRgba8(image.into_rgba8())
    } else {
        DynamicImage::ImageRgb8(image.into_rgb8())
    };
    image.apply_orientation(orientation);
    Ok(image)
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    limits
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "shaped for `map_err`, which hands over the error"
)]
fn unreadable(error: ImageError) -> PictureError {
    match error {
        ImageError::Limits(_) => PictureError::TooManyPixels,
        _ => PictureError::Unreadable,
    }
}
