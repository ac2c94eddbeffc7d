use crm_kernel::StoreError;
use crm_uploads::{EncodedPicture, PictureError, PictureKind, QUALITY};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, Rgb, RgbImage};

/// The square in the middle.
pub(crate) fn square(image: &DynamicImage) -> DynamicImage {
    let (width, height) = (image.width(), image.height());
    let side = width.min(height);
    image.crop_imm((width - side) / 2, (height - side) / 2, side, side)
}

/// The picture no wider than `width`; never enlarged.
pub(crate) fn at_most(image: &DynamicImage, width: u32) -> DynamicImage {
    if image.width() <= width {
        return image.clone();
    }
    let exact = u64::from(image.height()) * u64::from(width) / u64::from(image.width());
    let height = u32::try_from(exact).unwrap_or(u32::MAX).max(1);
    image.resize_exact(width, height, FilterType::Lanczos3)
}

/// Whether anything shows through it.
pub(crate) fn is_transparent(image: &DynamicImage) -> bool {
    match image {
        DynamicImage::ImageRgba8(pixels) => pixels.pixels().any(|pixel| pixel.0[3] < u8::MAX),
        _ => false,
    }
}

/// The picture as a file. JPEG knows no transparency: white shines through.
pub(crate) fn encode(
    image: &DynamicImage,
    kind: PictureKind,
) -> Result<EncodedPicture, PictureError> {
    let mut bytes = Vec::new();
    match kind {
        PictureKind::Jpeg => on_white(image)
            .write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY))
            .map_err(failed)?,
        PictureKind::Png => image
            .write_with_encoder(PngEncoder::new(&mut bytes))
            .map_err(failed)?,
        PictureKind::WebP => {
            let memory = webp_encoder(image)
                .encode_simple(false, f32::from(QUALITY))
                .map_err(|error| failed(format!("libwebp: {error:?}")))?;
            bytes.extend_from_slice(&memory);
        }
    }
    Ok(EncodedPicture {
        kind,
        bytes,
        width: image.width(),
        height: image.height(),
    })
}

fn webp_encoder(image: &DynamicImage) -> webp::Encoder<'_> {
    let (width, height) = (image.width(), image.height());
    match image {
        DynamicImage::ImageRgba8(pixels) => webp::Encoder::from_rgba(pixels, width, height),
        other => webp::Encoder::from_rgb(other.as_bytes(), width, height),
    }
}

fn on_white(image: &DynamicImage) -> RgbImage {
    let DynamicImage::ImageRgba8(pixels) = image else {
        return image.to_rgb8();
    };
    RgbImage::from_fn(pixels.width(), pixels.height(), |x, y| {
        let [red, green, blue, alpha] = pixels.get_pixel(x, y).0;
        let alpha = u16::from(alpha);
        let blend = |colour: u8| {
            let sum = u16::from(colour) * alpha + 255 * (255 - alpha);
            u8::try_from(sum / 255).unwrap_or(u8::MAX)
        };
        Rgb([blend(red), blend(green), blend(blue)])
    })
}

fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> PictureError {
    PictureError::Failed(StoreError::Internal(error.into()))
}
