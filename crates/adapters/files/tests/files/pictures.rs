//! Pictures made anew: sizes, orientation, metadata, and every picture that is refused.

use crm_files::Pictures;
use crm_uploads::{MadePicture, PictureError, PictureKind, PictureMaker, PictureOrder};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use std::io::Cursor;

fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Red on the left, blue on the right.
fn halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| {
        Rgb(if x < width / 2 {
            [250, 0, 0]
        } else {
            [0, 0, 250]
        })
    })
}

async fn make(bytes: Vec<u8>, crop_square: bool) -> Result<MadePicture, PictureError> {
    let kind = PictureKind::of(&bytes).unwrap();
    let order = PictureOrder {
        bytes,
        kind,
        crop_square,
    };
    Pictures::new().make(order).await
}

fn read(bytes: &[u8]) -> DynamicImage {
    image::load_from_memory(bytes).unwrap()
}

fn has(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// A JPEG whose metadata says "turned a quarter" and where it was taken.
fn photo(width: u32, height: u32) -> Vec<u8> {
    let exif: &[u8] = b"Exif\0\0MM\0\x2A\0\0\0\x08\0\x02\
        \x01\x12\0\x03\0\0\0\x01\0\x06\0\0\
        \x88\x25\0\x04\0\0\0\x01\0\0\0\x26\
        \0\0\0\0\
        \0\x01\0\x01\0\x02\0\0\0\x02N\0\0\0\0\0\0\0GPSPLACE";
    let plain = encoded(halves(width, height), ImageFormat::Jpeg);
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&plain[..2], b"\xFF\xE1", &length, exif, &plain[2..]].concat()
}

#[tokio::test]
async fn a_wide_picture_is_scaled_and_a_small_one_is_not_enlarged() {
    let wide = make(encoded(halves(2400, 1000), ImageFormat::Jpeg), false)
        .await
        .unwrap();
    assert_eq!((wide.main.width, wide.main.height), (1200, 500));
    assert_eq!((wide.thumbnail.width, wide.thumbnail.height), (800, 333));
    let main = read(&wide.main.bytes);
    assert_eq!((main.width(), main.height()), (1200, 500));
    let small = make(encoded(halves(30, 20), ImageFormat::Jpeg), false)
        .await
        .unwrap();
    assert_eq!((small.main.width, small.main.height), (30, 20));
    assert_eq!((small.thumbnail.width, small.thumbnail.height), (30, 20));
}

#[tokio::test]
async fn a_turned_photo_becomes_upright_and_forgets_where_it_was_taken() {
    let photo = photo(80, 40);
    assert!(has(&photo, b"GPSPLACE"));
    let made = make(photo, false).await.unwrap();
    assert_eq!((made.main.width, made.main.height), (40, 80));
    // Turned clockwise, what was left is on top.
    let main = read(&made.main.bytes).to_rgb8();
    assert!(main.get_pixel(20, 5).0[0] > 200);
    assert!(main.get_pixel(20, 75).0[2] > 200);
    for file in [&made.main, &made.thumbnail] {
        assert!(!has(&file.bytes, b"Exif"));
        assert!(!has(&file.bytes, b"GPSPLACE"));
    }
}

#[tokio::test]
async fn a_png_stays_png_and_loses_its_texts() {
    let plain = encoded(halves(20, 10), ImageFormat::Png);
    let text = b"\0\0\0\x0EtEXtComment\0secret\x00\x00\x00\x00";
    let bytes = [&plain[..33], &text[..], &plain[33..]].concat();
    let made = make(bytes, false).await.unwrap();
    assert_eq!(made.main.kind, PictureKind::Png);
    assert_eq!(PictureKind::of(&made.main.bytes), Some(PictureKind::Png));
    assert!(!has(&made.main.bytes, b"secret"));
    assert_eq!(made.jpeg, None);
    assert_eq!(made.thumbnail.kind, PictureKind::Jpeg);
}

#[tokio::test]
async fn a_transparent_png_keeps_its_transparency() {
    let glass = RgbaImage::from_pixel(20, 10, Rgba([0, 0, 0, 100]));
    let made = make(encoded(glass, ImageFormat::Png), false).await.unwrap();
    assert_eq!(made.thumbnail.kind, PictureKind::Png);
    assert_eq!(read(&made.main.bytes).to_rgba8().get_pixel(3, 3).0[3], 100);
}

