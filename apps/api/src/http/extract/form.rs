use super::admitted;
use crate::http::problem::ApiError;
use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::{StatusCode, header};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use crm_bootstrap::Crm;
use crm_uploads::UploadError;
use futures::future::LocalBoxFuture;
use futures::{Stream, StreamExt, stream};
use std::io::ErrorKind;
use std::marker::PhantomData;
use std::time::Duration;
use tokio::time::timeout;

/// How long a form may take to arrive.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long nothing at all of it may arrive.
const IDLE: Duration = Duration::from_secs(20);
/// What a form may have beside the file in it.
const AROUND_A_FILE: usize = 64 * 1024;
/// Longest value of a field that is no file.
const LONGEST_FIELD: usize = 256;
/// Longest name of a file that is looked at.
const LONGEST_NAME: usize = 200;

/// Which fields a form has beside its `file`.
pub(crate) trait FormFields: 'static {
    /// Their names.
    const TEXTS: &'static [&'static str];
}

/// A `multipart/form-data` body with one `file` in it and a few short texts. It is read only
/// when the caller is admitted, and no further than it may be long.
pub(crate) struct Form<F> {
    /// What is in the file.
    pub(crate) file: Vec<u8>,
    /// What the client calls the file: for people, never for a path.
    pub(crate) file_name: String,
    texts: Vec<(&'static str, String)>,
    fields: PhantomData<F>,
}

impl<F> Form<F> {
    /// The value of a field, if it was given.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let mut texts = self.texts.iter();
        texts
            .find(|(known, _)| *known == name)
            .map(|(_, text)| text.as_str())
    }
}

impl<F: FormFields> FromRequest for Form<F> {
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
                Err(_) => Err(too_slow()),
            }
        })
    }
}

fn too_slow() -> ApiError {
    ApiError::of_status(StatusCode::REQUEST_TIMEOUT)
}

/// The same chunks, and an error as soon as none has come for so long.
fn never_idle<S, B>(
    chunks: S,
    idle: Duration,
) -> impl Stream<Item = Result<B, PayloadError>> + use<S, B>
where
    S: Stream<Item = Result<B, PayloadError>> + Unpin,
{
    stream::unfold(Some(chunks), move |chunks| async move {
        let mut chunks = chunks?;
        match timeout(idle, chunks.next()).await {
            Ok(chunk) => Some((chunk?, Some(chunks))),
            Err(_) => Some((Err(PayloadError::Io(ErrorKind::TimedOut.into())), None)),
        }
    })
    // Forms are asked for more behind their end.
    .fuse()
}

/// The form, unless it is larger than allowed. Whatever is too much is refused as soon as it
/// shows, and the rest is not read.
async fn read<F: FormFields>(
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
        let bytes = self.bytes(&mut part, LONGEST_FIELD, too_long).await?;
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
            MultipartError::Payload(PayloadError::Io(error))
                if error.kind() == ErrorKind::TimedOut =>
            {
                too_slow()
            }
            _ => ApiError::invalid_field("body", "is not a form or ends too early"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[actix_web::test]
    async fn a_form_may_take_its_time_as_long_as_something_comes() {
        let idle = Duration::from_millis(400);
        let dripping = stream::iter(0..10).then(|n| async move {
            tokio::time::sleep(idle / 4).await;
            Ok(n)
        });
        let started = Instant::now();
        let mut form = Box::pin(never_idle(Box::pin(dripping), idle));
        let chunks: Vec<_> = form.by_ref().collect().await;
        assert!(form.next().await.is_none());
        assert!(chunks.iter().all(Result::is_ok), "{chunks:?}");
        assert_eq!(chunks.len(), 10);
        assert!(started.elapsed() > idle);
    }

    #[actix_web::test]
    async fn a_form_that_stops_coming_is_not_waited_for() {
        let stuck = stream::iter([Ok(1)]).chain(stream::pending());
        let chunks: Vec<_> = never_idle(stuck, Duration::from_millis(20)).collect().await;
        let [Ok(1), Err(error)] = &chunks[..] else {
            panic!("not one chunk and an error: {chunks:?}")
        };
        assert!(matches!(error, PayloadError::Io(error) if error.kind() == ErrorKind::TimedOut));
        let form = Reading {
            max_bytes: 1,
            known: &[],
            file: None,
            texts: Vec::new(),
        };
        let slow = PayloadError::Io(ErrorKind::TimedOut.into());
        let refusal = form.unreadable(&MultipartError::Payload(slow));
        assert_eq!(
            actix_web::ResponseError::status_code(&refusal),
            StatusCode::REQUEST_TIMEOUT
        );
    }
}
