use super::gate::admitted;
use crate::http::problem::ApiError;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures::future::LocalBoxFuture;

/// The `{id}` of a path. What is not a number names nothing, so it is 404.
pub(crate) struct Id<T>(pub(crate) T);

/// The second number of a path.
pub(crate) struct SubId<T>(pub(crate) T);

impl<T: From<i64>> FromRequest for Id<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Ok(Self(segment(&request, 0).await?)) })
    }
}

impl<T: From<i64>> FromRequest for SubId<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Ok(Self(segment(&request, 1).await?)) })
    }
}

async fn segment<T: From<i64>>(request: &HttpRequest, place: usize) -> Result<T, ApiError> {
    admitted(request).await;
    request
        .match_info()
        .iter()
        .nth(place)
        .and_then(|(_, text)| number(text))
        .map(T::from)
        .ok_or_else(ApiError::not_found)
}

/// A row's number, written plainly.
pub(crate) fn number(text: &str) -> Option<i64> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_numbers_name_a_row() {
        assert_eq!(number("42"), Some(42));
        for other in ["", "+1", "-1", "1.0", "abc", "１", "99999999999999999999"] {
            assert_eq!(number(other), None, "{other}");
        }
    }
}
