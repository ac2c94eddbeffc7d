use crate::http::extract::FormFields;
use crate::http::problem::ApiError;
use crate::http::wire::Word;

/// What a form with a picture says beside it.
pub(super) struct PictureFields;

impl FormFields for PictureFields {
    const TEXTS: &'static [&'static str] = &["category", "crop"];
}

/// How to cut a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Crop {
    /// To the square in its middle.
    Square,
}

impl Crop {
    /// What a form says; nothing at all when it says nothing.
    pub(super) fn read(text: Option<&str>) -> Result<Option<Self>, ApiError> {
        let Some(text) = text else { return Ok(None) };
        let crop = Self::from_word(text);
        crop.map(Some)
            .ok_or_else(|| ApiError::invalid_field("crop", "must be square"))
    }
}

impl Word for Crop {
    const WORDS: &'static [&'static str] = &["square"];

    fn from_word(text: &str) -> Option<Self> {
        (text == "square").then_some(Self::Square)
    }
}
