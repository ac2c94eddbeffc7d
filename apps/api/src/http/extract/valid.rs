use super::gate::admitted;
use crate::http::problem::ApiError;
use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures::StreamExt;
use futures::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::error::Category;
use std::time::Duration;
use tokio::time::timeout;

/// Largest body of a request.
pub(crate) const LARGEST: usize = 256 * 1024;
/// How JSON writes the character that databases and C programs end a text with. Written raw it is
/// not JSON.
const NUL: &[u8] = br"\u0000";

/// A JSON body that has the shape of `T`. Whatever has another shape is refused by the name of
/// the field.
pub(crate) struct Valid<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for Valid<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            admitted(&request).await;
            if !is_json(&request) {
                return Err(ApiError::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
            }
            let body = read(&request, payload, LARGEST).await?;
            Ok(Self(parse(&body)?))
        })
    }
}

fn is_json(request: &HttpRequest) -> bool {
    request
        .content_type()
        .trim()
        .eq_ignore_ascii_case("application/json")
}

/// How long a body may take to arrive; whoever sends it byte by byte must not hold a place for ever.
const PATIENCE: Duration = Duration::from_secs(20);
/// Room made for a body before any of it is there, whatever length was announced.
const ROOM: usize = 16 * 1024;

/// The whole body, unless it is larger than allowed or too long in coming.
pub(crate) async fn read(
    request: &HttpRequest,
    payload: Payload,
    largest: usize,
) -> Result<Vec<u8>, ApiError> {
    match timeout(PATIENCE, read_all(request, payload, largest)).await {
        Ok(body) => body,
        Err(_) => Err(ApiError::of_status(StatusCode::REQUEST_TIMEOUT)),
    }
}

async fn read_all(
    request: &HttpRequest,
    mut payload: Payload,
    largest: usize,
) -> Result<Vec<u8>, ApiError> {
    let too_large = || ApiError::of_status(StatusCode::PAYLOAD_TOO_LARGE);
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<usize>().ok());
    if announced.is_some_and(|length| length > largest) {
        return Err(too_large());
    }
    let mut body = Vec::with_capacity(announced.unwrap_or_default().min(ROOM));
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| {
            ApiError::invalid_field("body", "could not be read to its end").caused_by(error)
        })?;
        if body.len() + chunk.len() > largest {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    if body.windows(NUL.len()).any(|part| part == NUL)
        && let Ok(value) = serde_json::from_slice::<Value>(body)
        && let Some(field) = nul_in(&value)
    {
        return Err(ApiError::invalid_field(
            if field.is_empty() { "body" } else { &field },
            "must not contain NUL characters",
        ));
    }
    // Every body is an object; serde would also fill one from a list, field by field.
    if body.trim_ascii_start().first() == Some(&b'[') {
        return Err(ApiError::invalid_field("body", "must be an object"));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| refusal(&error.path().to_string(), error.inner()))?;
    json.end().map_err(|error| refusal(".", &error))?;
    Ok(value)
}

/// The path of the first text with a NUL character in it, a key included.
fn nul_in(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then(String::new),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(place, item)| nul_in(item).map(|rest| join(&format!("[{place}]"), &rest))),
        Value::Object(fields) => fields.iter().find_map(|(key, item)| {
            if key.contains('\0') {
                return Some(key.replace('\0', ""));
            }
            nul_in(item).map(|rest| join(key, &rest))
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn join(first: &str, rest: &str) -> String {
    if rest.is_empty() || rest.starts_with('[') {
        format!("{first}{rest}")
    } else {
        format!("{first}.{rest}")
    }
}

fn refusal(path: &str, error: &serde_json::Error) -> ApiError {
    if error.classify() != Category::Data {
        let message = if error.is_eof() {
            "ends too early"
        } else {
            "is not JSON"
        };
        return ApiError::invalid_field("body", message);
    }
    let message = told(error);
    let path = path.trim_start_matches('.');
    let (field, message) = match named(&message) {
        Some((field, message)) => (join(path, field).trim_matches('.').to_owned(), message),
        None => (path.to_owned(), message.as_str()),
    };
    let field = if field.is_empty() { "body" } else { &field };
    ApiError::invalid_field(field, message)
}

/// The words of an error without the place in the text.
fn told(error: &serde_json::Error) -> String {
    let message = error.to_string();
    match message.rfind(" at line ") {
        Some(end) => message[..end].to_owned(),
        None => message,
    }
}

/// The field that an error names itself because it happened beside all fields.
fn named(message: &str) -> Option<(&str, &'static str)> {
    [
        ("missing field `", "is required"),
        ("duplicate field `", "must be given once"),
    ]
    .into_iter()
    .find_map(|(prefix, told)| {
        let rest = message.strip_prefix(prefix)?;
        Some((rest.strip_suffix('`')?, told))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::wire::Gender;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Guest {
        name: String,
        #[serde(default)]
        gender: Option<Gender>,
        #[serde(default)]
        cards: Vec<Card>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Card {
        title: String,
    }

    fn field_of(body: &str) -> String {
        parse::<Guest>(body.as_bytes()).unwrap_err().field_names()
    }

    #[test]
    fn whatever_has_another_shape_is_told_by_the_name_of_its_field() {
        for (body, field) in [
            (r#"{"name": 7}"#, "name"),
            (r#"{"gender": "male"}"#, "name"),
            (r#"{"name": "a", "name": "b"}"#, "name"),
            (r#"{"name": "a", "nmae": "b"}"#, "nmae"),
            (r#"{"name": "a", "gender": "robot"}"#, "gender"),
            (r#"{"name": "a", "gender": ""}"#, "gender"),
            (
                r#"{"name": "a", "cards": [{"title": "x"}, {}]}"#,
                "cards[1].title",
            ),
            (
                r#"{"name": "a", "cards": [{"title": null}]}"#,
                "cards[0].title",
            ),
            (
                r#"{"name": "a", "cards": [{"title": "x", "y": 1}]}"#,
                "cards[0].y",
            ),
            (r#"{"name": "a", "cards": {}}"#, "cards"),
            ("[]", "body"),
            (r#"["a"]"#, "body"),
            ("null", "body"),
            ("", "body"),
            (r#"{"name": "#, "body"),
            (r#"{"name": "a"} x"#, "body"),
            ("{name: 1}", "body"),
        ] {
            assert_eq!(field_of(body), field, "{body}");
        }
    }

    #[test]
    fn nul_characters_are_refused_wherever_they_are() {
        let nul = r"\u0000";
        assert_eq!(field_of(&format!(r#"{{"name": "a{nul}"}}"#)), "name");
        let card = format!(r#"{{"name": "a", "cards": [{{"title": "{nul}"}}]}}"#);
        assert_eq!(field_of(&card), "cards[0].title");
        // An escaped backslash before u0000 is six harmless characters.
        assert!(parse::<Guest>(br#"{"name": "\\u0000"}"#).is_ok());
    }

    #[test]
    fn endless_nesting_is_not_followed() {
        let deep = format!(r#"{{"name": "a", "cards": {}"#, "[".repeat(10_000));
        assert!(parse::<Guest>(deep.as_bytes()).is_err());
    }
}
