use crate::http::request_id;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// Nothing that the API answers is a page.
const API_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";
/// The documentation is one, made of files of our own; its start page styles itself inline.
const DOCS_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
const DOCS: &str = "/api/v1/docs";
const API: &str = "/api/";

/// The headers that every answer carries.
pub(crate) fn common(headers: &mut HeaderMap, request_id: &str, path: &str) {
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(HeaderName::from_static(request_id::HEADER), id);
    }
    secure(headers, path);
}

/// Headers that keep a browser from misunderstanding, framing or keeping an answer.
fn secure(headers: &mut HeaderMap, path: &str) {
    let is_docs = path.starts_with(DOCS);
    let policy = if is_docs { DOCS_POLICY } else { API_POLICY };
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, policy),
    ] {
        set(headers, name, value);
    }
    // Answers are about guests; a shared computer must not keep them.
    if path.starts_with(API) && !is_docs && !headers.contains_key(header::CACHE_CONTROL) {
        set(headers, header::CACHE_CONTROL, "no-store");
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_not_kept_and_the_documentation_may_run_its_own_scripts() {
        let mut data = HeaderMap::new();
        secure(&mut data, "/api/v1/members");
        assert_eq!(data.get(header::CACHE_CONTROL).unwrap(), "no-store");
        assert_eq!(
            data.get(header::CONTENT_SECURITY_POLICY).unwrap(),
            API_POLICY
        );

        let mut docs = HeaderMap::new();
        secure(&mut docs, "/api/v1/docs/index.html");
        assert!(!docs.contains_key(header::CACHE_CONTROL));
        assert_eq!(
            docs.get(header::CONTENT_SECURITY_POLICY).unwrap(),
            DOCS_POLICY
        );
    }

    #[test]
    fn what_a_handler_decided_stays() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("max-age=60"),
        );
        secure(&mut headers, "/api/v1/openapi.json");
        assert_eq!(headers.get(header::CACHE_CONTROL).unwrap(), "max-age=60");
    }
}
