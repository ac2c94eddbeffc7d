use crate::room::Room;
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

/// Most memory a decoder may ask for: the largest picture with 16 bits for each of 4 channels.
const MAX_MEMORY: u64 = MAX_PIXELS * 8 + 64 * 1024 * 1024;

/// Makes pictures anew on threads of their own, as many at a time as there is memory for.
#[derive(Clone, Debug)]
pub struct Pictures {
    room: Room,
}

impl Pictures {
    /// A maker with nothing to do yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            room: Room::of_this_process(),
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
        let (order, memory) = apart(move || {
            let memory = memory_for(&order.bytes, order.kind)?;
            Ok((order, memory))
        })
        .await?;
        let room = self.room.take(memory).await.ok_or(PictureError::Busy)?;
        // The room is free after the work, even when nobody waits for the picture any more.
        apart(move || {
            let made = make(&order);
            drop(room);
            made
        })
        .await
    }
}

async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PictureError> + Send + 'static,
) -> Result<T, PictureError> {
    let work = tokio::task::spawn_blocking(work);
    work.await.unwrap_or_else(|error| {
        tracing::warn!(%error, "a picture broke the decoder");
        Err(PictureError::Unreadable)
    })
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

/// What can decode a picture of this kind; its header is read, and it is small enough.
fn decoder(bytes: &[u8], kind: PictureKind) -> Result<Box<dyn ImageDecoder + '_>, PictureError> {
    let file = Cursor::new(bytes);
    let decoder: Box<dyn ImageDecoder + '_> = match kind {
        PictureKind::Jpeg => {
            let decoder = JpegDecoder::new(file).map_err(unreadable)?;
            if !jpeg::is_whole(bytes) {
                return Err(PictureError::Unreadable);
            }
            Box::new(decoder)
        }
        PictureKind::Png => {
            let decoder = PngDecoder::with_limits(file, limits()).map_err(unreadable)?;
            if decoder.is_apng().map_err(unreadable)? {
                return Err(PictureError::Animated);
            }
            Box::new(decoder)
        }
        PictureKind::WebP => {
            let decoder = WebPDecoder::new(file).map_err(unreadable)?;
            if decoder.has_animation() {
                return Err(PictureError::Animated);
            }
            Box::new(decoder)
        }
    };
    let (width, height) = decoder.dimensions();
    if width.max(height) > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PictureError::TooManyPixels);
    }
    Ok(decoder)
}

/// Bytes that a picture fills when it is decoded: as it is, and once more upright with 8 bits
/// per channel.
fn memory_for(bytes: &[u8], kind: PictureKind) -> Result<u64, PictureError> {
    let decoder = decoder(bytes, kind)?;
    let (width, height) = decoder.dimensions();
    let channels = if decoder.color_type().has_alpha() {
        4
    } else {
        3
    };
    let upright = u64::from(width) * u64::from(height) * channels;
    Ok(decoder.total_bytes().saturating_add(upright))
}

/// Decodes a picture and turns it as the camera meant it, with 8 bits per channel.
fn decode(bytes: &[u8], kind: PictureKind) -> Result<DynamicImage, PictureError> {
    let mut decoder = decoder(bytes, kind)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageFormat, Rgb, RgbImage, Rgba};

    fn memory(image: impl Into<DynamicImage>, format: ImageFormat) -> u64 {
        let mut bytes = Cursor::new(Vec::new());
        image.into().write_to(&mut bytes, format).unwrap();
        let bytes = bytes.into_inner();
        memory_for(&bytes, PictureKind::of(&bytes).unwrap()).unwrap()
    }

    #[test]
    fn room_is_taken_for_every_pixel_by_its_depth_not_for_the_size_of_the_file() {
        let plain = RgbImage::from_pixel(300, 200, Rgb([7, 7, 7]));
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            assert_eq!(memory(plain.clone(), format), 300 * 200 * (3 + 3));
        }
        let deep = image::ImageBuffer::from_pixel(300, 200, Rgba([7_u16, 7, 7, 7]));
        assert_eq!(memory(deep, ImageFormat::Png), 300 * 200 * (8 + 4));
    }
}
