use crate::PictureKind;
use crm_kernel::StoreError;
use thiserror::Error;

/// Widest main picture; narrower ones are not enlarged.
pub const MAX_WIDTH: u32 = 1200;
/// Widest thumbnail.
pub const THUMBNAIL_WIDTH: u32 = 800;
/// Quality of JPEG and WebP, of 100.
pub const QUALITY: u8 = 80;
/// Most pixels of a picture that is decoded at all.
pub const MAX_PIXELS: u64 = 40_000_000;
/// Longest side of a picture: what every kind can be written with (WebP's own limit).
pub const MAX_SIDE: u32 = 16_383;

/// A picture as it came, to be checked and made anew.
#[derive(Clone, Debug)]
pub struct PictureOrder {
    /// The file.
    pub bytes: Vec<u8>,
    /// What its first bytes say it is.
    pub kind: PictureKind,
    /// Whether to keep only the square in the middle.
    pub crop_square: bool,
}

/// One file, ready to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedPicture {
    /// What it is.
    pub kind: PictureKind,
    /// The file.
    pub bytes: Vec<u8>,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// All files of one upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadePicture {
    /// The picture itself, of the kind that came.
    pub main: EncodedPicture,
    /// The same as JPEG, when the main one is WebP: LINE takes only JPEG and PNG.
    pub jpeg: Option<EncodedPicture>,
    /// A smaller one.
    pub thumbnail: EncodedPicture,
}

/// Why a picture was not made.
#[derive(Debug, Error)]
pub enum PictureError {
    /// More than [`MAX_PIXELS`], or a side longer than [`MAX_SIDE`]; it was not decoded.
    #[error("the picture has too many pixels")]
    TooManyPixels,
    /// Damaged, cut off, or not what its first bytes say.
    #[error("the picture cannot be read")]
    Unreadable,
    /// It moves; which of its frames is meant is not ours to guess.
    #[error("the picture is animated")]
    Animated,
    /// Too many others are being made; later is fine.
    #[error("too many pictures are being made")]
    Busy,
    /// Our fault.
    #[error("the picture could not be made")]
    Failed(#[source] StoreError),
}
