use super::form::{Crop, PictureForm};
use crate::http::problem::ApiError;
use crate::http::wire::Word;
use actix_multipart::{Field, MultipartError};
use actix_web::error::PayloadError;
use crm_uploads::UploadError;
use futures::StreamExt;

/// Longest value of a field that is no file.
const LONGEST_FIELD: usize = 256;

/// A form of which some parts have been read.
pub(super) struct Reading {
    max_bytes: usize,
    file: Option<Vec<u8>>,
    category: Option<String>,
    crop: Option<Crop>,
}

impl Reading {
    /// Nothing yet, of a form whose file has at most `max_bytes`.
    pub(super) const fn new(max_bytes: usize) -> Self {
        Self {
            max_bytes,
            file: None,
            category: None,
            crop: None,
        }
    }

    /// Takes the next part in.
    pub(super) async fn take(&mut self, mut part: Field) -> Result<(), ApiError> {
        let name = part.name().unwrap_or_default().to_owned();
        let is_repeated = match name.as_str() {
            "file" => self.file.is_some(),
            "category" => self.category.is_some(),
            "crop" => self.crop.is_some(),
            // A form has few fields of its own; a longer name is not repeated to the client.
            _ => {
                let name = name.chars().take(50).collect::<String>();
                return Err(ApiError::invalid_field(name, "is not known"));
            }
        };
        if is_repeated {
            return Err(ApiError::invalid_field(name, "must be given once"));
        }
        if name == "file" {
            let max_bytes = self.max_bytes;
            let too_large = || UploadError::TooLarge { max_bytes }.into();
            self.file = Some(self.bytes(&mut part, max_bytes, too_large).await?);
            return Ok(());
        }
        let too_long = || ApiError::invalid_field(name.as_str(), "is too long");
        let bytes = self.bytes(&mut part, LONGEST_FIELD, too_long).await?;
        let text = String::from_utf8(bytes)
            .map_err(|_| ApiError::invalid_field(name.as_str(), "must be text"))?;
        if name == "category" {
            self.category = Some(text);
            return Ok(());
        }
        let crop = Crop::from_word(&text);
        self.crop = Some(crop.ok_or_else(|| ApiError::invalid_field("crop", "must be square"))?);
        Ok(())
    }

    async fn bytes(
        &self,
        part: &mut Field,
        most: usize,
        too_many: impl FnOnce() -> ApiError,
    ) -> Result<Vec<u8>, ApiError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = part.next().await {
            let chunk = chunk.map_err(|error| self.unreadable(&error))?;
            if bytes.len() + chunk.len() > most {
                return Err(too_many());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    /// Why a form cannot be read on.
    pub(super) fn unreadable(&self, error: &MultipartError) -> ApiError {
        match error {
            MultipartError::Payload(PayloadError::Overflow) => UploadError::TooLarge {
                max_bytes: self.max_bytes,
            }
            .into(),
            _ => ApiError::invalid_field("body", "is not a form or ends too early"),
        }
    }

    /// The form, unless there is no file in it.
    pub(super) fn finish(self) -> Result<PictureForm, ApiError> {
        let file = self
            .file
            .ok_or_else(|| ApiError::invalid_field("file", "is required"))?;
        Ok(PictureForm {
            file,
            category: self.category,
            crop: self.crop,
        })
    }
}
