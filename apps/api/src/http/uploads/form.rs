use super::reading::Reading;
use crate::http::extract::{PATIENCE, admitted};
use crate::http::problem::ApiError;
use crate::http::wire::Word;
use actix_multipart::Multipart;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::{StatusCode, header};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use crm_bootstrap::Crm;
use crm_uploads::UploadError;
use futures::StreamExt;
use futures::future::LocalBoxFuture;
use tokio::time::timeout;

/// What a form may have beside the file in it.
const AROUND_A_FILE: usize = 64 * 1024;

/// A form with a picture in it. What the client calls the file is not looked at.
#[derive(Debug, Default)]
pub(super) struct PictureForm {
    pub(super) file: Vec<u8>,
    pub(super) category: Option<String>,
    pub(super) crop: Option<Crop>,
}

/// How to cut a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Crop {
    /// To the square in its middle.
    Square,
}

impl Word for Crop {
    const WORDS: &'static [&'static str] = &["square"];

    fn from_word(text: &str) -> Option<Self> {
        (text == "square").then_some(Self::Square)
    }
}

impl FromRequest for PictureForm {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            admitted(&request).await;
            let crm = request.app_data::<Data<Crm>>();
            let max_bytes = crm
                .ok_or_else(ApiError::internal)?
                .uploads
                .rules()
                .max_bytes;
            match timeout(PATIENCE, read(&request, payload, max_bytes)).await {
                Ok(form) => form,
                Err(_) => Err(ApiError::of_status(StatusCode::REQUEST_TIMEOUT)),
            }
        })
    }
}

/// The form, unless it is larger than allowed. Whatever is too much is refused as soon as it
/// shows, and the rest is not read.
async fn read(
    request: &HttpRequest,
    payload: Payload,
    max_bytes: usize,
) -> Result<PictureForm, ApiError> {
    if !is_form(request) {
        return Err(ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "the body must be multipart/form-data",
        ));
    }
    let largest = max_bytes.saturating_add(AROUND_A_FILE);
    if announced(request).is_some_and(|length| length > largest) {
        return Err(UploadError::TooLarge { max_bytes }.into());
    }
    let mut left = largest;
    let counted = payload.map(move |chunk| {
        let chunk = chunk?;
        left = left
            .checked_sub(chunk.len())
            .ok_or(PayloadError::Overflow)?;
        Ok(chunk)
    });
    let mut parts = Multipart::new(request.headers(), counted);
    let mut form = Reading::new(max_bytes);
    while let Some(part) = parts.next().await {
        form.take(part.map_err(|error| form.unreadable(&error))?)
            .await?;
    }
    form.finish()
}

fn is_form(request: &HttpRequest) -> bool {
    request
        .content_type()
        .eq_ignore_ascii_case("multipart/form-data")
}

fn announced(request: &HttpRequest) -> Option<usize> {
    let length = request.headers().get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    const MAX: usize = 1_000;

    fn part(name: &str, content: &[u8]) -> Vec<u8> {
        let mut part =
            format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n").into_bytes();
        part.extend_from_slice(content);
        part.extend_from_slice(b"\r\n");
        part
    }

    async fn form(parts: &[Vec<u8>]) -> Result<PictureForm, ApiError> {
        let mut body = parts.concat();
        body.extend_from_slice(b"--b--\r\n");
        form_of(body, "multipart/form-data; boundary=b").await
    }

    async fn form_of(body: Vec<u8>, kind: &str) -> Result<PictureForm, ApiError> {
        let (request, payload) = TestRequest::post()
            .insert_header((header::CONTENT_TYPE, kind))
            .set_payload(body)
            .to_http_parts();
        read(&request, payload, MAX).await
    }

    fn refusal(result: Result<PictureForm, ApiError>) -> (u16, String) {
        let error = result.unwrap_err();
        let status = actix_web::ResponseError::status_code(&error);
        (status.as_u16(), error.field_names())
    }

    #[actix_web::test]
    async fn a_form_is_a_file_and_few_words_in_any_order() {
        let parts = [part("crop", b"square"), part("file", &[7; MAX])];
        let read = form(&parts).await.unwrap();
        assert_eq!(read.file, [7; MAX]);
        assert_eq!((read.crop, read.category), (Some(Crop::Square), None));
        let parts = [part("file", b"\r\n--\r\n"), part("category", b"members")];
        let read = form(&parts).await.unwrap();
        assert_eq!(read.file, b"\r\n--\r\n");
        assert_eq!(read.category.as_deref(), Some("members"));
    }

    #[actix_web::test]
    async fn a_file_or_a_form_that_is_too_large_is_told_so() {
        let refused = form(&[part("file", &[7; MAX + 1])]).await;
        assert_eq!(refusal(refused), (413, "file".into()));
        let refused = form(&[part("file", &vec![7; MAX + AROUND_A_FILE])]).await;
        assert_eq!(refusal(refused), (413, "file".into()));
        let endless = [b"--b\r\nx: ".to_vec(), vec![b'x'; MAX + AROUND_A_FILE]].concat();
        let refused = form_of(endless, "multipart/form-data; boundary=b").await;
        assert_eq!(refusal(refused), (413, "file".into()));
    }

    #[actix_web::test]
    async fn every_other_form_is_refused_by_name() {
        let file = part("file", b"x");
        for (parts, field) in [
            (vec![], "file"),
            (vec![part("category", b"temp")], "file"),
            (vec![file.clone(), file.clone()], "file"),
            (vec![file.clone(), part("colour", b"red")], "colour"),
            (vec![file.clone(), part("crop", b"round")], "crop"),
            (vec![file.clone(), part("category", b"\xff")], "category"),
            (vec![part("category", &[b'x'; 300])], "category"),
        ] {
            assert_eq!(refusal(form(&parts).await), (400, field.into()), "{field}");
        }
    }

    #[actix_web::test]
    async fn what_is_no_form_or_ends_too_early_is_refused() {
        let whole = "multipart/form-data; boundary=b";
        for body in [b"".to_vec(), b"hello".to_vec(), part("file", b"x")] {
            let (status, _) = refusal(form_of(body.clone(), whole).await);
            assert_eq!(status, 400, "{body:?}");
        }
        let cut = b"--b\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\nxyz".to_vec();
        assert_eq!(refusal(form_of(cut, whole).await), (400, "body".into()));
        let unbounded = form_of(part("file", b"x"), "multipart/form-data").await;
        assert_eq!(refusal(unbounded), (400, "body".into()));
        for kind in [
            "application/json",
            "image/png",
            "multipart/mixed; boundary=b",
        ] {
            let refused = form_of(part("file", b"x"), kind).await;
            assert_eq!(refusal(refused).0, 415, "{kind}");
        }
    }
}
