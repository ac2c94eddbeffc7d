use crate::envelope::Entries;
use crate::retry_after::{http_date, retry_after};
use crate::text::cut;
use chrono::{DateTime, Utc};
use crm_members::PmsError;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use std::borrow::Cow;
use std::time::Duration;

/// No answer of the vendor's is longer.
pub(crate) const MOST_BYTES: usize = 20 * 1024 * 1024;
/// Longest words of the vendor's that are told on.
const WORDS: usize = 200;
const EXPIRED: &str = "1003";

/// What comes of one request.
pub(crate) enum Came {
    /// A body, to be read.
    Body(Body),
    /// Nothing changed; nothing did before this moment, by the earlier one of both clocks.
    Nothing(DateTime<Utc>),
}

/// A body that promises to be one.
pub(crate) struct Body(Vec<u8>);

/// Why a request was in vain.
#[derive(Debug)]
pub(crate) enum Vain {
    /// Asking again will not help.
    Final(PmsError),
    /// Asking again may help, after so long if that was said.
    ForNow(PmsError, Option<Duration>),
}

impl Vain {
    pub(crate) fn unreadable(why: &str) -> Self {
        Self::ForNow(PmsError::Unreadable(why.to_owned()), None)
    }

    pub(crate) fn unavailable(why: impl Into<String>) -> Self {
        Self::ForNow(PmsError::Unavailable(why.into()), None)
    }
}

/// A request that got no answer, told without its address.
pub(crate) fn no_answer(error: &reqwest::Error) -> Vain {
    Vain::unavailable(if error.is_timeout() {
        "timed out"
    } else if error.is_connect() {
        "could not connect"
    } else {
        "the connection broke"
    })
}

/// Reads an answer to its end. `asked_at` is when the request began.
pub(crate) async fn read(response: Response, asked_at: DateTime<Utc>) -> Result<Came, Vain> {
    let status = response.status();
    let headers = response.headers().clone();
    match status.as_u16() {
        204 => return Ok(Came::Nothing(earlier(asked_at, &headers))),
        401 | 403 => return Err(Vain::Final(PmsError::KeyRefused)),
        429 | 500..=599 | 408 => return Err(overwhelmed(status, &headers, asked_at)),
        _ => {}
    }
    let body = body_of(response).await;
    if status.is_success() {
        return body.map(Came::Body);
    }
    // 417 is how business errors come; what else is refused is told the same way.
    let said = body.ok().map(|body| body.into_refusal(status));
    Err(Vain::Final(
        said.unwrap_or_else(|| refused(status, None, "")),
    ))
}

fn overwhelmed(status: StatusCode, headers: &HeaderMap, now: DateTime<Utc>) -> Vain {
    let wait = header(headers, RETRY_AFTER.as_str()).and_then(|text| retry_after(text, now));
    let why = match status.as_u16() {
        429 => "too many requests".to_owned(),
        status => format!("status {status}"),
    };
    Vain::ForNow(PmsError::Unavailable(why), wait)
}

/// Changes between a clock that runs ahead and the vendor's would be lost; the earlier is safe.
fn earlier(asked_at: DateTime<Utc>, headers: &HeaderMap) -> DateTime<Utc> {
    let there = header(headers, DATE.as_str()).and_then(http_date);
    there.map_or(asked_at, |there| there.min(asked_at))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

async fn body_of(mut response: Response) -> Result<Body, Vain> {
    let too_long = || {
        let why = format!("the answer has more than {} MiB", MOST_BYTES >> 20);
        Vain::Final(PmsError::Unavailable(why))
    };
    let promised = response.content_length().unwrap_or_default();
    if promised > MOST_BYTES as u64 {
        return Err(too_long());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(promised).unwrap_or_default());
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() > MOST_BYTES => return Err(too_long()),
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return Ok(Body(bytes)),
            Err(error) if error.is_timeout() => return Err(Vain::unavailable("timed out")),
            Err(_) => return Err(Vain::unavailable("the answer broke off")),
        }
    }
}

impl Body {
    /// Its text; what is no text of ours is replaced, and the fields that hold it are dropped.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        let bytes = self.0.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.0);
        String::from_utf8_lossy(bytes)
    }

    fn into_refusal(self, status: StatusCode) -> PmsError {
        let text = self.text();
        let entries = Entries::parse(&text);
        entries.map_or_else(|| refused(status, None, ""), |e| refusal(status, &e))
    }
}

/// The object of an answer, unless it is a refusal in the clothes of a success.
pub(crate) fn opened(text: &str) -> Result<Entries<'_>, Vain> {
    let entries = Entries::parse(text).ok_or_else(|| Vain::unreadable("it is not JSON"))?;
    if code_of(&entries).is_none_or(|code| is_success(&code)) {
        return Ok(entries);
    }
    Err(Vain::Final(refusal(StatusCode::OK, &entries)))
}

fn is_success(code: &str) -> bool {
    !code.is_empty() && code.bytes().all(|b| b == b'0')
}

fn code_of(entries: &Entries<'_>) -> Option<String> {
    let code = entries
        .text("resultCode")
        .or_else(|| entries.text("code"))?;
    Some(cut(&code, WORDS))
}

fn refusal(status: StatusCode, entries: &Entries<'_>) -> PmsError {
    let Some(code) = code_of(entries).filter(|code| !is_success(code)) else {
        let words = entries.text("message").unwrap_or_default();
        return refused(status, None, &words);
    };
    let words = entries
        .text("resultMessage")
        .or_else(|| entries.text("message"));
    refused(status, Some(code), &words.unwrap_or_default())
}

fn refused(status: StatusCode, code: Option<String>, words: &str) -> PmsError {
    if code.as_deref() == Some(EXPIRED) {
        return PmsError::CursorExpired;
    }
    PmsError::Refused {
        code: code.unwrap_or_else(|| format!("status {}", status.as_u16())),
        message: cut(words, WORDS),
    }
}