#[tokio::test]
async fn a_webp_is_kept_as_jpeg_too_with_white_behind_it() {
    let glass = RgbaImage::from_pixel(1600, 40, Rgba([0, 0, 0, 0]));
    let made = make(encoded(glass, ImageFormat::WebP), false)
        .await
        .unwrap();
    assert_eq!(PictureKind::of(&made.main.bytes), Some(PictureKind::WebP));
    assert_eq!((made.main.width, made.main.height), (1200, 30));
    assert_eq!(read(&made.main.bytes).to_rgba8().get_pixel(3, 3).0[3], 0);
    let jpeg = made.jpeg.unwrap();
    assert_eq!(PictureKind::of(&jpeg.bytes), Some(PictureKind::Jpeg));
    assert!(
        read(&jpeg.bytes)
            .to_rgb8()
            .get_pixel(3, 3)
            .0
            .iter()
            .all(|c| *c > 250)
    );
    assert_eq!(made.thumbnail.kind, PictureKind::Jpeg);
}

#[tokio::test]
async fn webp_is_written_with_losses_and_jpeg_with_quality_80() {
    let made = make(encoded(halves(64, 64), ImageFormat::WebP), false)
        .await
        .unwrap();
    // `VP8L` would be without losses.
    assert_eq!(&made.main.bytes[12..16], b"VP8 ");
    let jpeg = made.jpeg.unwrap().bytes;
    let table = jpeg.windows(2).position(|mark| mark == [0xFF, 0xDB]);
    // The standard's 16, 11, 12 at 40 per cent.
    assert_eq!(&jpeg[table.unwrap() + 5..][..3], [6, 4, 5]);
}

#[tokio::test]
async fn a_crop_keeps_the_square_in_the_middle() {
    let made = make(encoded(halves(100, 40), ImageFormat::Png), true)
        .await
        .unwrap();
    assert_eq!((made.main.width, made.main.height), (40, 40));
    let main = read(&made.main.bytes).to_rgb8();
    assert_eq!(main.get_pixel(19, 0), &Rgb([250, 0, 0]));
    assert_eq!(main.get_pixel(20, 0), &Rgb([0, 0, 250]));
}

/// A PNG that says how large it is, and has next to nothing behind that.
fn claim(width: u32, height: u32) -> Vec<u8> {
    let small = encoded(halves(1, 1), ImageFormat::Png);
    let mut header = [
        &b"IHDR"[..],
        &width.to_be_bytes(),
        &height.to_be_bytes(),
        &small[24..29],
    ]
    .concat();
    header.extend(crc(&header).to_be_bytes());
    [&small[..12], &header, &small[33..]].concat()
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & 0_u32.wrapping_sub(crc & 1))
        })
    })
}

#[tokio::test]
async fn more_pixels_than_allowed_are_never_decoded() {
    for (width, height) in [(30_000, 30_000), (8_000, 5_001), (16_384, 1), (1, 16_384)] {
        let refused = make(claim(width, height), false).await;
        assert!(
            matches!(refused, Err(PictureError::TooManyPixels)),
            "{width}x{height}"
        );
    }
    // Within the limit it is read, and found to be cut off.
    let refused = make(claim(800, 500), false).await;
    assert!(matches!(refused, Err(PictureError::Unreadable)));
}

#[tokio::test]
async fn damaged_pictures_are_refused() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let whole = encoded(halves(300, 200), format);
        for part in [12, 40, whole.len() / 2, whole.len() - 20] {
            let refused = make(whole[..part].to_vec(), false).await;
            assert!(
                matches!(refused, Err(PictureError::Unreadable)),
                "{format:?} {part}"
            );
        }
    }
    // The end mark of a preview in the metadata is not that of the picture.
    let preview = photo(80, 40);
    let place = preview
        .windows(8)
        .position(|window| window == b"GPSPLACE")
        .unwrap();
    let mut cut = preview[..preview.len() - 2].to_vec();
    cut[place..place + 2].copy_from_slice(b"\xFF\xD9");
    assert!(matches!(
        make(cut, false).await,
        Err(PictureError::Unreadable)
    ));
}

#[tokio::test]
async fn an_animated_webp_is_refused() {
    let still = encoded(halves(8, 8), ImageFormat::WebP);
    let vp8x = b"VP8X\x0A\0\0\0\x02\0\0\0\x07\0\0\x07\0\0";
    let anim = b"ANIM\x06\0\0\0\0\0\0\0\0\0";
    let image = &still[12..];
    let length = u32::try_from(16 + image.len()).unwrap().to_le_bytes();
    let frame = [
        &b"ANMF"[..],
        &length,
        &[0; 6],
        b"\x07\0\0\x07\0\0\x64\0\0\0",
        image,
    ]
    .concat();
    let body = [&b"WEBP"[..], vp8x, anim, &frame, &frame].concat();
    let size = u32::try_from(body.len()).unwrap().to_le_bytes();
    let refused = make([&b"RIFF"[..], &size, &body].concat(), false).await;
    assert!(matches!(refused, Err(PictureError::Animated)));
}
