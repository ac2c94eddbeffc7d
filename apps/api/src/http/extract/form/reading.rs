//! Reading a form part by part, and no further than it may be long.

use super::idle::{never_idle, was_idle};
use super::{Form, FormFields, too_slow};
use crate::http::problem::ApiError;
use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpMessage, HttpRequest};
use crm_uploads::UploadError;
use futures::StreamExt;
use std::marker::PhantomData;
use std::time::Duration;

/// What a form may have beside the file in it.
pub(crate) const AROUND_A_FILE: usize = 64 * 1024;
/// How long nothing at all of it may arrive.
const IDLE: Duration = Duration::from_secs(20);
/// Longest name of a file that is looked at.
const LONGEST_NAME: usize = 200;

/// The form, unless it is larger than allowed. Whatever is too much is refused as soon as it
/// shows, and the rest is not read.
pub(super) async fn read<F: FormFields>(
    request: &HttpRequest,
    payload: Payload,
    max_bytes: usize,
) -> Result<Form<F>, ApiError> {
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
    let counted = never_idle(payload, IDLE).map(move |chunk| {
        let chunk = chunk?;
        left = left
            .checked_sub(chunk.len())
            .ok_or(PayloadError::Overflow)?;
        Ok(chunk)
    });
    let mut parts = Multipart::new(request.headers(), counted);
    let mut form = Reading {
        max_bytes,
        known: F::TEXTS,
        longest: F::LONGEST,
        file: None,
        texts: Vec::new(),
    };
    while let Some(part) = parts.next().await {
        form.take(part.map_err(|error| form.unreadable(&error))?)
            .await?;
    }
    let (file_name, file) = form
        .file
        .ok_or_else(|| ApiError::invalid_field("file", "is required"))?;
    Ok(Form {
        file,
        file_name,
        texts: form.texts,
        fields: PhantomData,
    })
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

/// A form of which some parts have been read.
struct Reading {
    max_bytes: usize,
    known: &'static [&'static str],
    longest: usize,
    file: Option<(String, Vec<u8>)>,
    texts: Vec<(&'static str, String)>,
}

impl Reading {
    async fn take(&mut self, mut part: Field) -> Result<(), ApiError> {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "file" {
            if self.file.is_some() {
                return Err(ApiError::invalid_field(name, "must be given once"));
            }
            let called = part
                .content_disposition()
                .and_then(|how| how.get_filename());
            let called = called
                .unwrap_or_default()
                .chars()
                .take(LONGEST_NAME)
                .collect();
            let max_bytes = self.max_bytes;
            let too_large = || UploadError::TooLarge { max_bytes }.into();
            self.file = Some((called, self.bytes(&mut part, max_bytes, too_large).await?));
            return Ok(());
        }
        let known = self.known.iter().find(|known| **known == name);
        let Some(known) = known.copied() else {
            // A form has few fields of its own; a longer name is not repeated to the client.
            let name = name.chars().take(50).collect::<String>();
            return Err(ApiError::invalid_field(name, "is not known"));
        };
        if self.texts.iter().any(|(other, _)| *other == known) {
            return Err(ApiError::invalid_field(known, "must be given once"));
        }
        let too_long = || ApiError::invalid_field(known, "is too long");
        let bytes = self.bytes(&mut part, self.longest, too_long).await?;
        let text =
            String::from_utf8(bytes).map_err(|_| ApiError::invalid_field(known, "must be text"))?;
        self.texts.push((known, text));
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

    fn unreadable(&self, error: &MultipartError) -> ApiError {
        match error {
            MultipartError::Payload(PayloadError::Overflow) => UploadError::TooLarge {
                max_bytes: self.max_bytes,
            }
            .into(),
            MultipartError::Payload(error) if was_idle(error) => too_slow(),
            _ => ApiError::invalid_field("body", "is not a form or ends too early"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    const MAX: usize = 1_000;
    const WHOLE: &str = "multipart/form-data; boundary=b";

    struct Fields;

    impl FormFields for Fields {
        const TEXTS: &'static [&'static str] = &["category", "crop"];
    }

    type Read = Result<Form<Fields>, ApiError>;

    fn part(named: &str, content: &[u8]) -> Vec<u8> {
        let head = format!("--b\r\ncontent-disposition: form-data; {named}\r\n\r\n");
        [head.as_bytes(), content, b"\r\n"].concat()
    }

    fn named(name: &str, content: &[u8]) -> Vec<u8> {
        part(&format!("name=\"{name}\""), content)
    }

    async fn form(parts: &[Vec<u8>]) -> Read {
        let body = [parts.concat(), b"--b--\r\n".to_vec()].concat();
        form_of(body, WHOLE).await
    }

    async fn form_of(body: Vec<u8>, kind: &str) -> Read {
        let (request, payload) = TestRequest::post()
            .insert_header((header::CONTENT_TYPE, kind))
            .set_payload(body)
            .to_http_parts();
        read(&request, payload, MAX).await
    }

    fn refusal(read: Read) -> (u16, String) {
        let error = read.err().unwrap();
        let status = actix_web::ResponseError::status_code(&error);
        (status.as_u16(), error.field_names())
    }

    #[actix_web::test]
    async fn a_form_is_a_file_and_a_few_texts_in_any_order() {
        let parts = [named("crop", b"square"), named("file", &[7; MAX])];
        let read = form(&parts).await.unwrap();
        assert_eq!((read.file, read.file_name.as_str()), (vec![7; MAX], ""));
        assert_eq!(read.texts, [("crop", "square".to_owned())]);
        let parts = [
            named("file", b"\r\n--\r\n"),
            named("category", "會員".as_bytes()),
        ];
        let read = form(&parts).await.unwrap();
        assert_eq!(read.file, b"\r\n--\r\n");
        assert_eq!(
            (read.text("category"), read.text("crop")),
            (Some("會員"), None)
        );
        let empty = form(&[named("file", b""), named("crop", b"")])
            .await
            .unwrap();
        assert!(empty.file.is_empty());
        assert_eq!(empty.text("crop"), Some(""));
    }

    #[actix_web::test]
    async fn the_clients_name_of_a_file_is_read_and_cut() {
        let long = "𠮷".repeat(LONGEST_NAME + 1);
        for (name, read) in [
            ("a.csv", "a.csv"),
            ("../../etc/passwd", "../../etc/passwd"),
            ("王 小明.xlsx", "王 小明.xlsx"),
            (&long, &"𠮷".repeat(LONGEST_NAME)),
        ] {
            let parts = [part(&format!("name=\"file\"; filename=\"{name}\""), b"x")];
            assert_eq!(form(&parts).await.unwrap().file_name, read);
        }
    }

    #[actix_web::test]
    async fn a_file_or_a_form_that_is_too_large_is_told_so() {
        let refused = form(&[named("file", &[7; MAX + 1])]).await;
        assert_eq!(refusal(refused), (413, "file".into()));
        let refused = form(&[named("file", &vec![7; MAX + AROUND_A_FILE])]).await;
        assert_eq!(refusal(refused), (413, "file".into()));
        let endless = [b"--b\r\nx: ".to_vec(), vec![b'x'; MAX + AROUND_A_FILE]].concat();
        assert_eq!(refusal(form_of(endless, WHOLE).await), (413, "file".into()));
    }

    #[actix_web::test]
    async fn a_length_that_is_announced_is_believed() {
        let (request, payload) = TestRequest::post()
            .insert_header((header::CONTENT_TYPE, WHOLE))
            .set_payload("--b--\r\n")
            .insert_header((header::CONTENT_LENGTH, MAX + AROUND_A_FILE + 1))
            .to_http_parts();
        let refused: Read = read(&request, payload, MAX).await;
        assert_eq!(refusal(refused), (413, "file".into()));
    }

    #[actix_web::test]
    async fn every_other_form_is_refused_by_name() {
        let file = named("file", b"x");
        let long = "n".repeat(300);
        for (parts, field) in [
            (vec![], "file"),
            (vec![named("category", b"temp")], "file"),
            (vec![file.clone(), file.clone()], "file"),
            (vec![file.clone(), named("colour", b"red")], "colour"),
            (vec![file.clone(), named("Crop", b"square")], "Crop"),
            (vec![file.clone(), named(&long, b"x")], &long[..50]),
            (
                vec![named("crop", b"a"), named("crop", b"a"), file.clone()],
                "crop",
            ),
            (vec![file.clone(), named("category", b"\xff")], "category"),
            (
                vec![named("category", &[b'x'; Fields::LONGEST + 1]), file],
                "category",
            ),
        ] {
            assert_eq!(refusal(form(&parts).await), (400, field.into()), "{field}");
        }
    }

    #[actix_web::test]
    async fn what_is_no_form_or_ends_too_early_is_refused() {
        for body in [b"".to_vec(), b"hello".to_vec(), named("file", b"x")] {
            let (status, _) = refusal(form_of(body.clone(), WHOLE).await);
            assert_eq!(status, 400, "{body:?}");
        }
        let cut = b"--b\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\nxyz".to_vec();
        assert_eq!(refusal(form_of(cut, WHOLE).await), (400, "body".into()));
        let unbounded = form_of(named("file", b"x"), "multipart/form-data").await;
        assert_eq!(refusal(unbounded), (400, "body".into()));
        for kind in [
            "application/json",
            "image/png",
            "multipart/mixed; boundary=b",
        ] {
            let refused = form_of(named("file", b"x"), kind).await;
            assert_eq!(refusal(refused).0, 415, "{kind}");
        }
    }
}
